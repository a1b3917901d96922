// Aliases: addresses whose mail goes on to their members.
import { html, useState } from "../../vendor/htm-preact.js";
import { use, useFresh, useLoad } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { go, near, route } from "../../router.js";
import { accounts, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Avatar, Chip, Confirm, Copy, Empty, Field, Loaded, useFirstField } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";

const split = text => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
const same = (a, b) => a.toLowerCase() === b.toLowerCase();

/** Whom an alias reaches in the end: members that are aliases count as theirs. */
export function reach(members, all) {
  const out = [], seen = new Set(), todo = [...members];
  while (todo.length) {
    const one = todo.shift(), alias = all.find(a => same(a.address, one)), key = one.toLowerCase();
    if (seen.has(key)) continue;
    seen.add(key);
    if (alias) todo.push(...alias.members);
    else out.push(one);
  }
  return out;
}

function Editor({ alias, all, name, done, remove }) {
  const [form, set] = useState({ address: alias.address, members: alias.members.join("\n") }), [error, fail] = useState("");
  const known = use(accounts), made = all.some(a => a.address === alias.address), members = split(form.members);
  const ends = reach(members, all.filter(a => !same(a.address, form.address)));
  const nested = members.filter(m => all.some(a => same(a.address, m)));
  const offers = known.filter(a => !a.catch_all && !members.some(m => same(m, a.address || a.account))).slice(0, 8);
  const submit = async e => {
    e.preventDefault();
    fail("");
    try {
      done(await api.putAlias(name, form.address.trim(), members));
    } catch (err) {
      fail(err.message);
    }
  };
  return html`<form class="editor" ref=${useFirstField()} onSubmit=${submit}><header class="editor-head"><${Avatar} of=${{ name: "", address: form.address }} />
      <h2 dir="auto">${made ? alias.address : t("aliases.new")}</h2><span class="spread"></span>
      ${made && html`<${Copy} text=${alias.address} />`}<a class="icon-button" href=${near({ view: "aliases" })} aria-label=${t("close")}><${Icon} name="close" /></a></header>
    ${!made && html`<${Field} label=${t("address")}><input type="text" name="address" required autofocus autocomplete="off" spellcheck="false" placeholder="team@x.test" value=${form.address}
      onInput=${e => set({ ...form, address: e.target.value })} /><//>`}
    <${Field} label=${t("alias.members")} hint=${t("contact.addresses.hint")}><textarea name="members" required rows=${Math.min(14, Math.max(5, members.length + 1))} spellcheck="false" value=${form.members}
      onInput=${e => set({ ...form, members: e.target.value })}></textarea><//>
    ${offers.length > 0 && html`<p class="offer-row"><span class="muted">${t("alias.add")}</span>${offers.map(a => html`<button type="button" class="chip" key=${a.account}
      onClick=${() => set({ ...form, members: [...members, a.address || a.account].join("\n") + "\n" })}>+ ${a.address || a.account}</button>`)}</p>`}
    ${nested.length > 0 && html`<div class="note">${t("alias.reaches", { n: ends.length })} <span dir="auto">${ends.slice(0, 20).join(", ")}${ends.length > 20 ? " …" : ""}</span></div>`}
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    <footer class="editor-foot"><button class="button primary">${t("save")}</button><a class="button" href=${near({ view: "aliases" })}>${t("cancel")}</a>
      ${made && html`<a class="button" href=${near({ view: "compose", query: { to: alias.address } })}>${t("compose")}</a>`}
      <span class="spread"></span>${made && html`<button type="button" class="link" onClick=${remove}>${t("delete")}</button>`}</footer></form>`;
}

export default function Aliases() {
  const name = use(sandbox), at = use(route), [asking, ask] = useState(null), [text, type] = useState("");
  const state = useLoad(() => api.aliases(name), [name]), all = state.data?.aliases || [];
  useFresh(state.reload);
  const open = at.id === "new" ? { address: "", members: [] } : all.find(a => a.address === at.id);
  const wanted = text.trim().toLowerCase();
  const done = a => {
    state.reload();
    go({ id: a.address });
  };
  return html`<section class=${"page-view split" + (open ? " open" : "")} aria-label=${t("view.aliases")}><div class="split-list">
      <header class="view-head"><h1>${t("view.aliases")}</h1><span class="spread"></span>
        <a class="button small primary" href=${near({ view: "aliases", id: "new" })}><${Icon} name="plus" />${t("aliases.new")}</a></header>
      <p class="view-what">${t("aliases.what")}</p>
      ${all.length > 8 && html`<div class="view-tools"><input type="search" placeholder=${t("narrow")} aria-label=${t("narrow")} value=${text} onInput=${e => type(e.target.value)} /></div>`}
      <${Loaded} state=${state}>${({ aliases }) => (aliases.length ? html`<ul class="people-list">${aliases.filter(a => !wanted || [a.address, ...a.members].join(" ").toLowerCase().includes(wanted))
        .map(a => html`<li key=${a.address}><a href=${near({ view: "aliases", id: a.address })} aria-current=${a.address === at.id ? "true" : undefined}>
        <${Avatar} of=${{ name: "", address: a.address }} /><span><b dir="auto">${a.address}</b><small>${a.members.slice(0, 4).join(", ")}${a.members.length > 4 ? ` ${t("more.n", { n: a.members.length - 4 })}` : ""}</small></span>
        <span class="spread"></span><${Chip}>${t("alias.n", { n: a.members.length })}<//></a></li>`)}</ul>`
        : html`<${Empty} icon="aliases" title=${t("aliases.none")}><p>${t("aliases.none.what")}</p><a class="button" href=${near({ view: "aliases", id: "new" })}>${t("aliases.new")}</a><//>`)}<//></div>
    ${open && html`<div class="split-side"><${Editor} key=${at.id} alias=${open} all=${all} name=${name} done=${done} remove=${() => ask(open)} /></div>`}
    ${asking && html`<${Confirm} title=${t("alias.delete", { address: asking.address })} text=${t("alias.delete.what")} yes=${t("delete")} close=${() => ask(null)}
      run=${() => attempt(async () => { await api.deleteAlias(name, asking.address); go({ id: "" }); state.reload(); }, t("deleted", { n: 1 }))} />`}</section>`;
}
