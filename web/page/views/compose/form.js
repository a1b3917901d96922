// What a message is while it is written, and how one begins: empty, as a reply,
// a forward or a draft.
import { exact, full } from "../../format.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";

export const emptyForm = from => ({ from, to: [], cc: [], bcc: [], subject: "", body: "", html: false, files: [], inReplyTo: "", references: [] });

/** Near enough to an address to be sent; the server judges the rest. */
export const isAddress = a => /^[^\s<>]+@[^\s<>@]+$/.test(a || "");

/** Where a message is kept while it is written: one for each address of the page. */
const store = (sandbox, key) => `catchpost.compose.${sandbox}${key === "{}" ? "" : key}`;

/** Keeps an unsent message over a reload; of files, too large to keep, the names. */
export function keep(sandbox, key, form) {
  try {
    if (form && (form.subject || form.body || form.to.length)) sessionStorage.setItem(store(sandbox, key), JSON.stringify({ ...form, files: form.files.map(f => f.name) }));
    else sessionStorage.removeItem(store(sandbox, key));
  } catch { /* storage may be shut or full */ }
}

/** What was kept, over a fresh form; lost names the files that have to be attached again. */
export function restored(sandbox, key, fresh) {
  let was = null;
  try {
    was = JSON.parse(sessionStorage.getItem(store(sandbox, key)));
  } catch { /* storage may be shut */ }
  if (!was) return fresh;
  const files = fresh.files.filter(f => was.files.includes(f.name));
  return { ...fresh, ...was, files, lost: was.files.filter(name => !files.some(f => f.name === name)) };
}

/** One address out of what was typed: "Anna <anna@x.test>" or anna@x.test. */
export function parseAddress(text) {
  const named = text.match(/^\s*"?([^"<]*?)"?\s*<([^<>]+)>\s*$/);
  return named ? { name: named[1].trim(), address: named[2].trim() } : { name: "", address: text.trim() };
}

/** The body of POST /messages. */
export const toBody = form => ({
  from: { address: form.from }, to: form.to, cc: form.cc, bcc: form.bcc, subject: form.subject,
  ...(form.html ? { html: form.body, text: textOf(form.body) } : { text: form.body }),
  attachments: form.files.map(({ name, type, content, cid }) => ({ name, type, content, ...(cid ? { content_id: cid } : {}) })),
  ...(form.inReplyTo ? { in_reply_to: form.inReplyTo, references: form.references } : {}),
});

/** The visible words of HTML, for the text part beside it. */
function textOf(source) {
  const doc = new DOMParser().parseFromString(source, "text/html");
  doc.querySelectorAll("script,style,head").forEach(e => e.remove());
  doc.querySelectorAll("br,p,div,li,tr,h1,h2,h3").forEach(e => e.append("\n"));
  return doc.body.textContent.replace(/\n{3,}/g, "\n\n").trim() + "\n";
}

const prefixed = (word, subject) => (new RegExp("^" + word + ":", "i").test(subject) ? subject : `${word}: ${subject}`);
const header = (m, name) => m.headers.find(h => h.name.toLowerCase() === name)?.value || "";
const bare = id => id.replace(/^<|>$/g, "");
const ids = text => (text.match(/<[^<>\s]+>/g) || []).map(bare);

async function filesOf(sandbox, m) {
  const out = [];
  for (const a of m.attachments) {
    const bytes = new Uint8Array(await api.partBytes(sandbox, m.id, a.path));
    let text = "";
    for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    out.push({ key: a.path + m.id, name: a.name || "part-" + a.path, type: a.type, size: a.size, content: btoa(text), cid: (a.disposition === "inline" && a.content_id) || "" });
  }
  return out;
}

/** The form for ?reply=, ?reply_all=, ?forward=, ?draft= and ?to=. */
export async function formFor(sandbox, query, from) {
  const form = emptyForm(from || `me@${sandbox}.test`);
  if (query.to) form.to = query.to.split(",").map(parseAddress);
  const id = query.reply || query.reply_all || query.forward || query.draft;
  if (!id) return { ...form, subject: query.subject || "", body: query.body || "" };
  const m = await api.message(sandbox, id);
  const mine = from || m.forward_paths[0] || m.to[0]?.address || form.from;
  if (query.draft) {
    const [account, mailbox, uid] = query.at ? query.at.split("\n") : [];
    return { ...form, from: m.from[0]?.address || form.from, to: m.to, cc: m.cc, bcc: m.bcc, subject: m.subject, body: m.html ?? m.text ?? "", html: m.html !== null,
      files: await filesOf(sandbox, m), draft: uid ? { account, mailbox, uid: Number(uid) } : undefined,
      inReplyTo: bare(header(m, "in-reply-to")), references: ids(header(m, "references")) };
  }
  const body = (m.text ?? (m.html ? textOf(m.html) : "")).replace(/\s+$/, "");
  const thread = m.message_id ? { inReplyTo: m.message_id, references: [...ids(header(m, "references")), m.message_id] } : {};
  if (query.forward) {
    const head = [`---------- ${t("compose.forwarded")} ----------`, `${t("from")}: ${m.from.map(full).join(", ")}`, `Date: ${m.date || m.received_at}`, `${t("compose.subject")}: ${m.subject}`, `${t("to")}: ${m.to.map(full).join(", ")}`];
    return { ...form, from: mine, subject: prefixed("Fwd", m.subject), body: `\n\n${head.join("\n")}\n\n${body}\n`, files: await filesOf(sandbox, m), ...thread };
  }
  const to = m.reply_to.length ? m.reply_to : m.from, key = a => a.address.toLowerCase(), skip = new Set([mine.toLowerCase(), ...to.map(key)]);
  const quote = `\n\n${t("compose.on", { date: exact(m.date || m.received_at), who: m.from.map(full).join(", ") })}\n${body.split("\n").map(l => (l.startsWith(">") ? ">" : "> ") + l).join("\n")}\n`;
  return { ...form, from: mine, to, cc: query.reply_all ? [...m.to, ...m.cc].filter(a => !skip.has(key(a))) : [], subject: prefixed("Re", m.subject), body: quote, ...thread };
}

/** Adds people who were written to to the address book, those it lacks. */
export async function learn(sandbox, people) {
  for (const a of people) {
    const found = await api.contacts(sandbox, undefined, { q: a.address, limit: 5 }).catch(() => null);
    if (found && !found.contacts.some(c => c.addresses.some(x => x.toLowerCase() === a.address.toLowerCase()))) {
      await api.createContact(sandbox, undefined, { name: a.name, addresses: [a.address] }).catch(() => {});
    }
  }
}
