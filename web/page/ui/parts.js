// Small things that every view uses.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/htm-preact.js";
import { t } from "../i18n.js";
import { hue, initial } from "../format.js";
import { link } from "../router.js";
import { Icon } from "./icons.js";
import { copy } from "./toast.js";

/** A button that is only an icon; its label is its name and its tooltip. */
export const IconButton = ({ icon, label, hint, ...rest }) =>
  html`<button type="button" class="icon-button" aria-label=${label} title=${hint ? `${label} (${hint})` : label} ...${rest}>
    <${Icon} name=${icon} /></button>`;

export const Copy = ({ text, label }) =>
  html`<${IconButton} icon="copy" label=${label || t("copy")} onClick=${() => copy(text)} />`;

/** What a view says when there is nothing, and what to do about it. */
export const Empty = ({ icon, title, children }) => html`<div class="empty">
  <div class="empty-mark"><${Icon} name=${icon || "inbox"} /></div><h2>${title}</h2><div class="empty-text">${children}</div></div>`;

/** What a view says when it could not load. */
export function Trouble({ error, retry }) {
  const offline = error.status === 0, gone = /^sandbox_/.test(error.code);
  return html`<div class="empty" role="alert"><div class="empty-mark bad"><${Icon} name="warn" /></div>
    <h2>${offline ? t("error.offline") : t("error.title")}</h2>
    <div class="empty-text"><p>${offline ? t("error.offline.what") : error.message}</p>
    ${gone ? html`<a class="button" href=${link({ sandbox: "default", view: "sandboxes" })}>${t("sandboxes.manage")}</a>`
      : retry && html`<button class="button" onClick=${retry}>${t("retry")}</button>`}</div></div>`;
}

/** Loading, trouble or the view of the data. */
export function Loaded({ state, children }) {
  if (state.data !== undefined) return children(state.data);
  if (state.error) return html`<${Trouble} error=${state.error} retry=${state.reload} />`;
  return html`<${Waiting} />`;
}

export const Waiting = () => html`<div class="waiting" aria-label=${t("loading")} role="progressbar"><i></i></div>`;

export const Avatar = ({ of: who }) =>
  html`<span class="avatar" aria-hidden="true" style=${{ "--hue": hue(who.address || who.name || "?") }}>${initial(who)}</span>`;

export const Chip = ({ kind, children, title }) => html`<span class=${"chip " + (kind || "")} title=${title}>${children}</span>`;

/** A labelled field of a form. */
export const Field = ({ label, hint, children }) => html`<label class="field"><span class="field-label">${label}</span>
  ${children}${hint && html`<span class="field-hint">${hint}</span>`}</label>`;

/** For the form of something new: puts the cursor into the field that has autofocus. */
export function useFirstField() {
  const ref = useRef();
  useLayoutEffect(() => { ref.current.querySelector("[autofocus]")?.focus(); }, []);
  return ref;
}

/** A dialog over the page; Escape and the backdrop close it. */
export function Dialog({ title, close, children, wide }) {
  const ref = useRef();
  useLayoutEffect(() => {
    const back = document.activeElement;
    ref.current.showModal();
    return () => back?.focus?.();
  }, []);
  return html`<dialog ref=${ref} class=${"dialog" + (wide ? " wide" : "")} aria-label=${title}
    onCancel=${e => { e.preventDefault(); close(); }} onClick=${e => e.target === ref.current && close()}>
    <div class="dialog-body"><header class="dialog-head"><h2>${title}</h2>
      <${IconButton} icon="close" label=${t("close")} onClick=${close} /></header>${children}</div></dialog>`;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, yes, run, close }) {
  const [busy, set] = useState(false);
  const go = async () => {
    set(true);
    await run();
    close();
  };
  return html`<${Dialog} title=${title} close=${close}><p class="dialog-text">${text}</p>
    <footer class="dialog-foot"><button class="button" onClick=${close}>${t("cancel")}</button>
    <button class="button danger" disabled=${busy} onClick=${go}>${yes}</button></footer><//>`;
}

/** A button with a list of actions; items are {label, icon, run, hint} or null for a line. */
export function Menu({ label, icon = "more", items, children, className = "icon-button" }) {
  const [open, set] = useState(false);
  const ref = useRef();
  useEffect(() => {
    if (!open) return;
    const away = e => { if (!ref.current.contains(e.target)) set(false); };
    addEventListener("pointerdown", away);
    ref.current.querySelector("[role^=menuitem]")?.focus();
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const keys = e => {
    if (!open) return;
    const all = [...ref.current.querySelectorAll("[role^=menuitem]")], at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) all[(at + step + all.length) % all.length].focus();
    else if (e.key === "Escape") { set(false); ref.current.querySelector("button").focus(); }
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return html`<div class="menu" ref=${ref} onKeyDown=${keys}>
    <button type="button" class=${className} aria-label=${label} title=${label} aria-haspopup="menu" aria-expanded=${open}
      onClick=${() => set(!open)}>${children || html`<${Icon} name=${icon} />`}</button>
    ${open && html`<div class="menu-list" role="menu" aria-label=${label}>${items.map(item => item === null
      ? html`<hr />`
      : html`<button type="button" role=${item.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked=${item.checked}
          disabled=${item.disabled} class="menu-item" onClick=${() => { set(false); item.run(); }}>
          <${Icon} name=${item.checked ? "check" : item.icon || "none"} /><span>${item.label}</span>
          ${item.hint && html`<kbd>${item.hint}</kbd>`}</button>`)}</div>`}
  </div>`;
}
