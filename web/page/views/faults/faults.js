// Faults: rules that make the mail servers misbehave, and how often each struck.
import { html, useEffect, useState } from "../../vendor/htm-preact.js";
import { use, useFresh, useLoad } from "../../hooks.js";
import { number, t } from "../../i18n.js";
import { api } from "../../api.js";
import { listen } from "../../live.js";
import { go, near, route } from "../../router.js";
import { calmly, sandbox } from "../../state.js";
import { Icon } from "../../ui/icons.js";
import { Chip, Confirm, Empty, Loaded } from "../../ui/parts.js";
import { attempt } from "../../ui/toast.js";
import { Editor } from "./editor.js";
import { conditions, effectWords, pointName, spent } from "./rules.js";

function Hits({ f }) {
  const part = f.times ? Math.min(1, f.struck / f.times) : 0;
  return html`<b>${f.times ? t("limits.of", { n: number(f.struck), limit: number(f.times) }) : number(f.struck)}</b>
    ${f.times > 0 && html`<span class=${"meter" + (spent(f) ? " done" : "")}><i style=${{ width: part * 100 + "%" }}></i></span>`}
    ${(f.matched > f.struck || spent(f)) && html`<small>${[spent(f) && t("fault.spent"), f.matched > f.struck && t("fault.matched", { n: f.matched })].filter(Boolean).join(" · ")}</small>`}`;
}

function Row({ f, current, end }) {
  return html`<tr class=${(current ? "current" : "") + (spent(f) ? " spent" : "")}><td><a class="strong" href=${near({ view: "faults", id: f.id })}>${f.id}</a><small>${f.points.map(pointName).join(", ")}</small></td>
    <td><div class="fault-what">${effectWords(f.effect).map(w => html`<code key=${w}>${w}</code>`)}</div>
      ${conditions(f).map(([k, v]) => html`<${Chip} key=${k}>${t("fault.if." + k)} ${v}<//> `)}${f.chance > 0 && html`<${Chip}>${t("fault.share", { n: Math.round(f.chance * 100) })}<//> `}${f.skip > 0 && html`<${Chip}>${t("fault.skips", { n: f.skip })}<//>`}</td>
    <td class="fault-hits"><${Hits} f=${f} /></td>
    <td class="tools"><button class="button small" onClick=${() => end(f)} aria-label=${t("fault.end.what", { id: f.id })}>${t("sandbox.end")}</button></td></tr>`;
}

export default function Faults() {
  const name = use(sandbox), at = use(route), [asking, ask] = useState(false);
  const state = useLoad(() => api.faults(name), [name]), all = state.data?.faults || [];
  useEffect(() => {
    const soon = calmly(600, state.reload);
    return listen(({ name: event }) => (event.startsWith("session.") || event === "message.received" || event === "resync") && soon());
  }, [state.reload]);
  useFresh(state.reload);
  const open = at.id === "new" ? state.data && {} : all.find(f => f.id === at.id);
  const end = f => attempt(async () => {
    await api.deleteFault(name, f.id);
    if (at.id === f.id) go({ id: "" });
    state.reload();
  }, t("fault.ended", { id: f.id }));
  const saved = () => {
    state.reload();
    go({ id: "", query: {} });
  };
  return html`<section class=${"page-view split" + (open ? " open" : "")} aria-label=${t("view.faults")}><div class="split-list"><header class="view-head"><h1>${t("view.faults")}</h1><span class="spread"></span>
      ${all.length > 1 && html`<button class="button small" onClick=${() => ask(true)}>${t("faults.end_all")}</button>`}
      <a class="button small primary" href=${near({ view: "faults", id: "new" })}><${Icon} name="plus" />${t("faults.new")}</a></header>
    <p class="view-what">${t("faults.what")}</p>
    <${Loaded} state=${state}>${({ faults }) => (faults.length ? html`<div class="scroll" tabindex="0" role="region" aria-label=${t("view.faults")}><table class="table stack fault-table"><thead><tr><th scope="col">${t("fault.id")}</th><th scope="col">${t("fault.effect")}</th>
        <th scope="col">${t("fault.hits")}</th><th scope="col"><span class="away">${t("more")}</span></th></tr></thead><tbody>${faults.map(f => html`<${Row} key=${f.id} f=${f} current=${f.id === at.id} end=${end} />`)}</tbody></table></div>`
      : html`<${Empty} icon="faults" title=${t("faults.none")}><p>${t("faults.none.what")}</p><a class="button" href=${near({ view: "faults", id: "new" })}>${t("faults.new")}</a><//>`)}<//></div>
    ${open && html`<div class="split-side"><${Editor} key=${at.id} rule=${open} name=${name} taken=${all.map(f => f.id)} close=${() => go({ id: "", query: {} })} saved=${saved} /></div>`}
    ${asking && html`<${Confirm} title=${t("faults.end_all.title")} text=${t("faults.end_all.what")} yes=${t("faults.end_all")} close=${() => ask(false)}
      run=${() => attempt(async () => { await api.deleteFaults(name); go({ id: "" }); state.reload(); })} />`}</section>`;
}
