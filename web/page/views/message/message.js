// One message: who, what, and a tab for each way to look at it.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { use, useKeys, useLoad } from "../../hooks.js";
import { ago, exact, full, size } from "../../format.js";
import { t } from "../../i18n.js";
import { typing } from "../../keys.js";
import { listen } from "../../live.js";
import { api, url } from "../../api.js";
import { go, near, route } from "../../router.js";
import { settings } from "../../settings.js";
import { relaying, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Avatar, IconButton, Loaded, Menu } from "../../ui/parts.js";
import { copy } from "../../ui/toast.js";
import { RelayMark } from "../../ui/relaymark.js";
import { Attachments } from "./attachments.js";
import { tabs } from "./tabs.js";
import { RelayDialog } from "./relay.js";

function People({ label, list }) {
  const [all, show] = useState(false);
  if (!list.length) return null;
  const shown = all ? list : list.slice(0, 6);
  return html`<div class="people"><dt>${label}</dt><dd>${shown.map((a, i) => html`<span class="person" dir="auto" key=${i}>${a.name && html`<b>${a.name}</b>`}
    <button class="link quiet" title=${t("copy")} onClick=${() => copy(a.address)}>${a.address}</button></span>`)}
    ${list.length > shown.length && html`<button class="link" onClick=${() => show(true)}>${t("more.n", { n: list.length - shown.length })}</button>`}</dd></div>`;
}

function Head({ m, row, actions, step, at, count, ask }) {
  const from = m.from[0] || { name: "", address: m.reverse_path };
  const rows = [row || { key: m.id, uid: 0, seen: m.seen, flagged: m.flagged, message: m }];
  const reply = kind => near({ view: "compose", query: { [kind]: m.id } });
  const extras = [
    { label: t("mark.unseen"), icon: "unseen", hint: "m", run: () => actions.seen(rows, false) },
    { label: t("tag"), icon: "tag", hint: "l", run: () => actions.ask({ kind: "tag", rows }) },
    { label: t("move"), icon: "move", hint: "v", run: () => actions.ask({ kind: "move", rows }) }, null,
    { label: t("download.eml"), icon: "download", run: () => { location.assign(url.raw(m.sandbox, m.id, true)); } },
    { label: t("copy.link"), icon: "link", run: () => copy(m.page_url) },
    { label: t("copy.id"), icon: "copy", run: () => copy(m.id) },
    { label: t("contact.add"), icon: "contacts", run: () => go({ view: "contacts", id: "new", account: "", mailbox: "", query: { name: from.name, address: from.address } }) },
  ];
  return html`<header class="message-head">
    <div class="message-bar" role="toolbar" aria-label=${t("message")}>
      <${IconButton} icon="back" label=${t("back")} hint="u" onClick=${() => go({ id: "", query: { ...route.peek().query, tab: undefined } })} />
      <a class="icon-button" href=${reply("reply")} aria-label=${t("reply")} title=${t("reply") + " (r)"}><${Icon} name="reply" /></a>
      <a class="icon-button" href=${reply("reply_all")} aria-label=${t("reply_all")} title=${t("reply_all") + " (a)"}><${Icon} name="replyall" /></a>
      <a class="icon-button" href=${reply("forward")} aria-label=${t("forward")} title=${t("forward") + " (f)"}><${Icon} name="forward" /></a>
      ${row?.draft && html`<a class="button small" href=${near({ view: "compose",
        query: { draft: m.id, at: [actions.source.account, actions.source.mailbox, row.uid].join("\n") } })}><${Icon} name="drafts" />${t("edit")}</a>`}
      ${use(relaying) && html`<${IconButton} icon="relay" label=${t("relay")} onClick=${() => ask("relay")} />`}
      <span class="spread"></span>
      <${IconButton} icon="flag" label=${t("flag")} hint="s" aria-pressed=${rows[0].flagged} onClick=${() => actions.flag(rows)} />
      <${IconButton} icon="trash" label=${t("delete")} hint="#" onClick=${() => actions.remove(rows)} />
      <${Menu} label=${t("more")} items=${extras} />
      ${at >= 0 && html`<span class="message-step"><span class="message-place">${t("place", { at: at + 1, count })}</span>
        <${IconButton} icon="down" label=${t("keys.next")} hint="j" onClick=${() => step(1)} /></span>`}
    </div>
    <h1 dir="auto">${m.subject || t("no_subject")}</h1>
    <div class="message-who"><${Avatar} of=${from} />
      <dl class="message-people">
        <${People} label=${t("from")} list=${m.from} /><${People} label=${t("to")} list=${m.to} /><${People} label=${t("cc")} list=${m.cc} /><${People} label=${t("bcc")} list=${m.bcc} />
        ${m.reply_to.length > 0 && full(m.reply_to[0]) !== full(from) && html`<${People} label=${t("reply_to")} list=${m.reply_to} />`}
      </dl>
      <div class="message-facts"><time datetime=${m.received_at} title=${exact(m.received_at)}>${ago(m.received_at)}</time>
        <span>${size(m.size)}</span>${m.origin !== "smtp" && html`<span class="chip">${m.origin}</span>`}
        <${RelayMark} relay=${m.relay} href=${near({ view: "queue", query: { message: m.id } })} />
        ${m.tags.map(tag => html`<span class="chip tag" key=${tag}>${tag}</span>`)}</div></div>
  </header>`;
}

function Body({ m, links, codes, name }) {
  const at = use(route), bar = useRef();
  const list = tabs(m, links, codes);
  const current = list.find(x => x.id === at.query.tab && !x.hidden) || list.find(x => !x.hidden);
  const choose = id => go({ query: { ...at.query, tab: id } }, true);
  const shown = list.filter(x => !x.hidden);
  useEffect(() => { bar.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" }); }, [current.id]);
  useKeys(e => {
    const n = Number(e.key);
    if (!n || typing(e) || !settings.peek().keys || !shown[n - 1]) return;
    e.preventDefault();
    choose(shown[n - 1].id);
  });
  const arrows = e => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!by) return;
    e.preventDefault();
    e.stopPropagation();
    const next = shown[(shown.indexOf(current) + by + shown.length) % shown.length];
    choose(next.id);
    bar.current.querySelector(`#tab-${next.id}`).focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t("tabs")} ref=${bar} onKeyDown=${arrows}>${shown.map(tab => html`<button type="button" role="tab" key=${tab.id}
      id=${"tab-" + tab.id} aria-selected=${tab === current} aria-controls="tab-panel" tabindex=${tab === current ? 0 : -1} onClick=${() => choose(tab.id)}>
      ${t("tab." + tab.id)}${tab.count > 0 && html`<span class=${"tab-count " + (tab.kind || "")}>${tab.count}</span>`}</button>`)}</div>
    <div class=${"tab-panel " + current.id} role="tabpanel" id="tab-panel" aria-labelledby=${"tab-" + current.id} tabindex="0" key=${current.id}>
      <${current.view} m=${m} links=${links} codes=${codes} name=${name} /></div>
    ${["html", "text"].includes(current.id) && m.attachments.length > 0 && html`<${Attachments} m=${m} />`}`;
}

export function MessageView({ id, row, actions, step, at, count }) {
  const name = use(sandbox), [dialog, ask] = useState("");
  const state = useLoad(() => api.message(name, id, "links,codes"), [name, id]);
  const marked = useRef(false);
  useEffect(() => {
    if (!state.data || marked.current) return;
    marked.current = true;
    const mine = row || { key: id, uid: 0, seen: state.data.seen, message: state.data };
    if (!mine.seen && (row || actions.source.evidence)) actions.seen([mine], true);
  }, [state.data]);
  useEffect(() => listen(({ name: event, data }) => {
    if (event === "message.updated" && data.id === id || event.startsWith("queue.") && data.message_id === id) state.reload();
  }), [state.reload]);
  useKeys(e => {
    if (typing(e) || !settings.peek().keys) return;
    const kind = { r: "reply", a: "reply_all", f: "forward" }[e.key];
    if (!kind) return;
    e.preventDefault();
    location.hash = near({ view: "compose", query: { [kind]: id } });
  });
  return html`<article class="message" aria-label=${t("message")}><${Loaded} state=${state}>${m => html`
    <${Head} m=${row ? { ...m, flagged: row.flagged } : m} row=${row} actions=${actions} step=${step} at=${at} count=${count} ask=${ask} />
    <${Body} m=${m} links=${m.links || []} codes=${m.codes || []} name=${name} />
    ${dialog === "relay" && html`<${RelayDialog} m=${m} close=${() => ask("")} />`}`}<//></article>`;
}
