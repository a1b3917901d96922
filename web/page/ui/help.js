// The keyboard, at a glance.
import { html } from "../vendor/htm-preact.js";
import { t } from "../i18n.js";
import { Dialog } from "./parts.js";

const groups = {
  "keys.move": [["j", "keys.next"], ["k", "keys.previous"], ["Enter", "keys.open"], ["u", "keys.back"], ["/", "keys.search"], ["?", "keys.help"]],
  "keys.act": [["x", "keys.select"], ["*", "keys.select_all"], ["s", "keys.flag"], ["m", "keys.seen"], ["#", "keys.delete"], ["v", "keys.move_to"], ["l", "keys.tag"]],
  "keys.write": [["c", "keys.compose"], ["r", "keys.reply"], ["a", "keys.reply_all"], ["f", "keys.forward"], ["Ctrl Enter", "keys.send"]],
  "keys.look": [["1 – 9", "keys.tab"], ["i", "keys.remote"], ["g i", "keys.inbox"], ["g c", "view.contacts"], ["g a", "view.aliases"], ["g s", "view.sessions"], ["g f", "view.faults"],
    ["g q", "view.queue"], ["g w", "view.webhooks"], ["g b", "view.sandboxes"], ["g l", "view.limits"], ["g ,", "view.settings"]],
};

export const Help = ({ close }) => html`<${Dialog} title=${t("keys")} close=${close} wide>
  <div class="help">${Object.entries(groups).map(([title, keys]) => html`<section><h3>${t(title)}</h3>
    <dl>${keys.map(([key, what]) => html`<div><dt>${key.split(" ").map(k => (k === "–" ? " – " : html`<kbd>${k}</kbd>`))}</dt><dd>${t(what)}</dd></div>`)}</dl></section>`)}</div>
  <p class="dialog-text">${t("keys.off")}</p><//>`;
