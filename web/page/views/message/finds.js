// Codes and links that were found in a message, to copy.
import { html } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { Icon } from "../../ui/icons.js";
import { Copy, Empty } from "../../ui/parts.js";
import { copy } from "../../ui/toast.js";

const kinds = ["verify", "sign_in", "reset", "other", "unsubscribe", "tracking", "image"];
const web = u => /^(https?|mailto|tel):/i.test(u);

export function Finds({ links, codes }) {
  if (!links.length && !codes.length) return html`<${Empty} icon="link" title=${t("finds.none")}><p>${t("finds.none.what")}</p><//>`;
  const sorted = [...links].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return html`<div class="finds">${codes.length > 0 && html`<section><h2>${t("codes")}</h2><ul class="codes">${codes.map((c, i) => html`<li key=${i}>
      <button type="button" class=${"code-big" + (i ? "" : " best")} title=${t("copy")} onClick=${() => copy(c.code)}>${c.code}<${Icon} name="copy" /></button>
      <p dir="auto">${c.context}</p><small title=${c.reasons.join(", ")}>${t("score", { n: Math.round(c.score * 100) / 100 })}</small></li>`)}</ul></section>`}
    ${sorted.length > 0 && html`<section><h2>${t("links")}</h2><ul class="links">${sorted.map((l, i) => html`<li key=${i}>
      <span class=${"chip kind-" + l.kind}>${t("link." + l.kind)}</span>
      <span class="link-what"><span class="link-label" dir="auto">${l.label || (["tracking", "image"].includes(l.kind) ? "" : l.context)}</span>
        ${web(l.url) ? html`<a href=${l.url} target="_blank" rel="noopener noreferrer nofollow">${l.url}</a>` : html`<code>${l.url}</code>`}</span>
      <${Copy} text=${l.url} label=${t("copy.what", { what: l.url.slice(0, 60) })} /></li>`)}</ul></section>`}</div>`;
}
