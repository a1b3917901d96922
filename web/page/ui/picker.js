// A button that opens a list to choose from, with a field that narrows it.
import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { t } from "../i18n.js";
import { Icon } from "./icons.js";

/** More than this many are not drawn: typing narrows them. */
const most = 100;

/** items are {value, label, note, hint}; other(text) may offer what is not in the list. */
export function Picker({ label, value, items, choose, icon, className = "", foot, other, opened }) {
  const [open, set] = useState(false);
  const [text, type] = useState("");
  const [at, move] = useState(0);
  const ref = useRef(), id = "picker-" + label.replace(/\W/g, "");
  const wanted = text.trim().toLowerCase();
  let shown = items.filter(i => !wanted || i.label.toLowerCase().includes(wanted) || String(i.value).toLowerCase().includes(wanted));
  const extra = wanted && !shown.some(i => i.value === text.trim()) && other?.(text.trim());
  if (extra) shown = [...shown, extra];
  const hidden = shown.length - most;
  shown = shown.slice(0, most);
  const current = items.find(i => i.value === value);
  useEffect(() => {
    if (!open) return;
    opened?.();
    type("");
    move(Math.max(0, items.findIndex(i => i.value === value)));
    ref.current.querySelector("input").focus();
    const away = e => { if (!ref.current.contains(e.target)) set(false); };
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [open]);
  const shut = () => {
    set(false);
    ref.current.querySelector("button").focus();
  };
  const pick = item => {
    shut();
    choose(item.value);
  };
  const keys = e => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) move((at + step + shown.length) % Math.max(1, shown.length));
    else if (e.key === "Enter" && shown[at]) pick(shown[at]);
    else if (e.key === "Escape") shut();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return html`<div class=${"picker " + className} ref=${ref}>
    <button type="button" class="picker-button" aria-haspopup="listbox" aria-expanded=${open} aria-label=${`${label}: ${current?.label ?? value}`}
      onClick=${() => set(!open)}><${Icon} name=${icon} /><span class="picker-value" dir="auto">${current?.label ?? value}</span><${Icon} name="down" /></button>
    ${open && html`<div class="picker-pop"><input type="text" role="combobox" aria-expanded="true" aria-controls=${id} aria-label=${label}
        aria-activedescendant=${shown[at] ? `${id}-${at}` : undefined} placeholder=${t("narrow")} value=${text} autocomplete="off" spellcheck="false"
        onInput=${e => { type(e.target.value); move(0); }} onKeyDown=${keys} />
      <ul role="listbox" id=${id} aria-label=${label} tabindex="-1">${shown.map((item, i) => html`<li role="option" id=${`${id}-${i}`} key=${item.value}
        aria-selected=${item.value === value} class=${"picker-item" + (i === at ? " at" : "")} onClick=${() => pick(item)} onPointerMove=${() => move(i)}>
        <span dir="auto">${item.label}${item.hint && html`<small>${item.hint}</small>`}</span>${item.note && html`<em>${item.note}</em>`}</li>`)}</ul>
      ${hidden > 0 && html`<p class="picker-more">${t("picker.more", { n: hidden })}</p>`}
      ${!shown.length && html`<p class="picker-more">${t("picker.none")}</p>`}${foot}</div>`}
  </div>`;
}
