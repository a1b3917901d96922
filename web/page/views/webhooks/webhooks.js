// Who is told of this sandbox's events, and what became of each telling.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { use, useFresh, useLoad, useTick } from "../../hooks.js";
import { ago, exact } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { listen } from "../../live.js";
import { go, near, route } from "../../router.js";
import { calmly, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Chip, Confirm, Copy, Dialog, Empty, Field, IconButton, Loaded } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";

const events = ["message.received", "message.updated", "message.deleted"];

function Edit({ hook, name, close, saved }) {
  const [form, set] = useState({ url: hook?.url || "", filter: JSON.stringify(hook?.filter || {}), events: hook?.events || [] }), [error, fail] = useState("");
  const submit = async e => {
    e.preventDefault();
    let filter;
    try {
      filter = JSON.parse(form.filter || "{}");
    } catch (err) {
      return fail(t("webhook.bad_json", { error: err.message }));
    }
    try {
      const body = { url: form.url, filter, events: form.events };
      saved(await (hook ? api.patchWebhook(name, hook.id, body) : api.createWebhook(name, body)));
    } catch (err) {
      fail(err.message);
    }
  };
  const toggle = e => set({ ...form, events: form.events.includes(e) ? form.events.filter(x => x !== e) : [...form.events, e] });
  return html`<${Dialog} title=${hook ? t("edit") : t("webhooks.new")} close=${close}><form onSubmit=${submit}>
    <${Field} label=${t("webhook.url")}><input type="url" required autofocus placeholder="https://app.test/hooks/mail" value=${form.url} onInput=${e => set({ ...form, url: e.target.value })} /><//>
    <${Field} label=${t("webhook.filter")} hint=${t("webhook.filter.hint")}><textarea rows="2" class="mono" spellcheck="false" value=${form.filter} onInput=${e => set({ ...form, filter: e.target.value })}></textarea><//>
    <fieldset class="plain"><legend class="field-label">${t("webhook.events")}</legend>${events.map(e => html`<label class="check" key=${e}><input type="checkbox" checked=${form.events.includes(e)} onChange=${() => toggle(e)} /> <code>${e}</code></label>`)}
      <span class="field-hint">${t("webhook.events.hint")}</span></fieldset>
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button><button class="button primary">${t("save")}</button></footer></form><//>`;
}

/** The subject of what was posted; a body that was cut has none. */
function subjectOf(body) {
  try {
    const { message, data } = JSON.parse(body);
    return (message ?? data)?.subject ?? "";
  } catch {
    return body.match(/"subject":\s*("(?:[^"\\]|\\.)*")/)?.[1].replace(/^"|"$/g, "") ?? "";
  }
}

function Delivery({ d, again }) {
  return html`<details class="attempt"><summary><time title=${exact(d.at)}>${ago(d.at)}</time> <b>${d.event}</b><span class="attempt-what muted" dir="auto">${subjectOf(d.body)}</span><span class="muted">${t("webhook.took", { n: d.took_ms })}</span>
      <${Chip} kind=${d.status >= 200 && d.status < 300 ? "good" : "bad"}>${d.status || d.error.slice(0, 30) || "–"}<//></summary>${d.error && html`<p class="note bad">${d.error}</p>`}
    <h4>${t("webhook.body")}</h4><pre class="source" tabindex="0">${d.body}</pre>${d.response && html`<h4>${t("webhook.response")}</h4><pre class="source" tabindex="0">${d.response}</pre>`}
    <button class="button small" onClick=${again}>${t("webhook.replay")}</button></details>`;
}

function Side({ hook, name, edit, remove, changed }) {
  const state = useLoad(() => api.deliveries(name, hook.id), [name, hook.id]);
  useTick(10);
  // No event tells of a delivery: look after what may cause one, and while one waits.
  useEffect(() => {
    const soon = calmly(500, state.reload);
    return listen(({ name: event }) => (event.startsWith("message.") || event === "resync") && soon());
  }, [state.reload]);
  const waits = state.data?.waiting > 0;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(() => document.hidden || state.reload(), 1500);
    return () => clearInterval(timer);
  }, [waits, state.reload]);
  const flip = async () => { await attempt(() => api.patchWebhook(name, hook.id, { enabled: !hook.enabled })); changed(); };
  const again = d => attempt(() => api.replay(name, hook.id, d.id), t("webhook.replayed")).then(state.reload);
  return html`<div class="split-side"><header class="editor-head"><h2><code>${hook.url}</code></h2><span class="spread"></span><a class="icon-button" href=${near({ view: "webhooks" })} aria-label=${t("close")}><${Icon} name="close" /></a></header>
    <div class="editor-foot top"><label class="check"><input type="checkbox" checked=${hook.enabled} onChange=${flip} /> ${t(hook.enabled ? "webhook.on" : "webhook.off")}</label><span class="spread"></span>
      <button class="button small" onClick=${edit}>${t("edit")}</button><button class="button small" onClick=${remove}>${t("remove")}</button></div>
    <dl class="facts"><div><dt>${t("webhook.filter")}</dt><dd><code>${JSON.stringify(hook.filter)}</code></dd></div><div><dt>${t("webhook.events")}</dt><dd>${(hook.events.length ? hook.events : events).join(", ")}</dd></div></dl>
    <div class="side-title row-of"><h3>${t("webhook.log")}</h3><span class="spread"></span><${IconButton} icon="refresh" label=${t("refresh")} onClick=${state.reload} /></div>
    <${Loaded} state=${state}>${({ deliveries, waiting }) => html`${waiting > 0 && html`<p class="note">${t("webhook.waiting", { n: waiting })}</p>`}${!deliveries.length && html`<p class="muted">${t("webhook.log.none")}</p>`}
      ${deliveries.map((d, i) => html`<${Delivery} key=${d.id + "/" + i} d=${d} again=${() => again(d)} />`)}`}<//></div>`;
}

export default function Webhooks() {
  const name = use(sandbox), at = use(route), [dialog, show] = useState(null), close = () => show(null);
  const state = useLoad(() => api.webhooks(name), [name]);
  useFresh(state.reload);
  const hook = state.data?.webhooks.find(w => w.id === at.id);
  const saved = w => {
    state.reload();
    show(w.secret ? { kind: "secret", w } : null);
    go({ id: w.id });
  };
  return html`<section class=${"page-view split" + (hook ? " open" : "")} aria-label=${t("view.webhooks")}><div class="split-list"><header class="view-head"><h1>${t("view.webhooks")}</h1><span class="spread"></span>
      <button class="button small primary" onClick=${() => show({ kind: "edit" })}><${Icon} name="plus" />${t("webhooks.new")}</button></header>
    <${Loaded} state=${state}>${({ webhooks }) => (webhooks.length ? html`<ul class="people-list">${webhooks.map(w => html`<li key=${w.id}><a href=${near({ view: "webhooks", id: w.id })} aria-current=${w.id === at.id ? "true" : undefined}>
        <span><b>${w.url}</b><small>${(w.events.length ? w.events : events).join(", ")}</small></span><span class="spread"></span><${Chip} kind=${w.enabled ? "good" : ""}>${t(w.enabled ? "webhook.on" : "webhook.off")}<//></a></li>`)}</ul>`
      : html`<${Empty} icon="webhooks" title=${t("webhooks.none")}><p>${t("webhooks.none.what")}</p><//>`)}<//></div>
    ${hook && html`<${Side} key=${hook.id} hook=${hook} name=${name} changed=${state.reload} edit=${() => show({ kind: "edit", hook })} remove=${() => show({ kind: "remove" })} />`}
    ${dialog?.kind === "edit" && html`<${Edit} hook=${dialog.hook} name=${name} close=${close} saved=${saved} />`}
    ${dialog?.kind === "secret" && html`<${Dialog} title=${dialog.w.url} close=${close}><p class="note good">${t("webhook.secret")}</p><div class="code"><pre tabindex="0">${dialog.w.secret}</pre><${Copy} text=${dialog.w.secret} /></div><//>`}
    ${dialog?.kind === "remove" && html`<${Confirm} title=${t("webhook.delete")} text=${t("webhook.delete.what")} yes=${t("remove")} close=${close} run=${() => attempt(async () => { await api.deleteWebhook(name, hook.id); go({ id: "" }); state.reload(); })} />`}</section>`;
}
