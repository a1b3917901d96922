// The rows of the list.
import { html } from "../../vendor/htm-preact.js";
import { use, useMedia, useTick } from "../../hooks.js";
import { ago, exact, people, size } from "../../format.js";
import { t } from "../../i18n.js";
import { link, route } from "../../router.js";
import { settings } from "../../settings.js";
import { Icon } from "../../ui/icons.js";
import { RelayMark } from "../../ui/relaymark.js";
import { Virtual } from "../../ui/virtual.js";

/** A row has room for so many tags; the message shows all. */
const most = 2;
const heights = { cosy: 78, compact: 56 };

/** How a message came, where that is not plain SMTP. */
const marks = { api: "API", import: "import", append: "IMAP", dsn: "DSN", generated: "auto", lmtp: "LMTP" };

function Row({ i, row, source, at, active, current, pointed, chosen, open, toggle, actions }) {
  if (!row) return html`<div class="row ghost" role="listitem" aria-setsize=${source.count} aria-posinset=${i + 1}><i></i><i></i><i></i></div>`;
  const m = row.message, sent = /sent|drafts/i.test(source.mailbox);
  const who = sent ? people(m.to) || t("nobody") : people(m.from) || m.reverse_path || t("nobody");
  const click = e => {
    if (e.ctrlKey || e.metaKey || e.shiftKey && !e.target.closest("input")) {
      e.preventDefault();
      toggle(i, e.shiftKey);
    } else if (e.button === 0 && !e.target.closest("button,label")) {
      e.preventDefault();
      open(i);
    }
  };
  const classes = ["row", !row.seen && "unread", active && "active", pointed && "cursor", chosen && "chosen", row.fresh && "fresh"];
  return html`<div class=${classes.filter(Boolean).join(" ")} role="listitem" aria-setsize=${source.count} aria-posinset=${i + 1} onClick=${click}>
    <label class="row-check"><input type="checkbox" checked=${chosen} aria-label=${t("select.one", { subject: m.subject || t("no_subject") })}
      onClick=${e => { e.stopPropagation(); toggle(i, e.shiftKey); }} /></label>
    <div class="row-top"><span class="row-who" dir="auto">${sent && t("to") + ": "}${who}</span>
      <${RelayMark} relay=${m.relay} />
      ${row.answered && html`<${Icon} name="reply" label=${t("answered")} />`}
      ${m.attachment_count > 0 && html`<span class="row-mark" title=${t("attachments.n", { n: m.attachment_count })}><${Icon} name="clip" label=${t("attachments.n", { n: m.attachment_count })} /></span>`}
      <time datetime=${m.received_at} title=${exact(m.received_at)}>${ago(m.received_at)}</time></div>
    <a class="row-subject" dir="auto" href=${link({ ...at, id: m.id })} tabindex=${current || active ? 0 : -1}
      aria-current=${active ? "true" : undefined}>${m.subject || t("no_subject")}${!row.seen && html`<span class="away">, ${t("unread")}</span>`}</a>
    <div class="row-foot"><span class="row-snippet" dir="auto">${m.snippet}</span>
      ${m.tags.slice(0, most).map(tag => html`<span class="chip tag" dir="auto" key=${tag}>${tag}</span>`)}
      ${m.tags.length > most && html`<span class="chip tag more" title=${m.tags.slice(most).join(", ")}>+${m.tags.length - most}</span>`}
      ${marks[m.origin] && html`<span class="chip">${marks[m.origin]}</span>`}<span class="row-size">${size(m.size)}</span></div>
    <button type="button" class=${"row-flag" + (row.flagged ? " on" : "")} tabindex="-1" aria-pressed=${row.flagged} aria-label=${t("flag")}
      title=${t("flag") + " (s)"} onClick=${e => { e.stopPropagation(); actions.flag([row]); }}><${Icon} name="flag" /></button>
  </div>`;
}

export function Rows({ source, cursor, openId, selected, open, toggle, actions }) {
  const at = use(route), { density } = use(settings), touch = useMedia("(pointer: coarse)");
  useTick(30);
  const height = heights[density] + (touch ? 6 : 0);
  const row = i => {
    const r = source.at(i);
    return html`<${Row} key=${r?.key ?? "ghost" + i} i=${i} row=${r} source=${source} at=${at} active=${r && r.message.id === openId}
      pointed=${i === cursor} current=${i === cursor || cursor < 0 && i === 0} chosen=${r && selected.has(r.key)} open=${open} toggle=${toggle} actions=${actions} />`;
  };
  return html`<${Virtual} count=${source.count} height=${height} row=${row} focus=${cursor} setKey=${source}
    label=${t("list")} onRange=${(first, last) => source.want(first, last)} />`;
}
