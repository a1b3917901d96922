// A session's dialogue, line by line.
import { html } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { Copy } from "../../ui/parts.js";

const who = { C: "client", S: "server", "*": "remark" };

export function Lines({ session, lines = session.lines || [], highlight }) {
  const start = lines.length ? new Date(lines[0].at) : 0;
  return html`<div class="plain-bar"><span class="muted">${session && `${session.server.toUpperCase()} · ${session.client_address} · ${t("outcome." + session.outcome)}`}</span>
      <span class="spread"></span><${Copy} text=${lines.map(l => `${l.direction}: ${l.text}`).join("\n")} /></div>
    ${session?.truncated && html`<p class="cut">${t("transcript.cut")}</p>`}
    <ol class="transcript">${lines.map((l, i) => html`<li key=${i} class=${[who[l.direction], l.injected && "injected", /^[45]\d\d/.test(l.text) && l.direction === "S" && "bad",
        highlight && l.message_id === highlight && "mine"].filter(Boolean).join(" ")}>
      <time>+${((new Date(l.at) - start) / 1000).toFixed(3)}</time><b aria-label=${t("transcript." + who[l.direction])}>${l.direction}</b><code>${l.text}</code>
      ${l.injected && html`<span class="chip warn">${t("injected")}</span>`}</li>`)}</ol>`;
}
