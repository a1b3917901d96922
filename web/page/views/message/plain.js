// Tabs that show text as it is: the text part, the source, the transcript.
import { html, useState } from "../../vendor/htm-preact.js";
import { useLoad } from "../../hooks.js";
import { size } from "../../format.js";
import { t } from "../../i18n.js";
import { api, url } from "../../api.js";
import { Copy, Empty, Loaded } from "../../ui/parts.js";
import { Lines } from "../sessions/lines.js";

/** Text beyond this is cut on show; a download has all. */
const most = 500_000;
const address = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** Text with its web addresses as links and its quotes marked. */
function linked(line) {
  const out = [];
  let at = 0;
  for (const found of line.matchAll(address)) {
    out.push(line.slice(at, found.index), html`<a href=${found[0]} target="_blank" rel="noopener noreferrer nofollow">${found[0]}</a>`);
    at = found.index + found[0].length;
  }
  return [...out, line.slice(at)];
}

export function Text({ m }) {
  const [mono, setMono] = useState(false);
  if (m.text === null && m.html === null) return html`<${Empty} icon="drafts" title=${t("text.none")}><p>${t("text.none.what")}</p><//>`;
  if (m.text === null) return html`<${Empty} icon="drafts" title=${t("text.html_only")}><p>${t("text.html_only.what")}</p><//>`;
  const text = m.text.slice(0, most);
  return html`<div class="plain-bar"><label class="check"><input type="checkbox" checked=${mono} onChange=${e => setMono(e.target.checked)} /> ${t("text.mono")}</label>
      <span class="spread"></span><${Copy} text=${m.text} /></div>
    <div class=${"text" + (mono ? " mono" : "")}>${text.split("\n").map((line, i) => html`<div key=${i} dir="auto" class=${/^>/.test(line) ? "quote" : ""}>${line ? linked(line) : html`<br />`}</div>`)}</div>
    ${(m.text.length > most || m.truncated.includes("text")) && html`<p class="cut">${t("cut")}</p>`}`;
}

export function Source({ m }) {
  const state = useLoad(() => (m.size > 4 * most ? Promise.resolve(null) : api.raw(m.sandbox, m.id)), [m.id]);
  return html`<${Loaded} state=${state}>${raw => html`<div class="plain-bar"><span class="muted">${size(m.size)}</span><span class="spread"></span>
      <a class="button small" href=${url.raw(m.sandbox, m.id, true)} download>${t("download.eml")}</a>${raw !== null && html`<${Copy} text=${raw} />`}</div>
    ${raw === null ? html`<${Empty} icon="download" title=${t("source.large")}><p>${t("source.large.what")}</p><//>`
      : html`<pre class="source" tabindex="0">${colour(raw.slice(0, most))}</pre>${raw.length > most && html`<p class="cut">${t("cut")}</p>`}`}`}<//>`;
}

/** Header names stand out; the body is as it is. */
function colour(raw) {
  const end = raw.search(/\r?\n\r?\n/), head = end < 0 ? raw : raw.slice(0, end);
  const lines = head.split(/\r?\n/).map(line => {
    const name = line.match(/^[!-9;-~]+:/)?.[0];
    return name ? html`<b>${name}</b>${line.slice(name.length)}\n` : line + "\n";
  });
  return [...lines, end < 0 ? "" : raw.slice(end).replace(/^\r?\n/, "")];
}

export function Transcript({ m }) {
  const state = useLoad(() => api.transcript(m.sandbox, m.id), [m.id]);
  return html`<${Loaded} state=${state}>${session => html`<${Lines} session=${session} highlight=${m.id} />`}<//>`;
}
