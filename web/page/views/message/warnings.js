// What is malformed in a message, and where.
import { html } from "../../vendor/htm-preact.js";
import { number, t } from "../../i18n.js";

export const Warnings = ({ m }) => html`<div class="sheet"><p class="muted">${t("warnings.what")}</p>
  <ul class="warnings">${m.warnings.map((w, i) => html`<li key=${i}><code>${w.code}</code><p>${w.detail}</p>
    ${w.offset >= 0 && html`<small>${t("offset", { n: number(w.offset) })}</small>`}</li>`)}</ul></div>`;
