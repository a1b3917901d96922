// Sending a captured message out for real: to whom, and what the rules say.
import { html, useState } from "../../vendor/htm-preact.js";
import { useLoad } from "../../hooks.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { near } from "../../router.js";
import { Dialog, Field } from "../../ui/parts.js";
import { toast } from "../../ui/toast.js";

const kinds = { relay: "good", local: "", refused: "bad" };

export function RelayDialog({ m, close }) {
  const [to, setTo] = useState(m.forward_paths.join(", ")), [error, fail] = useState(null), [busy, setBusy] = useState(false);
  const list = to.split(/[,\s]+/).map(s => s.replace(/^<|>$/g, "")).filter(Boolean);
  const verdicts = useLoad(() => (list.length ? api.judge(m.sandbox, list) : { relay: true, verdicts: [] }), [m.id, list.join()]);
  // What the rules refuse is not asked for; before the verdict the server judges.
  const refused = verdicts.data?.verdicts.filter(v => v.outcome === "refused").map(v => v.forward_path) || [];
  const may = list.filter(a => !refused.includes(a));
  const queued = useLoad(() => api.queue(m.sandbox, { message: m.id }), [m.id]);
  const send = async e => {
    e.preventDefault();
    setBusy(true);
    fail(null);
    try {
      await api.relay(m.sandbox, m.id, { to: may });
      toast(t("relay.done", { n: may.length }), { act: { label: t("view.queue"), run: () => { location.hash = near({ view: "queue", query: { message: m.id } }); } } });
      close();
    } catch (err) {
      fail(err);
    }
    setBusy(false);
  };
  return html`<${Dialog} title=${t("relay.title")} close=${close}><form onSubmit=${send}>
    <p class="dialog-text">${t("relay.what")}</p>
    <${Field} label=${t("forward_paths")} hint=${t("relay.hint")}><textarea rows="3" value=${to} spellcheck="false" onInput=${e => { setTo(e.target.value); fail(null); }}></textarea><//>
    <ul class="verdicts" aria-live="polite">${verdicts.data?.verdicts.map(v => html`<li key=${v.forward_path}><span class=${"chip " + kinds[v.outcome]}>${t("relay." + v.outcome)}</span>
      <code>${v.forward_path}</code><span class="muted">${v.reason || v.rule}</span></li>`)}${verdicts.error && html`<li class="note bad">${verdicts.error.message}</li>`}</ul>
    ${queued.data?.entries.length > 0 && html`<p class="note">${t("relay.before")} ${queued.data.entries.map(q => `${q.forward_path}: ${t("state." + q.state)}`).join("; ")}</p>`}
    ${list.length > 0 && !may.length && html`<p class="note bad">${t("relay.denied")}</p>`}
    ${error && html`<p class="note bad" role="alert">${error.code === "relay_denied" ? t("relay.denied") + " " : ""}${error.message}</p>`}
    <footer class="dialog-foot"><button type="button" class="button" onClick=${close}>${t("cancel")}</button>
      <button class="button primary" disabled=${busy || !may.length}>${t("relay.send", { n: may.length })}</button></footer></form><//>`;
}
