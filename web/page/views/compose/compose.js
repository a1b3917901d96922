// Writing: new messages, replies, forwards and drafts. What is sent is captured
// like any mail, and a copy of the same octets goes to the sender's Sent.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { use, useLoad } from "../../hooks.js";
import { size } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { go, near, route } from "../../router.js";
import { settings } from "../../settings.js";
import { account, accounts, info, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { IconButton, Loaded } from "../../ui/parts.js";
import { attempt, toast } from "../../ui/toast.js";
import { Recipients } from "./recipients.js";
import { emptyForm, formFor, isAddress, keep, learn, restored, toBody } from "./form.js";

function Files({ files, remove }) {
  if (!files.length) return null;
  return html`<ul class="compose-files">${files.map((f, i) => html`<li class="attachment" key=${f.key}><span class="attachment-mark">${(f.name.match(/\.(\w{1,5})$/)?.[1] || "?").slice(0, 4)}</span>
    <span class="attachment-name"><span dir="auto">${f.name}</span><small>${size(f.size)}</small></span>
    <${IconButton} icon="close" label=${t("compose.remove", { what: f.name })} onClick=${() => remove(i)} /></li>`)}</ul>`;
}

/** Reads files as base64, refusing what no message could hold. */
async function readFiles(list, limit) {
  const out = [];
  for (const file of list) {
    if (file.size * 4 / 3 > limit) {
      toast(t("compose.large", { name: file.name, size: size(limit) }), { kind: "bad" });
      continue;
    }
    const data = await new Promise((done, fail) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = () => fail(reader.error);
      reader.readAsDataURL(file);
    });
    out.push({ key: Math.random(), name: file.name, type: file.type || "application/octet-stream", size: file.size, content: data.slice(data.indexOf(",") + 1) });
  }
  return out;
}

function Form({ start, at, slot }) {
  const name = use(sandbox), all = use(accounts), limits = use(info)?.limits;
  const [form, set] = useState(start), [busy, setBusy] = useState(false), [over, setOver] = useState(false), [look, setLook] = useState(false);
  const [cc, showCc] = useState(start.cc.length + start.bcc.length > 0), [error, fail] = useState("");
  const picker = useRef(), done = useRef(false), root = useRef();
  const change = part => set(f => ({ ...f, ...part }));
  useLayoutEffect(() => { // at once: a moment later somebody types
    const first = root.current.querySelector(start.to.length ? "textarea" : "#c-to");
    first.focus();
    first.setSelectionRange(0, 0);
  }, []);
  useEffect(() => { if (!done.current && form !== start) keep(name, slot, form); }, [form]);
  useEffect(() => { if (start.lost?.length) toast(t("compose.lost", { names: start.lost.join(", ") }), { kind: "bad" }); }, []);
  const attach = async list => {
    const files = await readFiles([...list], limits?.message_size ?? 50 << 20);
    set(f => ({ ...f, files: [...f.files, ...files] }));
  };
  const leave = () => {
    done.current = true;
    keep(name, slot, null);
  };
  const dropDraft = async () => {
    if (form.draft) await api.removeEntries(name, form.draft.account, form.draft.mailbox, [form.draft.uid]).catch(() => {});
  };
  const send = async e => {
    e?.preventDefault();
    const everyone = [...form.to, ...form.cc, ...form.bcc], bad = [...everyone, { address: form.from }].find(a => !isAddress(a.address));
    if (!everyone.length) return fail(t("compose.to.none"));
    if (bad) return fail(t("compose.address.bad", { address: bad.address || t("from") }));
    fail("");
    setBusy(true);
    const ok = await attempt(async () => {
      const sent = await api.send(name, toBody(form));
      leave();
      const raw = await api.rawBytes(name, sent.id);
      await api.append(name, form.from, "Sent", raw, "\\Seen", "message/rfc822").catch(() => {});
      await dropDraft();
      if (settings.peek().learn) learn(name, everyone);
      go({ view: "mail", account: "", mailbox: "", id: sent.id, query: {} });
    }, t("compose.sent"));
    if (!ok) setBusy(false);
  };
  const save = () => attempt(async () => {
    await api.append(name, form.from, "Drafts", JSON.stringify(toBody(form)), "\\Draft,\\Seen", "application/json");
    await dropDraft();
    leave();
    go({ view: "mail", account: form.from, mailbox: "Drafts", id: "", query: {} });
  }, t("compose.saved"));
  const keys = e => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) send(e); };
  // Enter in a field of one line must not send: too many letters left that way.
  const hold = e => { if (e.key === "Enter" && e.target.type === "text") e.preventDefault(); };
  const drag = on => e => {
    if (![...e.dataTransfer.types].includes("Files")) return;
    e.preventDefault();
    setOver(on);
  };
  return html`<form class=${"compose" + (over ? " over" : "")} ref=${root} onSubmit=${send} onKeyDown=${keys} onKeyPress=${hold} onDragOver=${drag(true)} onDragLeave=${drag(false)}
    onDrop=${e => { drag(false)(e); attach(e.dataTransfer.files); }}>
    <header class="compose-head"><h1>${t(at.query.draft ? "box.drafts" : "compose.new")}</h1><span class="muted">${t("compose.note")}</span></header>
    <div class="compose-fields">
      <div class="compose-row"><label for="c-from">${t("from")}</label><input id="c-from" type="text" list="c-accounts" value=${form.from} autocomplete="off" spellcheck="false" onInput=${e => change({ from: e.target.value.trim() })} />
        <datalist id="c-accounts">${all.filter(a => !a.catch_all).slice(0, 200).map(a => html`<option value=${a.address || a.account} />`)}</datalist></div>
      <${Recipients} id="c-to" label=${t("to")} value=${form.to} change=${to => change({ to })} more=${!cc && html`<button type="button" class="link quiet" onClick=${() => showCc(true)}>${t("compose.cc")}</button>`} />
      ${cc && html`<${Recipients} id="c-cc" label=${t("cc")} value=${form.cc} change=${v => change({ cc: v })} /><${Recipients} id="c-bcc" label=${t("bcc")} value=${form.bcc} change=${v => change({ bcc: v })} />`}
      <div class="compose-row"><label for="c-subject">${t("compose.subject")}</label><input id="c-subject" type="text" dir="auto" value=${form.subject} onInput=${e => change({ subject: e.target.value })} /></div>
    </div>
    <div class="compose-body">${look
      ? html`<iframe sandbox="" title=${t("preview")} srcdoc=${form.body}></iframe>`
      : html`<textarea dir="auto" aria-label=${t("compose.body")} class=${form.html ? "mono" : ""} value=${form.body} onInput=${e => change({ body: e.target.value })}></textarea>`}</div>
    <${Files} files=${form.files} remove=${i => change({ files: form.files.filter((_, n) => n !== i) })} />
    ${over && html`<p class="compose-drop">${t("compose.drop")}</p>`}
    ${error && html`<p class="note bad" role="alert">${error}</p>`}
    <footer class="compose-foot"><button class="button primary" disabled=${busy}><${Icon} name="sent" />${t("compose.send")}</button>
      <button type="button" class="button" onClick=${save} disabled=${busy || !isAddress(form.from)}>${t("compose.draft")}</button>
      <${IconButton} icon="clip" label=${t("compose.attach")} onClick=${() => picker.current.click()} />
      <input type="file" multiple hidden ref=${picker} aria-label=${t("compose.attach")} onChange=${e => { attach(e.target.files); e.target.value = ""; }} />
      <label class="check"><input type="checkbox" checked=${form.html} onChange=${e => { change({ html: e.target.checked }); setLook(false); }} /> ${t("compose.html")}</label>
      ${form.html && html`<label class="check"><input type="checkbox" checked=${look} onChange=${e => setLook(e.target.checked)} /> ${t("compose.look")}</label>`}
      <span class="spread"></span><${IconButton} icon="trash" label=${t("compose.discard")} onClick=${() => { leave(); location.hash = near({}); }} /></footer>
  </form>`;
}

export default function Compose() {
  const at = use(route), name = use(sandbox), who = use(account);
  const key = JSON.stringify(at.query);
  const state = useLoad(async () => {
    const from = settings.peek().from || (who === name ? "" : who);
    return restored(name, key, Object.keys(at.query).length ? await formFor(name, at.query, from) : emptyForm(from || `me@${name}.test`));
  }, [name, key]);
  return html`<section class="page-view" aria-label=${t("compose")}><${Loaded} state=${state}>${start => html`<${Form} start=${start} at=${at} slot=${key} key=${name + key} />`}<//></section>`;
}
