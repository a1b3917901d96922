// Attachments under a message: shown where a browser can, else to download.
import { html } from "../../vendor/htm-preact.js";
import { use, useLoad } from "../../hooks.js";
import { size } from "../../format.js";
import { t } from "../../i18n.js";
import { api, url } from "../../api.js";
import { go, route } from "../../router.js";
import { Icon } from "../../ui/icons.js";
import { Dialog, IconButton, Loaded } from "../../ui/parts.js";

const kinds = [[/^image\/(?!svg|tiff)/, "image"], [/^audio\//, "audio"], [/^video\//, "video"], [/^application\/pdf$/, "pdf"],
  [/^text\/calendar$/, "calendar"], [/^(text\/|application\/(json|xml|x-yaml))/, "text"], [/^message\/rfc822$/, "text"]];
const kindOf = a => kinds.find(([is]) => is.test(a.type))?.[1];

function PartText({ m, a }) {
  const state = useLoad(() => (a.size > 1 << 20 ? Promise.reject(new Error(t("attachment.large"))) : api.partText(m.sandbox, m.id, a.path)), [m.id, a.path]);
  return html`<${Loaded} state=${state}>${text => html`<pre class="source" tabindex="0" dir="auto">${text}</pre>`}<//>`;
}

const unfold = text => text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/);

/** The events of a calendar, RFC 5545 §3.6.1. */
function events(text) {
  const out = [];
  let event = null;
  for (const line of unfold(text)) {
    const [, name, params, value] = line.match(/^([\w-]+)((?:;[^:"]*(?:"[^"]*")?)*):(.*)$/) || [];
    if (!name) continue;
    if (name === "BEGIN" && value === "VEVENT") out.push(event = {});
    else if (name === "END" && value === "VEVENT") event = null;
    else if (event) (event[name] ||= []).push({ params, value: value.replace(/\\n/gi, "\n").replace(/\\([,;\\])/g, "$1") });
  }
  return out;
}

function when(field) {
  const [, y, mo, d, h, mi, , z] = field?.[0].value.match(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?/) || [];
  if (!y) return "";
  if (!h) return `${y}-${mo}-${d}`;
  const zone = field[0].params.match(/TZID=([^;]+)/)?.[1];
  return `${y}-${mo}-${d} ${h}:${mi}${z ? " UTC" : zone ? " " + zone : ""}`;
}

function Calendar({ m, a }) {
  const state = useLoad(() => api.partText(m.sandbox, m.id, a.path), [m.id, a.path]);
  return html`<${Loaded} state=${state}>${text => html`${events(text).map((e, i) => html`<dl class="facts calendar" key=${i}>
      ${[["calendar.what", e.SUMMARY?.[0].value], ["calendar.when", [when(e.DTSTART), when(e.DTEND)].filter(Boolean).join(" – ")], ["calendar.where", e.LOCATION?.[0].value],
        ["calendar.who", e.ATTENDEE?.map(x => x.value.replace(/^mailto:/i, "")).join(", ")], ["calendar.rule", e.RRULE?.[0].value], ["calendar.text", e.DESCRIPTION?.[0].value]]
        .filter(([, v]) => v).map(([k, v]) => html`<div><dt>${t(k)}</dt><dd dir="auto">${v}</dd></div>`)}</dl>`)}
    <details><summary>${t("tab.source")}</summary><pre class="source" tabindex="0">${text}</pre></details>`}<//>`;
}

function Show({ m, a, kind }) {
  const at = url.part(m.sandbox, m.id, a.path);
  if (kind === "image") return html`<img class="shown" src=${at} alt=${a.name || a.type} />`;
  if (kind === "audio") return html`<audio controls src=${at}></audio>`;
  if (kind === "video") return html`<video class="shown" controls src=${at}></video>`;
  if (kind === "pdf") return html`<iframe class="shown pdf" src=${at} title=${a.name || "PDF"}></iframe>`;
  if (kind === "calendar") return html`<${Calendar} m=${m} a=${a} />`;
  return html`<${PartText} m=${m} a=${a} />`;
}

export function Attachments({ m }) {
  const { query } = use(route), open = m.attachments.findIndex(one => one.path === query.part && kindOf(one)), a = m.attachments[open];
  const show = i => go({ query: { ...route.peek().query, part: m.attachments[i]?.path } }, true);
  return html`<section class="attachments" aria-label=${t("attachments")}><h2>${t("attachments.n", { n: m.attachments.length })}</h2>
    <ul>${m.attachments.map((one, i) => {
      const kind = kindOf(one), name = one.name || t("attachment.unnamed", { type: one.type });
      return html`<li class="attachment" key=${one.path}>
        <button type="button" class="attachment-open" disabled=${!kind} onClick=${() => show(i)} title=${kind ? t("show") : one.type}>
          ${kind === "image" ? html`<img src=${url.part(m.sandbox, m.id, one.path)} alt="" loading="lazy" />` : html`<span class="attachment-mark">${(one.name.match(/\.(\w{1,5})$/)?.[1] || one.type.split("/")[1] || "?").slice(0, 5)}</span>`}
          <span class="attachment-name"><span dir="auto">${name}</span><small>${size(one.size)}${one.disposition === "inline" ? " · " + t("inline") : ""}</small></span></button>
        <a class="icon-button" href=${url.part(m.sandbox, m.id, one.path, true)} download aria-label=${t("download.what", { what: name })} title=${t("download")}><${Icon} name="download" /></a></li>`;
    })}</ul>
    ${a && html`<${Dialog} title=${a.name || a.type} close=${() => show(-1)} wide>
      <div class="show"><${Show} m=${m} a=${a} kind=${kindOf(a)} key=${a.path} /></div>
      <footer class="dialog-foot"><code class="muted" title="SHA-256">${a.sha256.slice(0, 16)}…</code><span class="spread"></span>
        ${m.attachments.length > 1 && html`<${IconButton} icon="back" label=${t("previous")} onClick=${() => show((open + m.attachments.length - 1) % m.attachments.length)} />
        <${IconButton} icon="next" label=${t("next")} onClick=${() => show((open + 1) % m.attachments.length)} />`}
        <a class="button" href=${url.part(m.sandbox, m.id, a.path, true)} download>${t("download")}</a></footer><//>`}
  </section>`;
}
