// Reads the server's event stream, and goes on after the last event it saw when
// the connection breaks. Runs in the browser's one worker (streamworker.js), or
// in a tab where there are no shared workers.

const names = [
  "message.received", "message.updated", "message.deleted", "mailbox.changed", "session.updated", "session.closed",
  "sandbox.created", "sandbox.updated", "sandbox.deleted", "resync",
  ...["queued", "deferred", "held", "relayed", "delivered", "failed", "expired", "cancelled"].map(s => "queue." + s),
];

/** What tells a tab to list again: something may have come that it was not told. */
export const resync = { name: "resync", data: {} };

/** Tells {name, data} of every event, and {state}: connecting or live; returns the end of it. */
export function follow(address, tell) {
  let source, timer, wait = 1000, last = 0;
  const open = () => {
    source = new EventSource(last ? `${address}&last_event_id=${last}` : address);
    source.onopen = () => {
      wait = 1000;
      tell({ state: "live" });
      if (!last) tell(resync); // else the server replays what came since
    };
    source.onerror = () => {
      tell({ state: "connecting" });
      if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 30_000);
    };
    for (const name of names) source.addEventListener(name, e => {
      last = Math.max(last, Number(e.lastEventId) || 0);
      tell({ name, data: JSON.parse(e.data) });
    });
  };
  open();
  return () => {
    source.close();
    clearTimeout(timer);
  };
}
