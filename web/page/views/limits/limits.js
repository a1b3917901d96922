// What a sandbox may hold, what it has lost to that, and what runs here.
import { html, useState } from "../../vendor/htm-preact.js";
import { use, useLoad } from "../../hooks.js";
import { exact, size, until } from "../../format.js";
import { number, t } from "../../i18n.js";
import { api, url } from "../../api.js";
import { info, loadSandboxes, sandbox } from "../../state.js";
import { Field, Loaded } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";

const factors = { "": 1, B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30 };

function octets(text) {
  if (!text.trim()) return null;
  const [, n, unit] = text.trim().match(/^([\d.]+)\s*([KMG]?i?B?)$/i) || [];
  const factor = factors[(unit || "").toUpperCase()];
  if (!n || !factor) throw new Error(t("limits.bad_size", { text }));
  return Math.round(Number(n) * factor);
}

const sizeText = n => (n === null ? "" : n % 2 ** 30 === 0 ? n / 2 ** 30 + "GB" : n % 2 ** 20 === 0 ? n / 2 ** 20 + "MB" : String(n));

function Meter({ label, n, limit, show }) {
  const part = limit ? Math.min(1, n / limit) : 0;
  return html`<div><div class="row-of"><span>${label}</span><span class="spread"></span><span class="muted">${limit === null ? `${show(n)} · ${t("limits.none")}` : t("limits.of", { n: show(n), limit: show(limit) })}</span></div>
    <div class=${"meter" + (part > .9 ? " full" : "")}><i style=${{ width: part * 100 + "%" }}></i></div></div>`;
}

function Form({ box, changed }) {
  const l = box.limits, [form, set] = useState({ messages: l.messages ?? "", bytes: sizeText(l.bytes), age: l.age ?? "", on_full: l.on_full });
  const change = key => e => set({ ...form, [key]: e.target.value });
  const submit = async e => {
    e.preventDefault();
    await attempt(async () => {
      await api.patchSandbox(box.name, { limits: { messages: form.messages === "" ? null : Number(form.messages), bytes: octets(form.bytes), age: form.age.trim() || null, on_full: form.on_full } });
      changed();
      loadSandboxes();
    }, t("limits.saved"));
  };
  return html`<form class="columns" onSubmit=${submit}><${Field} label=${t("limits.messages")} hint=${t("limits.messages.hint")}><input type="number" min="1" value=${form.messages} onInput=${change("messages")} /><//>
    <${Field} label=${t("limits.bytes")} hint=${t("limits.bytes.hint")}><input type="text" value=${form.bytes} onInput=${change("bytes")} /><//>
    <${Field} label=${t("limits.age")} hint=${t("limits.age.hint")}><input type="text" value=${form.age} onInput=${change("age")} /><//>
    <${Field} label=${t("limits.full")}><select value=${form.on_full} onChange=${change("on_full")}><option value="prune" selected=${form.on_full === "prune"}>${t("limits.prune")}</option><option value="refuse" selected=${form.on_full === "refuse"}>${t("limits.refuse")}</option></select><//>
    <p><button class="button primary">${t("save")}</button></p></form>`;
}

function Server({ server }) {
  return html`<section class="sheet"><h2>${t("limits.server")}</h2><dl class="facts"><div><dt>${t("limits.version")}</dt><dd>${server.version}</dd></div><div><dt>${t("limits.up")}</dt><dd title=${exact(server.started_at)}>${until(2 * Date.now() - new Date(server.started_at))}</dd></div>
    <div><dt>${t("limits.message_size")}</dt><dd>${size(server.limits.message_size)}</dd></div><div><dt>${t("limits.durability")}</dt><dd>${server.durability}</dd></div>${server.data && html`<div><dt>${t("limits.data")}</dt><dd><code>${server.data}</code></dd></div>`}
    <div><dt>${t("limits.listeners")}</dt><dd>${server.listeners.map(l => html`<code class="listener" key=${l.name + l.port}>${l.name} ${l.host}:${l.port}${l.tls ? " · " + l.tls : ""}</code>`)}</dd></div>
    ${server.ca && html`<div><dt>${t("limits.ca")}</dt><dd><a href=${url.ca()} download>${t("limits.ca.get")}</a></dd></div>`}</dl></section>`;
}

export default function Limits() {
  const name = use(sandbox), server = use(info), state = useLoad(() => api.sandbox(name), [name]);
  return html`<section class="page-view narrow-view" aria-label=${t("view.limits")}><header class="view-head"><h1>${t("view.limits")}</h1><span class="muted">${name}</span></header><p class="view-what">${t("limits.what")}</p>
    <${Loaded} state=${state}>${box => html`<div class="meters"><${Meter} label=${t("limits.messages")} n=${box.messages} limit=${box.limits.messages} show=${number} /><${Meter} label=${t("limits.bytes")} n=${box.bytes} limit=${box.limits.bytes} show=${size} />
      <div class="row-of"><span>${t("limits.pruned")}</span><span class="spread"></span><strong class=${box.pruned ? "warned" : ""}>${number(box.pruned)}</strong></div></div>
      <${Form} key=${JSON.stringify(box.limits)} box=${box} changed=${state.reload} />`}<//>
    ${server && html`<${Server} server=${server} />`}</section>`;
}
