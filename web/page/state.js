// What the whole page shares: who we are, which sandboxes, accounts and
// mailboxes there are. Lists load again when an event says that they changed.
import { computed, signal } from "./vendor/signals-core.js";
import { api, onLoginNeeded } from "./api.js";
import { listen } from "./live.js";
import { go, route, show } from "./router.js";

export const info = signal(null);
export const session = signal("starting"); // starting, in, out, unreachable
export const sandboxes = signal([]);
export const accounts = signal([]);
export const mailboxes = signal([]);
export const sandbox = computed(() => route.value.sandbox);
/** The account of the route; the catch-all goes by the sandbox's name. */
export const account = computed(() => route.value.account || route.value.sandbox);
export const box = computed(() => sandboxes.value.find(s => s.name === sandbox.value) || null);
export const admin = computed(() => info.value?.administrator ?? false);
export const relaying = computed(() => Boolean(info.value?.relay?.enabled ?? info.value?.relay));

onLoginNeeded(() => { session.value = "out"; });

/** Finds out who we are; a token in the fragment signs in first. */
export async function start() {
  const token = location.hash.match(/^#token=([\w]+)/)?.[1];
  if (token) {
    history.replaceState(null, "", location.pathname);
    show();
    await api.login(token).catch(() => {});
  }
  await enter();
}

addEventListener("hashchange", () => location.hash.startsWith("#token=") && location.reload());

/** Loads what the shell needs. */
export async function enter() {
  try {
    info.value = await api.info();
  } catch (err) {
    if (err.status !== 401) session.value = "unreachable";
    return;
  }
  session.value = "in";
  await loadSandboxes();
  if (!route.peek().sandbox) go({ sandbox: info.peek().sandbox || "default", view: "mail" }, true);
}

export async function loadSandboxes() {
  try {
    sandboxes.value = (await api.sandboxes()).sandboxes;
  } catch { /* the next event or view tries again */ }
}

/** Loads the accounts of the present sandbox. */
export async function loadAccounts() {
  const name = sandbox.peek();
  if (!name) return;
  try {
    const got = (await api.accounts(name)).accounts;
    if (sandbox.peek() === name) accounts.value = got;
  } catch { accounts.value = []; }
}

/** Loads the mailboxes of the present account. */
export async function loadMailboxes() {
  const [name, who] = [sandbox.peek(), account.peek()];
  if (!name) return;
  try {
    const got = (await api.mailboxes(name, who)).mailboxes;
    if (sandbox.peek() === name && account.peek() === who) mailboxes.value = got;
  } catch { mailboxes.value = []; }
}

/** Calls fn at most every `ms`, the last call included. */
export function calmly(ms, fn) {
  let timer = 0, last = 0;
  return () => {
    if (timer) return;
    const wait = Math.max(0, last + ms - Date.now());
    timer = setTimeout(() => {
      timer = 0;
      last = Date.now();
      fn();
    }, wait);
  };
}

const counts = calmly(700, () => { loadMailboxes(); loadAccounts(); });
const boxes = calmly(2000, loadSandboxes);
listen(({ name }) => {
  if (name.startsWith("message.") || name === "mailbox.changed" || name === "resync") counts();
  if (name.startsWith("message.") || name === "resync") boxes();
});
listen(({ name }) => name.startsWith("sandbox.") && boxes(), true);

export async function signOut() {
  await api.logout().catch(() => {});
  location.hash = "";
  location.reload();
}
