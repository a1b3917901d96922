// All sandboxes: make one, hand out its credentials, change its life, end it.
import { html, useState } from "../../vendor/htm-preact.js";
import { use, useFresh, useLoad, useTick } from "../../hooks.js";
import { ago, exact, size, until } from "../../format.js";
import { number, t } from "../../i18n.js";
import { api } from "../../api.js";
import { link } from "../../router.js";
import { admin, loadSandboxes, sandboxes } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Chip, Confirm, Copy, Dialog, Field } from "../../ui/parts.js";
import { attempt, copy } from "../../ui/toast.js";

const lives = ["1h", "8h", "24h", "168h", ""];
const life = v => (v === "" ? t("sandbox.forever") : parseInt(v) >= 48 ? t("days", { n: parseInt(v) / 24 }) : t("hours", { n: parseInt(v) }));
const LifeSelect = ({ value, change }) => html`<select value=${value} onChange=${e => change(e.target.value)}>${lives.map(v => html`<option value=${v} selected=${v === value}>${life(v)}</option>`)}</select>`;

const env = s => [`CATCHPOST_URL=${s.api_url.replace(/\/v1$/, "")}`, `CATCHPOST_SANDBOX=${s.name}`, `CATCHPOST_TOKEN=${s.token}`,
  ...(s.smtp ? [`SMTP_HOST=${s.smtp.host}`, `SMTP_PORT=${s.smtp.port}`, `SMTP_USER=${s.smtp.user}`, `SMTP_PASSWORD=${s.smtp.password}`] : [])].join("\n");

function Made({ s, close }) {
  const rows = [["sandbox.token", s.token], ["sandbox.domain", s.domain && "anyone@" + s.domain], ["SMTP", s.smtp?.url], ["POP3", s.pop3 && `${s.pop3.host}:${s.pop3.port}`], ["IMAP", s.imap && `${s.imap.host}:${s.imap.port}`], ["API", s.api_url], ["view.mail", s.page_url]];
  return html`<${Dialog} title=${t("sandbox.made", { name: s.name })} close=${close} wide><p class="note good">${t("sandbox.token.once")}</p>
    <dl class="facts">${rows.filter(([, v]) => v).map(([k, v]) => html`<div><dt>${t(k)}</dt><dd><code>${v}</code><${Copy} text=${v} label=${t("copy.what", { what: t(k) })} /></dd></div>`)}</dl>
    <footer class="dialog-foot"><button class="button" onClick=${() => copy(env(s))}>${t("sandbox.copy.env")}</button>
      <a class="button primary" href=${link({ sandbox: s.name })} onClick=${close}>${t("sandbox.open")}</a></footer><//>`;
}

function Make({ close, made }) {
  const [form, set] = useState({ name: "", ttl: "24h", labels: "" }), [error, fail] = useState("");
  const submit = async e => {
    e.preventDefault();
    const labels = Object.fromEntries(form.labels.split(",").map(p => p.split("=").map(s => s.trim())).filter(([k]) => k).map(([k, v = ""]) => [k, v]));
    try {
      made(await api.createSandbox({ ...(form.name ? { name: form.name } : {}), ttl: form.ttl || null, ...(Object.keys(labels).length ? { labels } : {}) }));
    } catch (err) {
      fail(err.message);
    }
  };
  return html`<${Dialog} title=${t("sandboxes.new")} close=${close}><form onSubmit=${submit}>
    <${Field} label=${t("sandbox.name")} hint=${t("sandbox.name.hint")}><input type="text" name="name" autofocus autocomplete="off" spellcheck="false" value=${form.name} onInput=${e => set({ ...form, name: e.target.value.trim() })} /><//>
    <${Field} label=${t("sandbox.ttl")}><${LifeSelect} value=${form.ttl} change=${ttl => set({ ...form, ttl })} /><//>
    <${Field} label=${t("sandbox.labels")} hint=${t("sandbox.labels.hint")}><input type="text" autocomplete="off" value=${form.labels} onInput=${e => set({ ...form, labels: e.target.value })} /><//>
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button><button class="button primary">${t("create")}</button></footer></form><//>`;
}

function Life({ s, close }) {
  const [ttl, set] = useState("24h");
  const submit = async e => {
    e.preventDefault();
    if (await attempt(() => api.patchSandbox(s.name, { ttl: ttl || null }))) close();
    loadSandboxes();
  };
  return html`<${Dialog} title=${t("sandbox.extend")} close=${close}><form onSubmit=${submit}><${Field} label=${t("sandbox.ttl")}><${LifeSelect} value=${ttl} change=${set} /><//>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button><button class="button primary">${t("save")}</button></footer></form><//>`;
}

function Row({ s, isAdmin, show }) {
  return html`<tr><td><a class="strong" href=${link({ sandbox: s.name })}>${s.name}</a>${s.domain && html`<small><code>@${s.domain}</code></small>`}</td>
    <td class="num">${number(s.messages)}${s.pruned > 0 && html`<small>${t("pruned", { n: s.pruned })}</small>`}</td><td class="num wide-only">${size(s.bytes)}</td>
    <td class="wide-only">${Object.entries(s.labels || {}).map(([k, v]) => html`<${Chip} key=${k}>${k}=${v}<//> `)}</td>
    <td title=${s.expires_at ? exact(s.expires_at) : ""}>${s.expires_at ? until(s.expires_at) : t(s.name === "default" ? "sandbox.always" : "sandbox.forever")}<small>${t("sandbox.since", { when: ago(s.created_at) })}</small></td>
    <td class="tools">${isAdmin && s.name !== "default" && html`<button class="button small" onClick=${() => show({ kind: "life", s })}>${t("sandbox.extend")}</button>
      <button class="button small" onClick=${() => show({ kind: "end", s })}>${t("sandbox.end")}</button>`}</td></tr>`;
}

export default function Sandboxes() {
  const all = use(sandboxes), isAdmin = use(admin), [dialog, show] = useState(null), close = () => show(null);
  useTick(20);
  useLoad(loadSandboxes, []);
  useFresh(loadSandboxes, 5); // the stream tells of the sandbox on show alone
  const sorted = [...all].sort((a, b) => (b.name === "default") - (a.name === "default") || new Date(b.created_at) - new Date(a.created_at));
  return html`<section class="page-view" aria-label=${t("view.sandboxes")}><header class="view-head"><h1>${t("view.sandboxes")}</h1><span class="spread"></span>
      ${isAdmin && html`<button class="button small primary" onClick=${() => show({ kind: "make" })}><${Icon} name="plus" />${t("sandboxes.new")}</button>`}</header>
    <p class="view-what">${t("sandboxes.what")}</p>
    <div class="scroll" tabindex="0" role="region" aria-label=${t("view.sandboxes")}><table class="table stack"><thead><tr><th scope="col">${t("sandbox.name")}</th><th scope="col" class="num">${t("sandbox.messages")}</th><th scope="col" class="num wide-only">${t("sandbox.bytes")}</th><th scope="col" class="wide-only">${t("sandbox.labels")}</th><th scope="col">${t("sandbox.ttl")}</th><th scope="col"><span class="away">${t("more")}</span></th></tr></thead>
      <tbody>${sorted.map(s => html`<${Row} key=${s.name} s=${s} isAdmin=${isAdmin} show=${show} />`)}</tbody></table></div>
    ${dialog?.kind === "make" && html`<${Make} close=${close} made=${s => { loadSandboxes(); show({ kind: "made", s }); }} />`}
    ${dialog?.kind === "made" && html`<${Made} s=${dialog.s} close=${close} />`}
    ${dialog?.kind === "life" && html`<${Life} s=${dialog.s} close=${close} />`}
    ${dialog?.kind === "end" && html`<${Confirm} title=${t("sandbox.end.title", { name: dialog.s.name })} text=${t("sandbox.end.what")} yes=${t("sandbox.end")} close=${close}
      run=${() => attempt(async () => { await api.endSandbox(dialog.s.name); await loadSandboxes(); }, t("sandbox.ended", { name: dialog.s.name }))} />`}</section>`;
}
