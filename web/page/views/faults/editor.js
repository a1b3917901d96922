// Makes or changes a fault rule: a preset to begin with, then where, what, how
// often and for whom; beside it the request that does the same.
import { html, useState } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { use } from "../../hooks.js";
import { go, near, route } from "../../router.js";
import { Icon } from "../../ui/icons.js";
import { Copy, Field, useFirstField } from "../../ui/parts.js";
import { points, pointName, presets } from "./rules.js";

const kinds = ["reply", "cut", "delay", "throttle", "cut_after"];

/** A rule as the fields of the form: effects become ticks with a value each. */
function formOf(rule) {
  const e = rule.effect || {};
  return {
    id: rule.id || "", points: rule.points || ["smtp.rcpt"], times: rule.times ?? 1, skip: rule.skip || 0, chance: rule.chance ? Math.round(rule.chance * 100) : 100,
    forward_path: rule.forward_path || "", reverse_path: rule.reverse_path || "", client: rule.client || "", user: rule.user || "", seed: rule.seed || 0,
    on: rule.effect ? kinds.filter(k => (k === "reply" ? e.code || e.text : e[k])) : ["reply"],
    code: e.code || 451, enhanced: e.enhanced || "", text: e.text || "", delay: e.delay || "5s", throttle: e.throttle || 2048, cut_after: e.cut_after || 1024,
  };
}

/** A preset with a name that no rule has yet. */
function named(preset, taken) {
  let { id } = preset;
  for (let n = 2; taken.includes(id); n++) id = `${preset.id}-${n}`;
  return { ...preset, id };
}

/** The body of PUT /faults/{id}; what is empty is left out. */
export function bodyOf(f) {
  const has = k => f.on.includes(k), smtp = f.points.some(p => p.startsWith("smtp."));
  const effect = {
    ...(has("reply") ? { ...(smtp ? { code: Number(f.code) } : {}), ...(smtp && f.enhanced ? { enhanced: f.enhanced } : {}), ...(f.text ? { text: f.text } : {}) } : {}),
    ...(has("delay") ? { delay: f.delay.trim() } : {}), ...(has("cut") ? { cut: true } : {}),
    ...(has("cut_after") ? { cut_after: Number(f.cut_after) } : {}), ...(has("throttle") ? { throttle: Number(f.throttle) } : {}),
  };
  const rest = { forward_path: f.forward_path.trim(), reverse_path: f.reverse_path.trim(), client: f.client.trim(), user: f.user.trim(), skip: Number(f.skip), times: Number(f.times),
    chance: Number(f.chance) < 100 ? Number(f.chance) / 100 : 0, seed: f.seed };
  return { points: f.points, ...Object.fromEntries(Object.entries(rest).filter(([, v]) => v)), effect };
}

const quoted = s => "'" + s.replaceAll("'", `'\\''`) + "'";

function Effects({ form, set }) {
  const input = (key, type = "text", rest = {}) => html`<input type=${type} name=${key} aria-label=${t("fault." + key)} value=${form[key]} onInput=${e => set({ [key]: e.target.value })} ...${rest} />`;
  const smtp = form.points.some(p => p.startsWith("smtp."));
  const fields = {
    reply: html`${smtp && html`${input("code", "number", { min: 200, max: 599, class: "fault-code" })}${input("enhanced", "text", { class: "fault-code", placeholder: "4.7.1" })}`}${input("text", "text", { dir: "auto" })}`,
    delay: input("delay", "text", { class: "fault-code", placeholder: "5s" }), cut: null,
    cut_after: input("cut_after", "number", { min: 1, class: "fault-code" }), throttle: input("throttle", "number", { min: 1, class: "fault-code" }),
  };
  return html`<fieldset class="plain fault-effects"><legend class="field-label">${t("fault.effect")}</legend>${kinds.map(k => html`<div class="fault-effect" key=${k}>
      <label class="check"><input type="checkbox" checked=${form.on.includes(k)} onChange=${e => set({ on: e.target.checked ? [...form.on, k] : form.on.filter(x => x !== k) })} /> ${t("fault.kind." + k)}</label>
      ${form.on.includes(k) && fields[k] && html`<span class="fault-values">${fields[k]}</span>`}</div>`)}</fieldset>`;
}

export function Editor({ rule, name, taken, close, saved }) {
  const made = Boolean(rule.id);
  const { preset } = use(route).query, first = !made && presets.find(p => p.id === preset);
  const [form, put] = useState(() => formOf(first ? named(first, taken) : rule)), [error, fail] = useState(""), set = part => put(f => ({ ...f, ...part }));
  const begin = p => {
    put(formOf(named(p, taken)));
    go({ query: { preset: p.id } }, true);
  };
  const submit = async e => {
    e.preventDefault();
    fail("");
    try {
      saved(await api.putFault(name, form.id.trim(), bodyOf(form)));
    } catch (err) {
      fail(err.message);
    }
  };
  const body = bodyOf(form), base = new URL("v1", location.href.split("#")[0]).href, known = Object.values(points).flat();
  const curl = `curl -fsS -X PUT ${quoted(`${base}/faults/${encodeURIComponent(form.id || "NAME")}?sandbox=${name}`)} \\\n  --json ${quoted(JSON.stringify(body))}`;
  const short = (key, rest) => html`<${Field} label=${t("fault." + key)} hint=${rest.hint}><input type=${rest.type || "text"} name=${key} min=${rest.min} max=${rest.max} placeholder=${rest.placeholder} spellcheck="false" value=${form[key]}
    onInput=${e => set({ [key]: e.target.value })} /><//>`;
  return html`<form class="editor" ref=${useFirstField()} onSubmit=${submit}><header class="editor-head"><h2>${made ? rule.id : t("faults.new")}</h2><span class="spread"></span>
      <a class="icon-button" href=${near({ view: "faults" })} aria-label=${t("close")}><${Icon} name="close" /></a></header>
    ${!made && html`<div class="presets" role="group" aria-label=${t("fault.presets")}>${presets.map(p => html`<button type="button" class="preset" key=${p.id} aria-pressed=${preset === p.id} onClick=${() => begin(p)}>
      <b>${t("fault.preset." + p.id)}</b><small>${p.points.map(pointName).join(", ")}</small></button>`)}</div>
    <${Field} label=${t("fault.id")} hint=${t("fault.id.hint")}><input type="text" name="id" required autofocus maxlength="60" pattern="[^/]+" autocomplete="off" spellcheck="false" value=${form.id} onInput=${e => set({ id: e.target.value })} /><//>`}
    <${Field} label=${t("fault.points")} hint=${t("fault.points.hint")}><select name="points" value=${form.points[0]} onChange=${e => set({ points: [e.target.value] })}>
      ${form.points.length > 1 && html`<option value=${form.points[0]} selected>${form.points.map(pointName).join(", ")}</option>`}
      ${Object.entries(points).map(([server, list]) => html`<optgroup label=${server} key=${server}>${list.map(p => html`<option value=${p} selected=${form.points.length === 1 && p === form.points[0]}>${pointName(p)}</option>`)}</optgroup>`)}
      ${!known.includes(form.points[0]) && html`<option value=${form.points[0]} selected>${form.points[0]}</option>`}</select><//>
    <${Effects} form=${form} set=${set} />
    <div class="columns flat">${short("times", { type: "number", min: 0, hint: t("fault.times.hint") })}${short("skip", { type: "number", min: 0 })}${short("chance", { type: "number", min: 1, max: 100, hint: t("fault.chance.hint") })}</div>
    <details class="more-fields" open=${Boolean(form.forward_path || form.reverse_path || form.client || form.user)}><summary>${t("fault.only")}</summary>
      <div class="columns flat">${short("forward_path", { placeholder: "*@x.test" })}${short("reverse_path", { placeholder: "*@shop.test" })}${short("client", { placeholder: "127.0.0.1" })}${short("user", { placeholder: "app-*" })}</div></details>
    <details class="more-fields"><summary>${t("fault.request")}</summary><div class="code"><pre tabindex="0">${curl}</pre><${Copy} text=${curl} /></div></details>
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    <footer class="editor-foot"><button class="button primary" disabled=${!form.on.length}>${t(made ? "save" : "fault.start")}</button>
      <button type="button" class="button" onClick=${close}>${t("cancel")}</button></footer></form>`;
}
