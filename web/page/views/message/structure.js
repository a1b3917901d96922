// The MIME tree, each part to look at or to download.
import { html } from "../../vendor/htm-preact.js";
import { useLoad } from "../../hooks.js";
import { size } from "../../format.js";
import { t } from "../../i18n.js";
import { api, url } from "../../api.js";
import { Icon } from "../../ui/icons.js";
import { Loaded } from "../../ui/parts.js";

function depthOf(part, byPath) {
  let depth = 0;
  for (let p = part; p && p.parent !== null && depth < 60; p = byPath.get(p.parent)) depth++;
  return depth;
}

export function Structure({ m }) {
  const state = useLoad(() => api.parts(m.sandbox, m.id), [m.id]);
  return html`<${Loaded} state=${state}>${({ parts }) => {
    const byPath = new Map(parts.map(p => [p.path, p]));
    return html`<ul class="structure">${parts.map((p, i) => html`<li key=${i} style=${{ "--depth": depthOf(p, byPath) }}>
      <span class="part-path">${p.path || "–"}</span>
      <span class="part-what"><b>${p.type}</b>${p.name && html` <span dir="auto">${p.name}</span>`}
        <small>${[p.charset, p.encoding, p.disposition, p.content_id && `<${p.content_id}>`].filter(Boolean).join(" · ")}</small></span>
      <span class="part-size">${size(p.size)}</span>
      ${p.path && !p.type.startsWith("multipart/") ? html`<a class="icon-button" href=${url.part(m.sandbox, m.id, p.path, true)} download aria-label=${t("download.part", { path: p.path })}
        title=${t("download")}><${Icon} name="download" /></a>` : html`<span class="icon-button"></span>`}</li>`)}</ul>`;
  }}<//>`;
}
