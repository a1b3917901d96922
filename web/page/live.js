// What happens on the server, told as it happens. All tabs of a browser share one
// stream, of every sandbox that the user may see: browsers allow about six
// connections to a server. Each tab picks out what is of the sandbox on show.
import { signal } from "./vendor/signals-core.js";
import { url } from "./api.js";
import { follow, resync } from "./stream.js";

/** live, connecting or off: what the page may say about freshness. */
export const link = signal("off");

const listeners = new Map();

/** Calls fn({name, data}) for every event of the sandbox on show, or of every sandbox; returns the end of it. */
export function listen(fn, everywhere = false) {
  listeners.set(fn, everywhere);
  return () => listeners.delete(fn);
}

let shown = ""; // the sandbox
let line = null; // {address, leave}

function take(event) {
  if (event.state) {
    link.value = event.state;
    return;
  }
  const here = event.name === "resync" || event.data.sandbox === shown;
  for (const [fn, everywhere] of listeners) if (here || everywhere) fn(event);
}

/** Shows the events of one sandbox ("": of none) out of the stream of those in scope: one by name, or "*". */
export function watch(sandbox, scope) {
  shown = sandbox;
  const address = sandbox ? new URL(url.events(scope), document.baseURI).href : "";
  if ((line?.address || "") === address) return;
  line?.leave();
  line = null;
  link.value = address ? "connecting" : "off";
  if (address) line = join(address);
}

function join(address) {
  return { address, leave: "SharedWorker" in window ? share(address) : alone(address) };
}

/** Joins the browser's worker; returns the end of it. */
function share(address) {
  const worker = new SharedWorker(new URL("./streamworker.js", import.meta.url), { type: "module", name: address });
  let leave = () => {
    worker.port.postMessage({ here: false });
    worker.port.close();
  };
  worker.onerror = () => { leave = alone(address); }; // it could not be loaded
  worker.port.onmessage = e => take(e.data);
  worker.port.postMessage({ here: true });
  return () => {
    worker.onerror = null;
    leave();
  };
}

/** Reads a stream of its own while the tab is looked at. */
function alone(address) {
  let end = null;
  const look = () => {
    if (!document.hidden) end ??= follow(address, take);
    else {
      end?.();
      end = null;
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    end?.();
  };
}

// A page that is left may be kept for coming back; meanwhile it hears nothing.
addEventListener("pagehide", () => line?.leave());
addEventListener("pageshow", e => {
  if (!e.persisted || !line) return;
  line = join(line.address);
  take(resync);
});
