// Mail: the list, and beside it the message that is open.
import { html, useEffect, useMemo, useRef, useState } from "../../vendor/htm-preact.js";
import { use, useKeys, useMedia } from "../../hooks.js";
import { t } from "../../i18n.js";
import { typing } from "../../keys.js";
import { listen } from "../../live.js";
import { go, near, route } from "../../router.js";
import { settings } from "../../settings.js";
import { mailboxes, sandbox } from "../../state.js";
import { Empty, Trouble, Waiting } from "../../ui/parts.js";
import { MessageView } from "../message/message.js";
import { Actions } from "./actions.js";
import { ListHead, SelectionBar } from "./head.js";
import { BoxDialog, MoveDialog, TagDialog } from "./dialogs.js";
import { Rows } from "./rows.js";
import { Source } from "./source.js";
import { Welcome } from "./welcome.js";

/** The source of the route, made anew when the place or the search changes. */
function useSource(at) {
  const source = useMemo(() => new Source(at, at.query.q || ""), [at.sandbox, at.account, at.mailbox, at.query.q]);
  useEffect(() => {
    source.open();
    const end = listen(event => source.take(event));
    return () => {
      end();
      source.close();
    };
  }, [source]);
  use(source.version);
  return source;
}

export function MailView() {
  const at = use(route), source = useSource(at), state = use(source.state), boxes = use(mailboxes);
  use(sandbox);
  const [selected, select] = useState(new Set());
  const [cursor, setCursor] = useState(-1);
  const [dialog, setDialog] = useState(null);
  const anchor = useRef(-1);
  useEffect(() => { select(new Set()); setCursor(-1); }, [source]);
  const openAt = at.id ? source.indexOf(at.id) : -1;
  useEffect(() => { if (openAt >= 0) setCursor(openAt); }, [openAt]);
  const actions = new Actions(source, boxes, { go, at, select, ask: setDialog });
  const wide = useMedia("(min-width: 1101px)");

  const toggle = (i, range) => {
    const next = new Set(selected), row = source.at(i);
    if (!row) return;
    if (range && anchor.current >= 0) {
      for (let n = Math.min(i, anchor.current); n <= Math.max(i, anchor.current); n++) source.at(n) && next.add(source.at(n).key);
    } else next.has(row.key) ? next.delete(row.key) : next.add(row.key);
    anchor.current = i;
    select(next);
  };
  const open = i => {
    const row = source.at(i);
    if (!row) return;
    setCursor(i);
    go({ id: row.message.id, query: { ...at.query, tab: undefined } });
  };
  const step = by => {
    const next = Math.max(0, Math.min(source.count - 1, cursor + by));
    source.want(next, next + 1).then(() => (at.id ? open(next) : setCursor(next)));
  };
  const chosen = () => (selected.size ? [...source.head, ...source.tail].filter(r => selected.has(r.key)) : [source.at(cursor)].filter(Boolean));
  const everything = () => select(new Set([...source.head, ...source.tail].map(r => r.key)));
  const all = () => (selected.size ? select(new Set()) : everything());

  useKeys(e => {
    if (typing(e) || !settings.peek().keys || e.defaultPrevented) return;
    const rows = chosen();
    const does = {
      j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      o: () => open(cursor), u: () => go({ id: "" }), Escape: () => (selected.size ? select(new Set()) : go({ id: "" })),
      x: () => toggle(cursor), "*": all, s: () => actions.flag(rows), m: () => actions.seen(rows),
      "#": () => actions.remove(rows), Delete: () => actions.remove(rows), v: () => rows.length && setDialog({ kind: "move", rows }),
      l: () => rows.length && setDialog({ kind: "tag", rows }),
      "/": () => document.querySelector(".search input")?.focus(),
    }[e.key];
    if (/^Arrow/.test(e.key) && e.target.closest?.(".message, .sidebar")) return;
    if (!does) {
      if (e.key === "Enter" && e.target === document.body) open(cursor);
      return;
    }
    e.preventDefault();
    does();
  });

  let list;
  if (state === "loading") list = html`<${Waiting} />`;
  else if (state === "failed") list = html`<${Trouble} error=${source.error} retry=${() => source.open()} />`;
  else if (!source.count) list = at.query.q
    ? html`<${Empty} icon="search" title=${t("search.nothing")}><p>${t("search.nothing.what")}</p>
        <a class="button" href=${near({ account: at.account, mailbox: at.mailbox })}>${t("search.clear")}</a><//>`
    : html`<${Welcome} evidence=${source.evidence} />`;
  else list = html`<${Rows} source=${source} cursor=${cursor} openId=${at.id} selected=${selected} open=${open} toggle=${toggle} actions=${actions} />`;

  return html`<div class=${"mail" + (at.id ? " reading" : "")}>
    <section class="list" aria-label=${t("list")}>
      <${ListHead} source=${source} at=${at} />
      ${selected.size > 0 && html`<${SelectionBar} n=${selected.size} rows=${chosen()} actions=${actions} all=${all}
        more=${selected.size < source.head.length + source.tail.length && everything} />`}
      ${list}
    </section>
    ${at.id
      ? html`<${MessageView} key=${at.id} id=${at.id} row=${openAt >= 0 ? source.at(openAt) : null} actions=${actions} step=${step}
          at=${openAt} count=${source.count} />`
      : wide && html`<section class="message none" aria-label=${t("message")}><${Empty} icon="inbox" title=${t("message.none")}>
          <p>${t("message.none.what")} <kbd>j</kbd> <kbd>k</kbd></p><//></section>`}
    ${dialog?.kind === "move" && html`<${MoveDialog} rows=${dialog.rows} actions=${actions} close=${() => setDialog(null)} />`}
    ${dialog?.kind === "tag" && html`<${TagDialog} rows=${dialog.rows} actions=${actions} close=${() => setDialog(null)} />`}
    ${dialog?.kind === "box" && html`<${BoxDialog} source=${source} close=${() => setDialog(null)} />`}
    ${dialog?.kind === "ask" && dialog.view(() => setDialog(null))}
  </div>`;
}
