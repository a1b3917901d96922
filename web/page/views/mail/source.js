// The rows of a list, loaded from both ends as they come into sight. A source
// is either everything captured (/messages) or one mailbox of one account; both
// give rows {key, uid, seen, flagged, flags, message}.
import { signal } from "../../vendor/signals-core.js";
import { api } from "../../api.js";

const page = 100, jump = 500;

function rowOf(e) {
  if (!e.message) return { key: e.id, uid: 0, seen: e.seen, flagged: e.flagged, message: e };
  return { key: e.message.id + "/" + e.uid, uid: e.uid, seen: e.flags.includes("\\Seen"), flagged: e.flags.includes("\\Flagged"),
    answered: e.flags.includes("\\Answered"), draft: e.flags.includes("\\Draft"), message: e.message };
}

export class Source {
  /** at is a route; q the search box's text. */
  constructor({ sandbox, account, mailbox }, q) {
    Object.assign(this, { sandbox, account: account || sandbox, mailbox, q, head: [], tail: [], total: 0, exact: true, pruned: 0 });
    this.ends = { head: { order: "newest", cursor: undefined }, tail: { order: "oldest", cursor: undefined } };
    this.stop = new AbortController();
    this.wanted = 0;
    this.events = 0; // taken in; an answer asked for before one may lack it
    this.version = signal(0);
    this.state = signal("loading"); // loading, ready, failed
    this.error = null;
  }

  get count() { return Math.max(this.total, this.head.length + this.tail.length); }
  get evidence() { return !this.mailbox; }

  at(i) {
    return this.head[i] ?? this.tail[this.count - 1 - i];
  }
  indexOf(key) {
    const i = this.head.findIndex(r => r.key === key || r.message.id === key);
    if (i >= 0) return i;
    const k = this.tail.findIndex(r => r.key === key || r.message.id === key);
    return k < 0 ? -1 : this.count - 1 - k;
  }
  touch() { this.version.value++; }
  close() { this.stop.abort(); }

  async fetch(order, cursor, limit) {
    const params = { order, cursor, limit, q: this.q || undefined };
    if (this.evidence) {
      const got = await api.messages(this.sandbox, params, this.stop.signal);
      if (!cursor) Object.assign(this, { total: got.total, exact: got.total_exact, pruned: got.pruned });
      return { rows: got.messages.map(rowOf), next: got.next_cursor };
    }
    const got = await api.entries(this.sandbox, this.account, this.mailbox, params, this.stop.signal);
    if (!this.q) this.total = got.mailbox.messages;
    this.exact = !this.q;
    return { rows: got.entries.map(rowOf), next: got.next_cursor };
  }

  /** Loads the first rows. */
  async open() {
    const events = this.events;
    try {
      const got = await this.fetch("newest", undefined, page);
      this.head = got.rows;
      this.ends.head.cursor = got.next;
      if (!got.next) this.settle();
      this.state.value = "ready";
      if (events !== this.events) this.refresh();
    } catch (err) {
      if (err.name === "AbortError") return;
      this.error = err;
      this.state.value = "failed";
    }
    this.touch();
  }

  /** All is here: the total is what we have. */
  settle() {
    this.total = this.head.length + this.tail.length;
    this.exact = true;
    this.ends.head.cursor = null;
    this.ends.tail.cursor = null;
  }

  /** Loads till rows first…last are here, from the nearer end. */
  async want(first, last) {
    this.target = [first, last];
    if (this.busy || this.state.peek() !== "ready") return;
    this.busy = true;
    try {
      for (;;) {
        const [from, to] = this.target, missing = this.missing(from, to);
        if (missing < 0) break;
        const gap = { head: missing - this.head.length, tail: this.count - this.tail.length - missing };
        const side = this.exact && gap.tail < gap.head ? "tail" : "head", end = this.ends[side];
        if (end.cursor === null) break;
        const got = await this.fetch(end.order, end.cursor, gap[side] > page ? jump : page);
        this.join(side, got);
      }
    } catch (err) {
      if (err.name !== "AbortError") this.error = err;
    }
    this.busy = false;
    this.touch();
  }

  missing(first, last) {
    for (let i = Math.max(0, first); i < last && i < this.count; i++) if (!this.at(i)) return i;
    return !this.exact && this.ends.head.cursor && last >= this.head.length ? this.head.length : -1;
  }

  join(side, { rows, next }) {
    const other = side === "head" ? this.tail : this.head, known = new Set(other.map(r => r.key));
    const fresh = rows.filter(r => !known.has(r.key));
    this[side].push(...fresh);
    this.ends[side].cursor = next;
    if (!next || fresh.length < rows.length) this.settle();
    this.touch();
  }

  /** Takes an event in: what can be told from it is told at once. */
  take({ name, data }) {
    this.events++;
    if (name === "message.received" && this.evidence && !this.q) {
      if (data.origin === "append" || this.indexOf(data.id) >= 0) return;
      this.head.unshift({ ...rowOf(data), fresh: true });
      this.total++;
      this.touch();
    } else if (name === "message.updated") {
      const row = this.at(this.indexOf(data.id));
      if (!row) return;
      row.message = data;
      if (this.evidence) Object.assign(row, { seen: data.seen, flagged: data.flagged });
      this.touch();
    } else if (name === "message.deleted") this.drop(data.id);
    else if (name === "sandbox.deleted") this.open(); // says that it has ended
    else if (name.startsWith("queue.")) this.remark(data.message_id);
    else if (name === "resync" || name === "message.received" || name === "mailbox.changed" && !this.evidence) this.refresh();
  }

  /** Looks soon at what became of a message on its way out. */
  remark(id) {
    if (this.indexOf(id) < 0) return;
    if (!this.marks) {
      this.marks = new Set();
      setTimeout(async () => {
        const ids = [...this.marks].slice(0, 500);
        this.marks = null;
        try {
          const got = await api.messages(this.sandbox, { "id.in": ids.join(","), limit: 500 }, this.stop.signal);
          for (const m of got.messages) for (const r of [...this.head, ...this.tail]) if (r.message.id === m.id) r.message = { ...r.message, relay: m.relay };
          this.touch();
        } catch { /* the next look brings it */ }
      }, 250);
    }
    this.marks.add(id);
  }

  drop(key) {
    const had = this.head.length + this.tail.length, is = r => r.key === key || r.message.id === key;
    this.head = this.head.filter(r => !is(r));
    this.tail = this.tail.filter(r => !is(r));
    const gone = had - this.head.length - this.tail.length;
    if (gone) this.total = Math.max(0, this.total - gone);
    this.touch();
  }

  /** Looks at the newest page again, soon, and lays it over what is here. */
  refresh() {
    if (this.later) return;
    this.later = setTimeout(() => {
      this.later = 0;
      this.look();
    }, 250);
  }

  async look() {
    const events = this.events;
    try {
      const size = Math.min(500, Math.max(page, this.head.length));
      const got = await this.fetch("newest", undefined, size), seen = new Set(got.rows.map(r => r.key));
      if (events !== this.events) return this.refresh();
      const before = this.head.length ? new Set(this.head.map(r => r.key)) : null;
      for (const row of got.rows) row.fresh = before && !before.has(row.key);
      if (!got.next) {
        this.head = got.rows;
        this.tail = [];
        this.settle();
      } else {
        const beyond = this.head.slice(size).filter(r => !seen.has(r.key));
        this.head = [...got.rows, ...beyond];
        if (!beyond.length) this.ends.head.cursor = got.next;
      }
      this.state.value = "ready";
      this.error = null;
      this.touch();
    } catch (err) {
      if (err.name !== "AbortError") this.error = err;
    }
  }
}
