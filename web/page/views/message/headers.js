// All header fields, in order, decoded or as sent.
import { html, useState } from "../../vendor/htm-preact.js";
import { useLoad } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { Copy, Loaded } from "../../ui/parts.js";

export function Headers({ m }) {
  const [raw, setRaw] = useState(false), [text, type] = useState("");
  const state = useLoad(() => (raw ? api.headers(m.sandbox, m.id, true) : { headers: m.headers }), [m.id, raw]);
  const wanted = text.toLowerCase();
  return html`<div class="plain-bar"><input type="search" class="narrow" placeholder=${t("narrow")} aria-label=${t("narrow")} value=${text} onInput=${e => type(e.target.value)} />
      <label class="check"><input type="checkbox" checked=${raw} onChange=${e => setRaw(e.target.checked)} /> ${t("headers.raw")}</label><span class="spread"></span>
      <${Copy} text=${m.headers.map(h => `${h.name}: ${h.value}`).join("\n")} /></div>
    <${Loaded} state=${state}>${({ headers }) => html`<table class="headers"><caption class="away">${t("tab.headers")}</caption><tbody>${headers
      .filter(h => !wanted || h.name.toLowerCase().includes(wanted) || h.value.toLowerCase().includes(wanted))
      .map((h, i) => html`<tr key=${i}><th scope="row">${h.name}</th><td dir="auto">${h.value}</td><td class="row-tools"><${Copy} text=${h.value} label=${t("copy.what", { what: h.name })} /></td></tr>`)}</tbody></table>`}<//>`;
}
