// Client connections of the mail servers, newest first, with their dialogues.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { use, useLoad, useTick } from "../../hooks.js";
import { ago, exact, size } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { listen } from "../../live.js";
import { go, near, route } from "../../router.js";
import { calmly, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Chip, Empty, Loaded } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";
import { Lines } from "./lines.js";

const outcomes = ["open", "delivered", "empty", "rejected", "aborted", "timeout", "error", "too_many_errors"];
const kind = { delivered: "good", rejected: "warn", error: "bad", timeout: "bad", too_many_errors: "bad", aborted: "warn" };

function took(s) {
  if (!s.ended_at) return "…";
  const ms = new Date(s.ended_at) - new Date(s.started_at);
  return ms < 1000 ? ms + " ms" : (ms / 1000).toFixed(1) + " s";
}

function Side({ id, name }) {
  const state = useLoad(() => api.session(name, id), [name, id]);
  return html`<div class="split-side"><${Loaded} state=${state}>${s => html`<header class="editor-head"><h2>${s.server.toUpperCase()} · <code>${s.client_address}</code></h2><${Chip} kind=${kind[s.outcome]}>${t("outcome." + s.outcome)}<//>
      <span class="spread"></span><a class="icon-button" href=${near({ view: "sessions" })} aria-label=${t("close")}><${Icon} name="close" /></a></header>
    <dl class="facts"><div><dt>${t("session.when")}</dt><dd>${exact(s.started_at)}</dd></div><div><dt>${t("session.took")}</dt><dd>${took(s)}</dd></div>
      ${s.helo && html`<div><dt>HELO</dt><dd><code>${s.helo}</code></dd></div>`}${s.auth_user && html`<div><dt>${t("auth")}</dt><dd><code>${s.auth_user}</code></dd></div>`}
      ${s.tls && html`<div><dt>TLS</dt><dd>${s.tls.version} · ${s.tls.cipher}</dd></div>`}
      ${s.messages?.length > 0 && html`<div><dt>${t("session.messages")}</dt><dd>${s.messages.map(m => html`<a key=${m} href=${near({ id: m })}>${m}</a> `)}</dd></div>`}</dl>
    <${Lines} session=${s} />`}<//></div>`;
}

export default function Sessions() {
  const name = use(sandbox), at = use(route), outcome = at.query.outcome || "", [more, setMore] = useState(null);
  const choose = value => go({ query: { ...at.query, outcome: value } }, true);
  useTick(20);
  const state = useLoad(() => api.sessions(name, { limit: 100, outcome: outcome || undefined }), [name, outcome]);
  useEffect(() => setMore(null), [name, outcome]);
  useEffect(() => {
    const soon = calmly(500, state.reload);
    return listen(({ name: event }) => (event.startsWith("session.") || event === "resync") && soon());
  }, [state.reload]);
  const further = () => attempt(async () => {
    const got = await api.sessions(name, { limit: 100, outcome: outcome || undefined, cursor: more ? more.next : state.data.next_cursor });
    setMore({ rows: [...(more?.rows || []), ...got.sessions], next: got.next_cursor });
  });
  return html`<section class=${"page-view split" + (at.id ? " open" : "")} aria-label=${t("view.sessions")}><div class="split-list"><header class="view-head"><h1>${t("view.sessions")}</h1><span class="spread"></span>
      <select class="small" aria-label=${t("session.outcome")} value=${outcome} onChange=${e => choose(e.target.value)}><option value="">${t("sessions.all")}</option>${outcomes.map(o => html`<option value=${o} selected=${o === outcome}>${t("outcome." + o)}</option>`)}</select></header>
    <${Loaded} state=${state}>${({ sessions, next_cursor: next }) => (sessions.length ? html`<div class="scroll" tabindex="0"><table class="table"><thead><tr><th scope="col">${t("session.client")}</th><th scope="col">${t("session.outcome")}</th><th scope="col" class="wide-only">${t("session.verbs")}</th><th scope="col" class="num wide-only">${t("session.octets")}</th><th scope="col" class="num">${t("session.when")}</th></tr></thead>
      <tbody>${[...sessions, ...(more?.rows || [])].map(s => html`<tr key=${s.id} class=${s.id === at.id ? "current" : ""}><td><a class="strong" href=${near({ view: "sessions", id: s.id, query: at.query })}>${s.server.toUpperCase()}</a><small>${s.helo || s.auth_user || s.client_address}</small></td>
        <td><${Chip} kind=${kind[s.outcome]}>${t("outcome." + s.outcome)}<//></td><td class="wide-only verbs"><code>${s.verbs.slice(0, 8).join(" ")}${s.verbs.length > 8 ? " …" : ""}</code></td>
        <td class="num wide-only">${size(s.bytes_in)} / ${size(s.bytes_out)}</td><td class="num" title=${exact(s.started_at)}>${ago(s.started_at)}<small>${took(s)}</small></td></tr>`)}</tbody></table>
      ${(more ? more.next : next) && html`<p class="pad"><button class="button small" onClick=${further}>${t("sessions.more")}</button></p>`}</div>`
      : html`<${Empty} icon="sessions" title=${t("sessions.none")}><p>${t("sessions.none.what")}</p><//>`)}<//></div>
    ${at.id && html`<${Side} id=${at.id} name=${name} key=${at.id} />`}</section>`;
}
