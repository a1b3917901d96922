// Short notices at the foot of the page.
import { html } from "../vendor/htm-preact.js";
import { signal } from "../vendor/signals-core.js";
import { use } from "../hooks.js";
import { t } from "../i18n.js";
import { Icon } from "./icons.js";

const toasts = signal([]);
let last = 0;

/** Shows a notice; kind is "" or "bad"; act is {label, run}. */
export function toast(text, { kind = "", act } = {}) {
  const id = ++last;
  toasts.value = [...toasts.peek().slice(-3), { id, text, kind, act }];
  setTimeout(() => drop(id), kind === "bad" || act ? 9000 : 4500);
}

const drop = id => { toasts.value = toasts.peek().filter(one => one.id !== id); };

/** Tells an error of the API in words. */
export const tellError = err => toast(err.status === 0 ? t("error.offline") : err.message, { kind: "bad" });

/** Runs an action; an error becomes a notice. Returns whether it went well. */
export async function attempt(run, done) {
  try {
    await run();
    if (done) toast(done);
    return true;
  } catch (err) {
    tellError(err);
    return false;
  }
}

export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "away" });
    document.body.append(area);
    area.select();
    document.execCommand("copy"); // where the clipboard needs https
    area.remove();
  }
  toast(what || t("copied"));
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${use(toasts).map(one => html`<div key=${one.id} class=${"toast " + one.kind}>
      <span>${one.text}</span>
      ${one.act && html`<button class="link" onClick=${() => { drop(one.id); one.act.run(); }}>${one.act.label}</button>`}
      <button class="icon-button" aria-label=${t("close")} onClick=${() => drop(one.id)}><${Icon} name="close" /></button>
    </div>`)}
  </div>`;
}
