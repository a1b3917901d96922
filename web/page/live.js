// One event stream per sandbox and browser. The tab that holds the sandbox's
// lock reads the stream and tells the others; when it closes, the next one in
// the lock's queue goes on after the last event it saw. Browsers allow about
// six connections to a server, so at most `slots` streams are open at once:
// beyond them a tab looks every few seconds instead.
import { signal } from "./vendor/signals-core.js";
import { url } from "./api.js";

/** live, connecting, polling or off: what the page may say about freshness. */
export const link = signal("off");

const slots = 3;
const names = [
  "message.received", "message.updated", "message.deleted", "mailbox.changed", "session.updated", "session.closed",
  "sandbox.updated", "sandbox.deleted", "resync",
  ...["queued", "deferred", "held", "relayed", "delivered", "failed", "expired", "cancelled"].map(s => "queue." + s),
];
const listeners = new Set();
const scope = "catchpost:" + location.pathname + ":";

/** Calls fn({name, data}) for every event of the sandbox on show; returns the end of it. */
export function listen(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}

function tell(event) {
  for (const fn of listeners) fn(event);
}

let watched = null; // {sandbox, stop, channel, last}

/** Follows one sandbox; "" follows none. */
export function watch(sandbox) {
  if (watched?.sandbox === sandbox) return;
  watched?.stop.abort();
  watched?.channel.close();
  watched = null;
  if (!sandbox) {
    link.value = "off";
    return;
  }
  const mine = { sandbox, stop: new AbortController(), channel: new BroadcastChannel(scope + sandbox), last: 0 };
  watched = mine;
  link.value = "connecting";
  mine.channel.onmessage = e => {
    if (e.data.state) link.value = e.data.state;
    else if (e.data.hello) mine.leads && mine.channel.postMessage({ state: link.peek() });
    else take(mine, e.data);
  };
  mine.channel.postMessage({ hello: true });
  lead(mine).catch(err => err.name === "AbortError" || console.error(err));
}

// A page that is left may be kept for coming back; its stream goes to another tab.
addEventListener("pagehide", () => {
  watched?.stop.abort();
  watched?.channel.close();
});
addEventListener("pageshow", e => {
  if (!e.persisted || !watched) return;
  const { sandbox } = watched;
  watched = null;
  watch(sandbox);
  tell({ name: "resync", data: {} });
});

function take(mine, event) {
  if (event.id) mine.last = Math.max(mine.last, event.id);
  tell(event);
}

async function lead(mine) {
  const { signal } = mine.stop;
  if (!navigator.locks) return poll(mine); // not a secure context: http by name of another machine
  await navigator.locks.request(scope + mine.sandbox, { signal }, async () => {
    while (!signal.aborted) {
      if (await inSlot(mine)) return;
      await poll(mine, 10_000);
    }
  });
}

/** Reads the stream if a slot is free, till the tab goes elsewhere. */
async function inSlot(mine) {
  for (let n = 0; n < slots; n++) {
    const done = await navigator.locks.request(`${scope}slot${n}`, { ifAvailable: true }, async lock => {
      if (!lock) return false;
      await read(mine);
      return true;
    });
    if (done) return true;
  }
  return false;
}

function read(mine) {
  const { signal } = mine.stop;
  mine.leads = true;
  const say = state => {
    link.value = state;
    mine.channel.postMessage({ state });
  };
  return new Promise(resolve => {
    let source, timer, wait = 1000;
    const open = () => {
      source = new EventSource(url.events(mine.sandbox, mine.last || undefined));
      source.onopen = () => {
        wait = 1000;
        say("live");
        if (mine.last) return; // the server replays what came since
        const look = { name: "resync", data: {} }; // mail may have come between the list and the stream
        mine.channel.postMessage(look);
        take(mine, look);
      };
      source.onerror = () => {
        say("connecting");
        if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
        timer = setTimeout(open, wait);
        wait = Math.min(wait * 2, 30_000);
      };
      for (const name of names) source.addEventListener(name, e => {
        const event = { name, data: JSON.parse(e.data), id: Number(e.lastEventId) || 0 };
        mine.channel.postMessage(event);
        take(mine, event);
      });
    };
    signal.addEventListener("abort", () => {
      source.close();
      clearTimeout(timer);
      mine.leads = false;
      resolve();
    }, { once: true });
    open();
  });
}

/** Every tab of the sandbox looks by itself, for ms or till this one goes elsewhere. */
function poll(mine, ms) {
  const { signal } = mine.stop;
  mine.leads = true;
  link.value = "polling";
  mine.channel.postMessage({ state: "polling" });
  return new Promise(resolve => {
    const end = () => {
      mine.leads = false;
      resolve();
    };
    if (ms) setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}

function look() {
  if (link.peek() === "polling" && !document.hidden) tell({ name: "resync", data: {} });
}
setInterval(look, 5000);
document.addEventListener("visibilitychange", look);
