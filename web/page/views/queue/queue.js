// Mail on its way out: what waits, what was tried, and what to do about it.
import { html, useEffect } from "../../vendor/htm-preact.js";
import { use, useLoad, useTick } from "../../hooks.js";
import { ago, exact, until } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { listen } from "../../live.js";
import { go, near, route } from "../../router.js";
import { calmly, relaying, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Chip, Empty, Loaded } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";
import { Lines } from "../sessions/lines.js";

const states = ["queued", "deferred", "held", "relayed", "delivered", "failed", "expired", "cancelled"];

/** Which actions a state allows; the others are over. */
const actions = { queued: ["retry", "hold", "cancel"], deferred: ["retry", "hold", "cancel"], held: ["release", "cancel"] };

function Attempt({ a, last }) {
  return html`<details class="attempt" open=${last}><summary><time title=${exact(a.at)}>${ago(a.at)}</time> <b>${a.host || "–"}</b> <span class="muted">${a.address}</span>
      <span class="spread"></span><${Chip} kind=${a.outcome}>${a.code ? `${a.code} ${a.enhanced_code}` : a.stage || a.outcome}<//></summary><p>${a.text}</p>${a.tls && html`<p class="muted">${a.tls.version} · ${a.tls.cipher}</p>`}
    ${a.transcript?.length > 0 && html`<div><${Lines} lines=${a.transcript} /></div>`}</details>`;
}

function Side({ id, name, changed }) {
  const state = useLoad(() => api.queueEntry(name, id), [name, id]);
  const message = state.data?.message_id;
  const about = useLoad(() => (message ? api.message(name, message) : null), [name, message]);
  useEffect(() => listen(({ name: event, data }) => event.startsWith("queue.") && (!data?.id || data.id === id) && state.reload()), [id]);
  const act = action => attempt(async () => {
    await api.queueAction(name, id, action);
    state.reload();
    changed();
  }, t("queue.done"));
  return html`<div class="split-side"><${Loaded} state=${state}>${e => html`<header class="editor-head"><h2><code>${e.forward_path}</code></h2><${Chip} kind=${e.state}>${t("state." + e.state)}<//><span class="spread"></span>
      <a class="icon-button" href=${near({ view: "queue" })} aria-label=${t("close")}><${Icon} name="close" /></a></header>
    <div class="editor-foot top">${(actions[e.state] || []).map(a => html`<button class="button small" key=${a} onClick=${() => act(a)}>${t("queue." + a)}</button>`)}</div>
    <dl class="facts"><div><dt>${t("message")}</dt><dd><a href=${near({ id: e.message_id })} dir="auto">${about.data ? about.data.subject || t("no_subject") : e.message_id}</a></dd></div><div><dt>${t("reverse_path")}</dt><dd><code>${`<${e.reverse_path}>`}</code></dd></div>
      ${e.reason && html`<div><dt>${t("queue.reason")}</dt><dd>${e.reason}</dd></div>`}<div><dt>${t("session.when")}</dt><dd>${exact(e.queued_at)}</dd></div>
      ${e.next_at && actions[e.state] && html`<div><dt>${t("queue.next")}</dt><dd>${until(e.next_at)}</dd></div>`}${e.expires_at && html`<div><dt>${t("queue.expires")}</dt><dd>${exact(e.expires_at)}</dd></div>`}</dl>
    <h3 class="side-title">${t("queue.attempts")}</h3>${!e.attempts?.length && html`<p class="muted">${t("queue.no_attempts")}</p>`}
    ${(e.attempts || []).map((a, i) => html`<${Attempt} key=${i} a=${a} last=${i === e.attempts.length - 1} />`)}`}<//></div>`;
}

export default function Queue() {
  const name = use(sandbox), at = use(route), on = use(relaying), state = at.query.state || "";
  const choose = value => go({ query: { ...at.query, state: value } }, true);
  useTick(10);
  const load = useLoad(() => api.queue(name, { limit: 200, state: state || undefined, message: at.query.message }), [name, state, at.query.message]);
  useEffect(() => {
    const soon = calmly(400, load.reload);
    return listen(({ name: event }) => (event.startsWith("queue.") || event === "resync") && soon());
  }, [load.reload]);
  return html`<section class=${"page-view split" + (at.id ? " open" : "")} aria-label=${t("view.queue")}><div class="split-list"><header class="view-head"><h1>${t("view.queue")}</h1>
      ${at.query.message && html`<a class="chip" href=${near({ view: "queue" })}>${t("queue.of", { id: at.query.message })} ×</a>`}<span class="spread"></span>
      <select class="small" aria-label=${t("session.outcome")} value=${state} onChange=${e => choose(e.target.value)}><option value="">${t("queue.all")}</option>${states.map(s => html`<option value=${s} selected=${s === state}>${t("state." + s)}</option>`)}</select></header>
    <${Loaded} state=${load}>${({ entries }) => (entries.length ? html`<div class="scroll" tabindex="0" role="region" aria-label=${t("view.queue")}><table class="table"><thead><tr><th scope="col">${t("to")}</th><th scope="col">${t("session.outcome")}</th><th scope="col" class="num wide-only">${t("queue.attempts")}</th><th scope="col" class="num">${t("queue.next")}</th></tr></thead>
      <tbody>${entries.map(e => html`<tr key=${e.id} class=${e.id === at.id ? "current" : ""}><td><a class="strong" href=${near({ view: "queue", id: e.id, query: at.query })}>${e.forward_path}</a><small>${e.reason || e.reverse_path}</small></td>
        <td><${Chip} kind=${e.state}>${t("state." + e.state)}<//></td><td class="num wide-only">${e.attempts?.length || 0}</td><td class="num">${e.next_at && actions[e.state] ? until(e.next_at) : "–"}</td></tr>`)}</tbody></table></div>`
      : html`<${Empty} icon="queue" title=${t("queue.none")}><p>${t("queue.none.what")}</p>${!on && html`<p class="muted">${t("queue.off")}</p>`}<//>`)}<//></div>
    ${at.id && html`<${Side} id=${at.id} name=${name} changed=${load.reload} key=${at.id} />`}</section>`;
}
