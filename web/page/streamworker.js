// The browser's one event stream, in a shared worker: it outlives the tab that
// started it, and ends with the last one. Its name is the stream's address. A tab
// says whether it is there; it hears {state} and every event.
import { follow, resync } from "./stream.js";

const tabs = new Set();
let state = "connecting", end = null;

function tell(event) {
  state = event.state || state;
  for (const tab of tabs) tab.postMessage(event);
}

function join(tab) {
  tabs.add(tab);
  tab.postMessage({ state });
  if (!end) end = follow(self.name, tell);
  else if (state === "live") tab.postMessage(resync); // what came while it was on its way here
}

function leave(tab) {
  tabs.delete(tab);
  if (tabs.size || !end) return;
  end();
  end = null;
  state = "connecting";
}

self.onconnect = ({ ports: [tab] }) => {
  tab.onmessage = ({ data }) => (data.here ? join(tab) : leave(tab));
};
