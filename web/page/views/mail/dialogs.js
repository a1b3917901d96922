// Dialogs that ask where to move and how to tag.
import { html, useState } from "../../vendor/htm-preact.js";
import { use } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { go } from "../../router.js";
import { loadMailboxes, mailboxes } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Dialog, Field } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";
import { boxIcon, boxName } from "./boxes.js";

export function MoveDialog({ rows, actions, close }) {
  const all = use(mailboxes), here = actions.source.mailbox || "INBOX";
  const [copy, setCopy] = useState(false), [name, setName] = useState("");
  const to = async box => {
    close();
    await actions.move(rows, box, copy);
  };
  const make = async e => {
    e.preventDefault();
    const { sandbox, account } = actions.source;
    if (name.trim() && await attempt(() => api.createMailbox(sandbox, account, { name: name.trim() }))) {
      await loadMailboxes();
      to(name.trim());
    }
  };
  return html`<${Dialog} title=${t("move.title", { n: rows.length })} close=${close}>
    <ul class="choice">${all.filter(m => m.name !== here).map(m => html`<li><button type="button" onClick=${() => to(m.name)}>
      <${Icon} name=${boxIcon(m)} /><span dir="auto">${boxName(m)}</span></button></li>`)}</ul>
    <form class="inline-form" onSubmit=${make}><input type="text" placeholder=${t("mailbox.new")} aria-label=${t("mailbox.new")} value=${name} onInput=${e => setName(e.target.value)} />
      <button class="button" disabled=${!name.trim()}>${t("create")}</button></form>
    <label class="check"><input type="checkbox" checked=${copy} onChange=${e => setCopy(e.target.checked)} /> ${t("move.copy")}</label><//>`;
}

export function BoxDialog({ source, close }) {
  const [name, setName] = useState("");
  const make = async e => {
    e.preventDefault();
    if (!await attempt(() => api.createMailbox(source.sandbox, source.account, { name: name.trim() }))) return;
    await loadMailboxes();
    close();
    go({ account: source.account, mailbox: name.trim(), id: "", query: {} });
  };
  return html`<${Dialog} title=${t("mailbox.new")} close=${close}><form onSubmit=${make}>
    <${Field} label=${t("sandbox.name")} hint=${t("mailbox.new.hint")}><input type="text" name="mailbox" autofocus required dir="auto" value=${name} onInput=${e => setName(e.target.value)} /><//>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button><button class="button primary" disabled=${!name.trim()}>${t("create")}</button></footer></form><//>`;
}

export function TagDialog({ rows, actions, close }) {
  const [text, set] = useState([...new Set(rows.flatMap(r => r.message.tags))].join(", "));
  const save = async e => {
    e.preventDefault();
    close();
    await actions.tag(rows, text.split(",").map(s => s.trim()).filter(Boolean));
  };
  return html`<${Dialog} title=${t("tag.title", { n: rows.length })} close=${close}><form onSubmit=${save}>
    <${Field} label=${t("tags")} hint=${t("tags.hint")}><input type="text" autofocus value=${text} onInput=${e => set(e.target.value)} /><//>
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button><button class="button primary">${t("save")}</button></footer></form><//>`;
}
