// The commands of npm's cypress-mailpit, with a stand-in for cy. Arguments: the
// file of its commands, the server's URL.
import assert from "node:assert/strict";
const [file, base] = process.argv.slice(2);
globalThis.Cypress = { expose: () => base, config: () => 4000 };
globalThis.cy = {
  env: async () => ({}), wrap: async (v) => v, wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  async request({ method, url, qs, body }) {
    const u = new URL(url);
    for (const [k, v] of Object.entries(qs ?? {})) u.searchParams.set(k, v);
    const res = await fetch(u, { method, body: body && JSON.stringify(body), headers: body ? { "Content-Type": "application/json" } : {} });
    const text = await res.text();
    assert.ok(res.ok, `${res.status} ${url} ${text}`);
    return { status: res.status, body: (res.headers.get("Content-Type") ?? "").includes("json") ? JSON.parse(text) : text };
  },
};
const { MailpitCommands } = await import(file);
const c = new MailpitCommands();
await c.mailpitDeleteAllEmails();
await c.mailpitNotHasEmailsBySubject("Hello Mailpit");
await c.mailpitSendMail();
await c.mailpitSendMail({ to: [{ Email: "anna@x.test" }], subject: "Second one", attachments: [{ Filename: "a.txt", Content: "aGk=" }] });
assert.equal((await c.mailpitGetAllMails()).messages.length, 2);
assert.equal((await c.mailpitHasEmailsBySubject("Hello Mailpit")).messages_count, 1);
assert.equal((await c.mailpitHasEmailsByTo("anna@x.test")).messages_count, 1);
assert.equal((await c.mailpitHasEmailsBySearch("from:from@example.com")).messages_count, 2);
await c.mailpitNotHasEmailsByTo("nobody@x.test");
await c.mailpitNotHasEmailsBySearch("subject:none");
assert.equal((await c.mailpitGetEmailsBySubject("second one")).messages_count, 1);
assert.equal((await c.mailpitGetEmailsByTo("nobody@x.test")).messages_count, 0);
const mail = await c.mailpitGetMail();
await assert.rejects(c.mailpitGetMailSpamAssassinSummary(mail), /404/);
assert.equal(await c.mailpitGetSubject(mail), "Second one");
assert.deepEqual(await c.mailpitGetRecipientAddress(mail), ["anna@x.test"]);
assert.equal(await c.mailpitGetFromAddress(mail), "from@example.com");
assert.deepEqual(await c.mailpitGetAttachments(mail), ["a.txt"]);
assert.match(await c.mailpitGetMailHTMlBody(mail), /<p>hello from mailpit<\/p>/);
assert.match(await c.mailpitGetMailTextBody(mail), /hello from mailpit/);
await c.mailpitSetAllEmailStatusAsRead();
assert.equal((await c.mailpitGetAllMails()).unread, 0);
await c.mailpitSetStatusAsUnRead(mail);
assert.equal((await c.mailpitGetAllMails()).unread, 1);
await c.mailpitSetStatusAsRead([mail]);
await c.mailpitSetAllEmailStatusAsUnRead();
assert.equal((await c.mailpitGetAllMails()).unread, 2);
await c.mailpitDeleteEmailsBySearch('subject:"second one"');
assert.equal((await c.mailpitGetAllMails()).total, 1);
await c.mailpitDeleteAllEmails();
assert.equal((await c.mailpitGetAllMails()).total, 0);
