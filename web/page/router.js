// Addresses of the page live in the fragment: #/SANDBOX[/ID] for mail,
// #/SANDBOX/mail/ACCOUNT/MAILBOX[/ID] for an account's mailbox, and
// #/SANDBOX/VIEW[/ID] for the rest, each with ?query.
import { signal } from "./vendor/signals-core.js";

export const views = ["mail", "compose", "contacts", "aliases", "sessions", "faults", "queue", "webhooks", "sandboxes", "limits", "settings"];

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads a fragment into {sandbox, view, account, mailbox, id, query}. */
export function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decode);
  const query = Object.fromEntries(new URLSearchParams(search));
  const [sandbox = "", second, ...rest] = parts;
  if (second === "mail") {
    return { sandbox, view: "mail", account: rest[0] || "", mailbox: rest[1] || "", id: rest[2] || "", query };
  }
  if (views.includes(second)) return { sandbox, view: second, account: "", mailbox: "", id: rest[0] || "", query };
  return { sandbox, view: "mail", account: "", mailbox: "", id: second || "", query };
}

/** Writes the fragment of a place. */
export function link({ sandbox, view = "mail", account = "", mailbox = "", id = "", query = {} }) {
  const parts = [sandbox];
  if (view !== "mail") parts.push(view);
  else if (account) parts.push("mail", account, mailbox || "INBOX");
  if (id) parts.push(id);
  const search = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== "")).toString();
  return "#/" + parts.map(encodeURIComponent).join("/").replaceAll("%40", "@") + (search ? "?" + search : "");
}

export const route = signal(parse(location.hash));
let shown = location.hash;

/** Shows the place that the address names now. */
export function show() {
  if (location.hash === shown) return; // go has shown it already
  shown = location.hash;
  route.value = parse(shown);
}
addEventListener("hashchange", show);

/** Goes to a place; change is laid over the present one. */
export function go(change, replace) {
  const to = link({ ...route.peek(), ...change });
  if (to === location.hash) return;
  if (replace) history.replaceState(null, "", to);
  else location.hash = to;
  show();
}

/** The address of a place near the present one: same sandbox, nothing else kept. */
export const near = change => link({ sandbox: route.peek().sandbox, ...change });
