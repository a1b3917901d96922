// A field of addresses: each becomes a token; contacts and accounts are
// suggested while typing.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { use } from "../../hooks.js";
import { full } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { account, accounts, sandbox } from "../../state.js";
import { isAddress, parseAddress } from "./form.js";

export function Recipients({ id, label, value, change, more }) {
  const name = use(sandbox), who = use(account), known = use(accounts);
  const [text, type] = useState(""), [offers, offer] = useState([]), [at, move] = useState(-1);
  const input = useRef(), turn = useRef(0);
  useEffect(() => {
    const q = text.trim(), mine = ++turn.current;
    if (!q) return offer([]);
    const timer = setTimeout(async () => {
      const owners = who === name ? [undefined] : [undefined, who];
      const books = await Promise.all(owners.map(a => api.contacts(name, a, { q, limit: 8 }).catch(() => ({ contacts: [] }))));
      if (mine !== turn.current) return;
      const found = books.flatMap(b => b.contacts).flatMap(c => c.addresses.map(address => ({ name: c.name, address })));
      const others = known.filter(a => !a.catch_all && a.address.toLowerCase().includes(q.toLowerCase())).map(a => ({ name: "", address: a.address }));
      const seen = new Set(value.map(v => v.address.toLowerCase()));
      offer([...found, ...others].filter(a => !seen.has(a.address.toLowerCase()) && seen.add(a.address.toLowerCase())).slice(0, 8));
      move(-1);
    }, 120);
    return () => clearTimeout(timer);
  }, [text]);
  const add = list => {
    change([...value, ...list.filter(a => a.address)]);
    type("");
    offer([]);
  };
  const commit = () => { if (input.current?.value.trim()) add(input.current.value.split(/[,;]/).map(parseAddress)); };
  const typed = e => {
    const v = e.target.value;
    if (/[,;]$/.test(v)) add(v.split(/[,;]/).map(parseAddress));
    else type(v);
  };
  const keys = e => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key], plain = !e.ctrlKey && !e.metaKey;
    if (step && offers.length) move((at + step + offers.length) % offers.length);
    else if ((e.key === "Enter" && plain || e.key === "Tab") && offers[at]) add([offers[at]]);
    else if (e.key === "Enter" && plain) commit();
    else if (e.key === "Escape" && offers.length) offer([]);
    else if (e.key === "Backspace" && !text && value.length) change(value.slice(0, -1));
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return html`<div class="compose-row recipients"><label for=${id}>${label}</label><div class="tokens" onClick=${e => e.target === e.currentTarget && input.current.focus()}>
    ${value.map((a, i) => html`<span class=${"token" + (isAddress(a.address) ? "" : " bad")} key=${i} title=${full(a)}><bdi>${a.name || a.address}</bdi>
      <button type="button" aria-label=${t("compose.remove", { what: a.address })} onClick=${() => change(value.filter((_, n) => n !== i))}>×</button></span>`)}
    <input id=${id} ref=${input} type="text" role="combobox" aria-expanded=${offers.length > 0} aria-controls=${id + "-offers"} aria-autocomplete="list" aria-activedescendant=${at >= 0 ? `${id}-offer-${at}` : undefined}
      value=${text} autocomplete="off" spellcheck="false" onInput=${typed} onKeyDown=${keys} onBlur=${commit} />
    <ul class="offers" role="listbox" id=${id + "-offers"} aria-label=${t("suggestions")} hidden=${!offers.length}>${offers.map((a, i) => html`<li role="option" id=${`${id}-offer-${i}`} key=${a.address} aria-selected=${i === at}
      onPointerDown=${e => { e.preventDefault(); add([a]); }}>${full(a)}</li>`)}</ul></div>${more}</div>`;
}
