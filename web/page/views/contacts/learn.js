// People of captured mail that the address book lacks, to add by choice.
import { html, useState } from "../../vendor/htm-preact.js";
import { useLoad } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { Avatar, Dialog, Loaded } from "../../ui/parts.js";
import { attempt, toast } from "../../ui/toast.js";

/** As many of the newest messages are looked at. */
const newest = 500;

/** A whole address book: an account has at most so many contacts. */
export const allContacts = async owner => (await api.contacts(...owner, { limit: 10_000 })).contacts;

/** The people of messages, the most seen first, without those who are known. */
export function strangers(messages, contacts) {
  const known = new Set(contacts.flatMap(c => c.addresses.map(a => a.toLowerCase()))), found = new Map();
  for (const m of messages) {
    for (const who of [...m.from, ...m.to, ...m.cc, ...m.reply_to]) {
      const key = who.address.toLowerCase();
      if (!key.includes("@") || known.has(key)) continue;
      const one = found.get(key) || { name: "", address: who.address, n: 0 };
      one.n++;
      one.name ||= who.name;
      found.set(key, one);
    }
  }
  return [...found.values()].sort((a, b) => b.n - a.n || a.address.localeCompare(b.address));
}

export function Learn({ owner, close, learned }) {
  const [name, account] = owner, [chosen, choose] = useState(new Set()), [text, type] = useState(""), [busy, setBusy] = useState(false);
  const state = useLoad(async () => {
    const messages = account
      ? (await api.entries(name, account, "INBOX", { limit: newest })).entries.map(e => e.message)
      : (await api.messages(name, { limit: newest })).messages;
    return strangers(messages, await allContacts(owner));
  }, [name, account]);
  const toggle = address => {
    const next = new Set(chosen);
    next.has(address) ? next.delete(address) : next.add(address);
    choose(next);
  };
  const add = async e => {
    e.preventDefault();
    setBusy(true);
    let n = 0;
    await attempt(async () => {
      for (const p of state.data) {
        if (!chosen.has(p.address)) continue;
        await api.createContact(...owner, { name: p.name, addresses: [p.address] });
        n++;
      }
    });
    toast(t("contacts.learned", { n }));
    learned();
    close();
  };
  const wanted = text.trim().toLowerCase();
  return html`<${Dialog} title=${t("contacts.learn")} close=${close}><form onSubmit=${add}><p class="dialog-text">${t("contacts.learn.what")}</p>
    <${Loaded} state=${state}>${people => {
      const shown = people.filter(p => !wanted || `${p.name} ${p.address}`.toLowerCase().includes(wanted));
      if (!people.length) return html`<p class="note">${t("contacts.learn.none")}</p>`;
      return html`<div class="plain-bar"><input type="search" placeholder=${t("narrow")} aria-label=${t("narrow")} value=${text} onInput=${e => type(e.target.value)} />
          <button type="button" class="button small" onClick=${() => choose(chosen.size ? new Set() : new Set(shown.map(p => p.address)))}>${t(chosen.size ? "select.none" : "select.all")}</button></div>
        <ul class="learn" tabindex="0" aria-label=${t("contacts.learn")}>${shown.slice(0, 200).map(p => html`<li key=${p.address}><label class="check"><input type="checkbox" checked=${chosen.has(p.address)} onChange=${() => toggle(p.address)} />
          <${Avatar} of=${p} /><span><b dir="auto">${p.name || p.address}</b><small>${p.name ? p.address + " · " : ""}${t("messages", { n: p.n })}</small></span></label></li>`)}</ul>
        ${shown.length > 200 && html`<p class="muted">${t("picker.more", { n: shown.length - 200 })}</p>`}`;
    }}<//>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary" disabled=${busy || !chosen.size}>${t("contacts.learn.add", { n: chosen.size })}</button></footer></form><//>`;
}
