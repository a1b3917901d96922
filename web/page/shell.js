// What stands around every view: the sidebar with sandboxes, accounts,
// mailboxes and the rest of the house; shortcuts that work everywhere.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";
import { use, useKeys, useMedia } from "./hooks.js";
import { number, t } from "./i18n.js";
import { link as live } from "./live.js";
import { go, near, route } from "./router.js";
import { settings } from "./settings.js";
import { account, accounts, admin, box, info, loadSandboxes, mailboxes, sandbox, sandboxes, signOut } from "./state.js";
import { typing } from "./keys.js";
import { Help } from "./ui/help.js";
import { Icon } from "./ui/icons.js";
import { IconButton } from "./ui/parts.js";
import { Picker } from "./ui/picker.js";
import { boxIcon, boxName } from "./views/mail/boxes.js";

function SandboxPicker() {
  const all = use(sandboxes), name = use(sandbox);
  const sorted = [...all].sort((a, b) => (b.name === "default") - (a.name === "default") || a.name.localeCompare(b.name));
  return html`<${Picker} label=${t("sandbox")} value=${name} className="sandbox-picker" icon="sandboxes" opened=${loadSandboxes}
    items=${sorted.map(s => ({ value: s.name, label: s.name, note: number(s.messages) }))}
    choose=${value => go({ sandbox: value, view: "mail", account: "", mailbox: "", id: "", query: {} })}
    foot=${html`<a class="picker-foot" href=${near({ view: "sandboxes" })}>${t("sandboxes.manage")}</a>`} />`;
}

function AccountPicker() {
  const all = use(accounts), who = use(account), name = use(sandbox);
  const items = [{ value: name, label: t("catch_all"), hint: t("catch_all.what") },
    ...all.filter(a => !a.catch_all).map(a => ({ value: a.account, label: a.address || a.account, note: a.unseen ? number(a.unseen) : "" }))];
  if (!items.some(i => i.value === who)) items.push({ value: who, label: who });
  return html`<${Picker} label=${t("account")} value=${who} items=${items} icon="contacts"
    other=${text => (text.includes("@") ? { value: text, label: t("account.open", { address: text }) } : null)}
    choose=${value => go({ view: "mail", account: value === name ? "" : value, mailbox: value === name ? "" : "INBOX", id: "", query: {} })} />`;
}

function Boxes() {
  const all = use(mailboxes), at = use(route), here = use(box), who = use(account), name = use(sandbox);
  const mail = at.view === "mail";
  const item = (href, icon, label, count, unseen, current) => html`<li><a href=${href} class=${"nav-item" + (unseen ? " unseen" : "")}
    aria-current=${current ? "page" : undefined}><${Icon} name=${icon} /><span class="nav-label" dir="auto">${label}</span>
    <span class="nav-count" title=${t("count.title", { n: count, unseen })}>${unseen ? number(unseen) : count ? html`<i>${number(count)}</i>` : ""}</span></a></li>`;
  return html`<ul class="nav-list">
    ${who === name && item(near({}), "all", t("everything"), here?.messages ?? 0, 0, mail && !at.mailbox)}
    ${all.map(m => item(near({ account: who, mailbox: m.name }), boxIcon(m), boxName(m), m.messages, m.unseen, mail && at.mailbox === m.name))}
  </ul>`;
}

const house = ["contacts", "aliases", "sessions", "faults", "queue", "webhooks", "sandboxes", "limits", "settings"];

function Sidebar({ close, help }) {
  const { view } = use(route), who = use(info), state = use(live), isAdmin = use(admin);
  return html`<nav class="sidebar" aria-label=${t("nav")} onClick=${e => e.target.closest("a[href]") && close()}>
    <header class="brand"><a href=${near({})} class="wordmark">Catchpost</a>
      <span class=${"pulse " + state} title=${t("live." + state)}><i></i><span class="away">${t("live." + state)}</span></span></header>
    <a class="button primary write" href=${near({ view: "compose" })}><${Icon} name="drafts" />${t("compose")}</a>
    <div class="pickers"><${SandboxPicker} /><${AccountPicker} /></div>
    <${Boxes} />
    <ul class="nav-list house">${house.filter(v => isAdmin || v !== "sandboxes").map(v => html`<li><a class="nav-item"
      href=${near({ view: v })} aria-current=${view === v ? "page" : undefined}><${Icon} name=${v} /><span class="nav-label">${t("view." + v)}</span></a></li>`)}</ul>
    <footer class="sidebar-foot"><a href="docs" target="_blank" rel="noopener">${t("docs")}</a>
      <button class="link" onClick=${help}>${t("keys")} <kbd>?</kbd></button>
      ${who && !who.open && html`<button class="link" onClick=${signOut}>${t("sign_out")}</button>`}</footer>
  </nav>`;
}

const jumps = { i: {}, c: { view: "contacts" }, q: { view: "queue" }, s: { view: "sessions" }, w: { view: "webhooks" },
  a: { view: "aliases" }, f: { view: "faults" }, b: { view: "sandboxes" }, l: { view: "limits" }, ",": { view: "settings" } };

export function Shell({ children }) {
  const narrow = useMedia("(max-width: 900px)");
  const [open, setOpen] = useState(false);
  const [help, setHelp] = useState(false);
  const pending = useRef(0), main = useRef();
  const at = use(route), name = use(sandbox);
  useEffect(() => setOpen(false), [at]);
  useEffect(() => {
    document.title = (at.view === "mail" ? name : t("view." + at.view)) + " · Catchpost";
  }, [at.view, name]);
  useKeys(e => {
    if (e.key === "Escape" && open) return setOpen(false);
    if (typing(e) || !settings.peek().keys) return;
    if (pending.current > Date.now() - 1500 && jumps[e.key]) {
      pending.current = 0;
      e.preventDefault();
      e.stopImmediatePropagation();
      location.hash = near(jumps[e.key]);
    } else if (e.key === "g") pending.current = Date.now();
    else if (e.key === "?") setHelp(true);
    else if (e.key === "c") location.hash = near({ view: "compose" });
  });
  return html`<a class="skip" href="#main" onClick=${e => { e.preventDefault(); main.current.focus(); }}>${t("skip")}</a>
    <div class=${"shell" + (open ? " open" : "")}>
    ${narrow && html`<header class="topbar"><${IconButton} icon="menu" label=${t("menu")} aria-expanded=${open} onClick=${() => setOpen(!open)} />
      <strong class="topbar-title">${at.view === "mail" ? name : t("view." + at.view)}</strong>
      <a class="icon-button" aria-label=${t("compose")} href=${near({ view: "compose" })}><${Icon} name="drafts" /></a></header>`}
    <div class="sidebar-place" inert=${narrow && !open}><${Sidebar} close=${() => setOpen(false)} help=${() => setHelp(true)} /></div>
    ${narrow && open && html`<div class="scrim" onClick=${() => setOpen(false)}></div>`}
    <main id="main" tabindex="-1" ref=${main}>${children}</main>
    ${help && html`<${Help} close=${() => setHelp(false)} />`}
  </div>`;
}
