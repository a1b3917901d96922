// The page: starts, chooses the view, keeps the shell around it.
import { html, render, useEffect, useState } from "./vendor/htm-preact.js";
import { effect } from "./vendor/signals-core.js";
import { use } from "./hooks.js";
import { language, loadLanguage } from "./i18n.js";
import { watch } from "./live.js";
import { notifyArrivals } from "./notify.js";
import { route } from "./router.js";
import { settings } from "./settings.js";
import { account, admin, enter, info, loadAccounts, loadMailboxes, sandbox, session, start } from "./state.js";
import { Shell } from "./shell.js";
import { Trouble, Waiting } from "./ui/parts.js";
import { Toasts } from "./ui/toast.js";
import { MailView } from "./views/mail/mail.js";

// Views besides mail are loaded when they are first opened.
const later = {
  compose: () => import("./views/compose/compose.js"),
  contacts: () => import("./views/contacts/contacts.js"),
  aliases: () => import("./views/aliases/aliases.js"),
  faults: () => import("./views/faults/faults.js"),
  sandboxes: () => import("./views/sandboxes/sandboxes.js"),
  queue: () => import("./views/queue/queue.js"),
  sessions: () => import("./views/sessions/sessions.js"),
  webhooks: () => import("./views/webhooks/webhooks.js"),
  limits: () => import("./views/limits/limits.js"),
  settings: () => import("./views/settings/settings.js"),
  signin: () => import("./views/signin/signin.js"),
};
const loaded = { mail: MailView };

function View({ name }) {
  const [, set] = useState(0);
  const [error, fail] = useState(null);
  const load = () => {
    fail(null);
    later[name]().then(m => {
      loaded[name] = m.default;
      set(n => n + 1);
    }, err => fail({ status: 0, message: err.message }));
  };
  useEffect(() => { if (!loaded[name]) load(); }, [name]);
  if (error) return html`<${Trouble} error=${error} retry=${load} />`;
  return loaded[name] ? html`<${loaded[name]} />` : html`<${Waiting} />`;
}

function App() {
  const state = use(session), { view } = use(route);
  use(language);
  let body = html`<${Waiting} />`;
  if (state === "out") body = html`<${View} name="signin" key="signin" />`;
  else if (state === "unreachable") body = html`<${Trouble} error=${{ status: 0 }} retry=${enter} />`;
  else if (state === "in") body = html`<${Shell}><${View} name=${view} key=${view} /><//>`;
  return html`${body}<${Toasts} />`;
}

effect(() => { if (session.value === "in") watch(sandbox.value, admin.value ? "*" : info.value.sandbox); });
effect(() => { if (session.value === "in" && sandbox.value) { sandbox.value; loadAccounts(); } });
effect(() => { if (session.value === "in" && sandbox.value) { account.value; loadMailboxes(); } });
let shown = settings.peek().language;
effect(() => {
  const wanted = settings.value.language;
  if (wanted !== shown) {
    shown = wanted;
    loadLanguage();
  }
});
notifyArrivals();

await loadLanguage();
render(html`<${App} />`, document.getElementById("app"));
start();
// The typeface comes after what can be read without it.
requestAnimationFrame(() => setTimeout(() => {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("css/font.css", import.meta.url) }));
}));
