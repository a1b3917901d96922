// Notices of the system for mail that arrives while the page is out of sight,
// by choice. Every tab hears of an arrival; the first that tells it says so to the
// others, and the notice carries the message as its tag: eight tabs tell it once.
import { shown } from "./format.js";
import { t } from "./i18n.js";
import { listen } from "./live.js";
import { go } from "./router.js";
import { settings } from "./settings.js";

const told = new BroadcastChannel("catchpost:told");
const known = new Set();
told.onmessage = e => known.add(e.data);

export const canNotify = () => "Notification" in window;

/** Asks the browser's leave; true if it was given. */
export const askLeave = async () => canNotify() && await Notification.requestPermission() === "granted";

function tell(message) {
  if (known.has(message.id) || !document.hidden || Notification.permission !== "granted") return;
  told.postMessage(message.id);
  const note = new Notification(message.subject || t("no_subject"), {
    body: `${message.from.map(shown).join(", ")}\n${message.snippet}`, tag: message.id,
  });
  note.onclick = () => {
    window.focus();
    go({ sandbox: message.sandbox, view: "mail", account: "", mailbox: "", id: message.id, query: {} });
    note.close();
  };
}

export function notifyArrivals() {
  listen(({ name, data }) => {
    if (name !== "message.received" || !settings.peek().notify || !canNotify()) return;
    setTimeout(tell, Math.random() * 300, data);
  });
}
