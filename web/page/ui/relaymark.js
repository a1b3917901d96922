// What became of a message on its way out, in one mark.
import { html } from "../vendor/htm-preact.js";
import { t } from "../i18n.js";
import { Icon } from "./icons.js";

// What most wants a look comes first; what was cancelled is no news.
const order = ["failed", "expired", "deferred", "held", "queued", "relayed", "delivered"];
const kinds = { failed: "bad", expired: "bad", deferred: "warn", held: "warn", relayed: "good", delivered: "good", queued: "" };

/** A chip for a summary's relay, {state: count}; nothing where nothing was to leave. */
export function RelayMark({ relay, href }) {
  const state = relay && order.find(s => relay[s]);
  if (!state) return null;
  const title = Object.entries(relay).map(([s, n]) => t("relay.count", { n, state: t("state." + s) })).join(", ");
  const inside = html`<${Icon} name="relay" />${t("state." + state)}`, classes = "chip relay-mark " + kinds[state];
  return href ? html`<a class=${classes} href=${href} title=${title}>${inside}</a>` : html`<span class=${classes} title=${title}>${inside}</span>`;
}
