// The address book of an account: list, edit, vCard in and out.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { use, useFresh, useLoad } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { go, near, route } from "../../router.js";
import { account, sandbox } from "../../state.js";
import { Avatar, Confirm, Empty, Field, Loaded, useFirstField } from "../../ui/parts.js";
import { attempt, toast } from "../../ui/toast.js";
import { save } from "../mail/actions.js";
import { Learn, allContacts } from "./learn.js";
import { readCards, writeCards } from "./vcard.js";

function Editor({ contact, owner, done, remove }) {
  const [form, set] = useState({ name: contact.name, addresses: contact.addresses.join("\n"), note: contact.note || "" });
  const change = key => e => set({ ...form, [key]: e.target.value });
  const submit = async e => {
    e.preventDefault();
    const body = { name: form.name.trim(), addresses: form.addresses.split(/[\n,;]+/).map(s => s.trim()).filter(Boolean), note: form.note };
    let saved;
    if (await attempt(async () => { saved = await (contact.id ? api.putContact(...owner, contact.id, body) : api.createContact(...owner, body)); }, t("contact.saved"))) done(saved);
  };
  return html`<form class="editor" ref=${useFirstField()} onSubmit=${submit}><header class="editor-head"><${Avatar} of=${{ name: form.name, address: contact.addresses[0] || form.addresses }} />
      <h2 dir="auto">${contact.id ? form.name || contact.addresses[0] : t("contacts.new")}</h2></header>
    <${Field} label=${t("contact.name")}><input type="text" name="name" dir="auto" autofocus=${!contact.id} value=${form.name} onInput=${change("name")} /><//>
    <${Field} label=${t("contact.addresses")} hint=${t("contact.addresses.hint")}><textarea name="addresses" rows="3" spellcheck="false" value=${form.addresses} onInput=${change("addresses")}></textarea><//>
    <${Field} label=${t("contact.note")}><textarea rows="3" dir="auto" value=${form.note} onInput=${change("note")}></textarea><//>
    <footer class="editor-foot"><button class="button primary">${t("save")}</button><a class="button" href=${near({ view: "contacts" })}>${t("cancel")}</a>
      ${contact.id && contact.addresses[0] && html`<a class="button" href=${near({ view: "compose", query: { to: contact.addresses[0] } })}>${t("compose")}</a>`}
      <span class="spread"></span>${contact.id && html`<button type="button" class="link" onClick=${remove}>${t("delete")}</button>`}</footer></form>`;
}

/** More than this many are not drawn: typing narrows them. */
const most = 500;

export default function Contacts() {
  const name = use(sandbox), who = use(account), at = use(route);
  const owner = [name, who === name ? undefined : who], [text, type] = useState(""), [asking, ask] = useState(null), [learning, learn] = useState(false), file = useRef();
  const state = useLoad(() => api.contacts(...owner, { q: text.trim() || undefined, limit: most + 1 }), [name, who, text]);
  useFresh(state.reload);
  const kept = useRef();
  if (state.data) kept.current = state.data;
  useEffect(() => { kept.current = undefined; }, [name, who]);
  const bringIn = async e => {
    const cards = readCards(await e.target.files[0].text());
    e.target.value = "";
    if (!cards.length) return toast(t("contacts.bad"), { kind: "bad" });
    let n = 0;
    await attempt(async () => { for (const c of cards) { await api.createContact(...owner, c); n++; } });
    toast(t("contacts.imported", { n }));
    state.reload();
  };
  const takeOut = () => attempt(async () => {
    save(new Blob([writeCards(await allContacts(owner))], { type: "text/vcard" }), "contacts.vcf");
  });
  const list = (state.data || kept.current)?.contacts || [];
  const open = at.id === "new" ? { id: "", name: at.query.name || "", addresses: at.query.address ? [at.query.address] : [] } : list.find(c => c.id === at.id);
  return html`<section class=${"page-view split" + (open ? " open" : "")} aria-label=${t("view.contacts")}><div class="split-list">
      <header class="view-head"><h1>${t("view.contacts")}</h1><span class="spread"></span>
        <input type="file" accept=".vcf,text/vcard" hidden ref=${file} aria-label=${t("contacts.import")} onChange=${bringIn} />
        <button class="button small" onClick=${() => learn(true)}>${t("contacts.learn.short")}</button>
        <button class="button small" onClick=${() => file.current.click()}>${t("contacts.import")}</button>
        <button class="button small" onClick=${takeOut} disabled=${!list.length}>${t("contacts.export")}</button>
        <a class="button small primary" href=${near({ view: "contacts", id: "new" })}>${t("contacts.new")}</a></header>
      <div class="view-tools"><input type="search" placeholder=${t("contacts.search")} aria-label=${t("contacts.search")} value=${text} onInput=${e => type(e.target.value)} /></div>
      <${Loaded} state=${state.data || state.error ? state : { ...state, data: kept.current }}>${({ contacts }) => (contacts.length || text ? html`<ul class="people-list">${contacts.slice(0, most).map(c => html`<li key=${c.id}><a href=${near({ view: "contacts", id: c.id })} aria-current=${c.id === at.id ? "true" : undefined}>
        <${Avatar} of=${{ name: c.name, address: c.addresses[0] }} /><span><b dir="auto">${c.name || c.addresses[0]}</b><small>${c.addresses.join(", ")}</small></span></a></li>`)}
        ${contacts.length > most && html`<li class="muted pad">${t("contacts.more", { n: most })}</li>`}${!contacts.length && html`<li class="muted pad">${t("picker.none")}</li>`}</ul>`
        : html`<${Empty} icon="contacts" title=${t("contacts.none")}><p>${t("contacts.none.what")}</p><button class="button" onClick=${() => learn(true)}>${t("contacts.learn")}</button><//>`)}<//></div>
    ${open && html`<div class="split-side"><${Editor} key=${at.id + (at.query.address || "")} contact=${open} owner=${owner} done=${c => { state.reload(); go({ id: c.id, query: {} }); }} remove=${() => ask(open)} /></div>`}
    ${learning && html`<${Learn} owner=${owner} close=${() => learn(false)} learned=${state.reload} />`}
    ${asking && html`<${Confirm} title=${t("contacts.delete")} text=${t("contacts.delete.what", { name: asking.name || asking.addresses[0] })} yes=${t("delete")} close=${() => ask(null)}
      run=${() => attempt(async () => { await api.deleteContact(...owner, asking.id); go({ id: "", query: {} }); state.reload(); })} />`}</section>`;
}
