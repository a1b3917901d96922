// What can be done with messages of a list. Everything captured is changed as
// evidence; an account's mailbox through its entries, as IMAP would.
import { html } from "../../vendor/htm-preact.js";
import { api } from "../../api.js";
import { t } from "../../i18n.js";
import { loadMailboxes } from "../../state.js";
import { Confirm } from "../../ui/parts.js";
import { attempt, toast } from "../../ui/toast.js";
import { boxFor, useOf } from "./boxes.js";

/** Requests name at most this many messages. */
const batch = 200;

function* batches(list) {
  for (let i = 0; i < list.length; i += batch) yield list.slice(i, i + batch);
}

/** Puts messages into one mbox file (mboxrd, RFC 4155). */
function mboxOf(raws) {
  const parts = [];
  for (const { message, bytes } of raws) {
    parts.push(`From ${message.reverse_path || "MAILER-DAEMON"} ${new Date(message.received_at).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+).*$/, "$1 $3 $2 $5 $4")}\n`);
    const text = new TextDecoder("latin1").decode(bytes).replace(/\r\n/g, "\n").replace(/^(>*From )/gm, ">$1");
    parts.push(Uint8Array.from(text, c => c.charCodeAt(0)), text.endsWith("\n") ? "\n" : "\n\n");
  }
  return new Blob(parts, { type: "application/mbox" });
}

/** Hands a file to the user. */
export function save(blob, name) {
  const a = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}

export class Actions {
  constructor(source, boxes, { go, at, select, ask }) {
    Object.assign(this, { source, boxes, go, at, select, ask });
    Object.assign(source, { ask, askEmpty: () => this.askEmpty(), askGone: () => this.askGone() });
  }

  get place() { return [this.source.sandbox, this.source.account, this.source.mailbox]; }

  async mark(rows, key, flag, value) {
    if (!rows.length) return;
    const { source } = this;
    for (const r of rows) r[key] = value;
    source.touch();
    const ok = await attempt(async () => {
      for (const some of batches(rows)) {
        if (source.evidence) await api.patchMessages(source.sandbox, some.map(r => r.message.id), { [key]: value });
        else await api.flagEntries(...this.place, { uids: some.map(r => r.uid), [value ? "add" : "remove"]: [flag] });
      }
    });
    if (!ok) source.look();
  }

  seen(rows, value = rows.some(r => !r.seen)) { return this.mark(rows, "seen", "\\Seen", value); }
  flag(rows) { return this.mark(rows, "flagged", "\\Flagged", rows.some(r => !r.flagged)); }

  /** Tags are the message's own, wherever it lies. */
  async tag(rows, tags) {
    await attempt(async () => {
      for (const some of batches(rows)) await api.patchMessages(this.source.sandbox, some.map(r => r.message.id), { tags });
      for (const r of rows) r.message = { ...r.message, tags };
      this.source.touch();
    }, t("tagged"));
  }

  after(rows, text, act) {
    this.select(new Set());
    for (const r of rows) this.source.drop(r.key);
    if (rows.some(r => r.message.id === this.at.id)) {
      const next = this.source.at(Math.min(this.leaving ?? 0, this.source.count - 1));
      this.go({ id: matchMedia("(min-width: 901px)").matches && next ? next.message.id : "" }, true);
    }
    toast(text, { act });
  }

  remove(rows) {
    if (!rows.length) return;
    this.leaving = this.source.indexOf(rows[0].key);
    if (!this.source.evidence) {
      const here = this.boxes.find(m => m.name === this.source.mailbox), trash = boxFor(this.boxes, "trash");
      if (here && useOf(here) !== "trash" && this.boxes.some(m => m.name === trash)) return this.move(rows, trash);
    } else if (rows.length === 1) return this.removeNow(rows);
    this.confirm({ title: t("delete.title", { n: rows.length }), yes: t("delete"), run: () => this.removeNow(rows),
      text: t(this.source.evidence ? "delete.evidence" : "delete.entries") });
  }

  removeNow(rows) {
    return attempt(async () => {
      for (const some of batches(rows)) {
        if (this.source.evidence) await api.deleteMessages(this.source.sandbox, some.map(r => r.message.id));
        else await api.removeEntries(...this.place, some.map(r => r.uid));
      }
      this.after(rows, t("deleted", { n: rows.length }));
    });
  }

  /** Everything captured has entries in the catch-all's INBOX; find theirs. */
  async uidsOf(rows) {
    if (!this.source.evidence) return { from: this.source.mailbox, uids: rows.map(r => r.uid) };
    const got = await api.entries(this.source.sandbox, this.source.account, "INBOX", { "id.in": rows.map(r => r.message.id).join(","), limit: 500 });
    return { from: "INBOX", uids: got.entries.map(e => e.uid) };
  }

  async move(rows, to, copy) {
    await attempt(async () => {
      const { sandbox, account, evidence } = this.source;
      for (const some of batches(rows)) {
        const { from, uids } = await this.uidsOf(some);
        if (!uids.length) throw new Error(t("move.gone"));
        await (copy ? api.copyEntries : api.moveEntries)(sandbox, account, from, uids, to);
      }
      const box = this.boxes.find(m => m.name === to);
      if (copy || evidence) toast(t(copy ? "copied.to" : "moved.to", { box: box?.name ?? to }));
      else this.after(rows, t("moved.to", { box: box?.name ?? to }));
    });
  }

  async exportRows(rows) {
    await attempt(async () => {
      const raws = [];
      for (const r of rows) raws.push({ message: r.message, bytes: await api.rawBytes(this.source.sandbox, r.message.id) });
      if (raws.length === 1) save(new Blob([raws[0].bytes], { type: "message/rfc822" }), raws[0].message.id + ".eml");
      else save(mboxOf(raws), `catchpost-${this.source.sandbox}.mbox`);
    }, t("exported", { n: rows.length }));
  }

  askEmpty() {
    this.confirm({ title: t("delete.all"), text: t("delete.all.what", { sandbox: this.source.sandbox }), yes: t("delete.all"), run: () => attempt(async () => {
      await api.deleteAll(this.source.sandbox);
      this.go({ id: "" });
      this.source.look();
    }, t("delete.all.done")) });
  }

  askGone() {
    const { sandbox, account, mailbox } = this.source;
    this.confirm({ title: t("mailbox.delete.title", { name: mailbox }), text: t("delete.entries"), yes: t("delete"), run: () => attempt(async () => {
      await api.deleteMailbox(sandbox, account, mailbox);
      await loadMailboxes();
      this.go({ mailbox: "INBOX", id: "" });
    }) });
  }

  confirm(what) {
    this.ask({ kind: "ask", view: close => html`<${Confirm} ...${what} close=${close} />` });
  }
}
