// Above the list: where we are, the search, and what to do with a selection.
import { html } from "../../vendor/htm-preact.js";
import { use } from "../../hooks.js";
import { number, t } from "../../i18n.js";
import { account, box, mailboxes, sandbox } from "../../state.js";
import { go } from "../../router.js";
import { change, settings } from "../../settings.js";
import { IconButton, Menu } from "../../ui/parts.js";
import { boxName, useOf } from "./boxes.js";
import { Search } from "./search.js";

function title(at, boxes) {
  if (!at.mailbox) return t("everything");
  const m = boxes.find(b => b.name === at.mailbox);
  return m ? boxName(m) : at.mailbox;
}

function count(source) {
  if (source.state.peek() === "loading") return "";
  const n = source.count;
  return source.q ? t(source.exact ? "found" : "found.least", { n }) : t("messages", { n });
}

export function ListHead({ source, at }) {
  const boxes = use(mailboxes), { density } = use(settings), here = use(box), who = use(account), name = use(sandbox);
  const items = [
    { label: t("density.cosy"), checked: density === "cosy", run: () => change({ density: "cosy" }) },
    { label: t("density.compact"), checked: density === "compact", run: () => change({ density: "compact" }) }, null,
    { label: t("refresh"), icon: "refresh", run: () => source.look() },
    ...source.evidence ? [] : [null, { label: t("mailbox.new"), icon: "plus", run: () => source.ask?.({ kind: "box" }) },
      { label: t("mailbox.delete"), icon: "trash", disabled: !boxes.some(b => b.name === at.mailbox && !useOf(b)), run: () => source.askGone?.() }],
    ...source.evidence ? [{ label: t("delete.all"), icon: "trash", disabled: !source.count, run: () => source.askEmpty?.() }] : [],
  ];
  return html`<header class="list-head">
    <div class="list-title"><h1 dir="auto">${title(at, boxes)}</h1><span class="list-count">${count(source)}</span>
      ${source.pruned > 0 && html`<a class="chip warn" href=${"#/" + name + "/limits"} title=${t("pruned.what")}>${t("pruned", { n: source.pruned })}</a>`}
      <${Menu} label=${t("view.options")} items=${items} /></div>
    ${who !== name && html`<p class="list-account" dir="auto">${who}</p>`}
    <${Search} value=${at.query.q || ""} search=${q => go({ id: "", query: { q: q || undefined } })} here=${here} />
  </header>`;
}

export function SelectionBar({ n, rows, actions, all, more }) {
  const anyUnseen = rows.some(r => !r.seen);
  return html`<div class="selection" role="toolbar" aria-label=${t("selection")}>
    <${IconButton} icon="close" label=${t("select.none")} hint="Esc" onClick=${all} /><strong>${t("selected", { n: number(n) })}</strong>
    ${more && html`<button type="button" class="link quiet" onClick=${more}>${t("select.all")}</button>`}
    <span class="spread"></span>
    <${IconButton} icon=${anyUnseen ? "seen" : "unseen"} label=${t(anyUnseen ? "mark.seen" : "mark.unseen")} hint="m" onClick=${() => actions.seen(rows)} />
    <${IconButton} icon="flag" label=${t("flag")} hint="s" onClick=${() => actions.flag(rows)} />
    <${IconButton} icon="tag" label=${t("tag")} hint="l" onClick=${() => actions.ask({ kind: "tag", rows })} />
    <${IconButton} icon="move" label=${t("move")} hint="v" onClick=${() => actions.ask({ kind: "move", rows })} />
    <${IconButton} icon="download" label=${t("export")} onClick=${() => actions.exportRows(rows)} />
    <${IconButton} icon="trash" label=${t("delete")} hint="#" onClick=${() => actions.remove(rows)} />
  </div>`;
}
