// The commands of npm's cypress-mailhog, with a stand-in for cy. Arguments: the file
// of its commands, the URL in front of api/; two messages from shop@x.test to
// anna@x.test and bob@x.test are there.
import assert from "node:assert/strict";
const [file, base] = process.argv.slice(2);
class Chain extends Promise {
  its(key) { return this.then((v) => v[key]); }
  should(what, n) {
    return this.then((v) => {
      if (what === "not.have.length") assert.notEqual(v.length, n);
      else assert.ok(v.length > n, `${what} ${n}: ${v.length}`);
      return v;
    });
  }
}
const commands = {};
globalThis.Cypress = {
  env: () => "", config: (name) => (name === "mailHogUrl" ? base : 4000),
  Commands: { add: (name, ...rest) => (commands[name] = rest.at(-1)) },
};
globalThis.cy = new Proxy({
  wrap: (v) => Chain.resolve(v), verifyUpcomingAssertions: (v) => v,
  request: ({ method, url, failOnStatusCode }) => Chain.resolve(fetch(url, { method }).then(async (res) => {
    assert.ok(res.ok || failOnStatusCode === false, `${res.status} ${url}`);
    return { status: res.status, body: await res.text() };
  })),
}, { get: (own, name) => own[name] ?? ((...args) => Chain.resolve(commands[name](...args))) });
await import(file);
const c = new Proxy({}, { get: (_, name) => (...args) => Chain.resolve(commands[name](...args)) });
const all = await c.mhGetAllMails();
assert.equal(all.length, 2);
assert.equal((await c.mhGetAllMails(1)).length, 1);
const [anna] = await c.mhGetMailsByRecipient("anna@x.test");
assert.equal(await c.mhGetSubject(anna), "One");
assert.equal(await c.mhGetSender(anna), "shop@x.test");
assert.deepEqual(await c.mhGetRecipients(anna), ["anna@x.test"]);
assert.match(await c.mhGetBody(anna), /^--b\r\n/);
assert.deepEqual(await c.mhGetAttachments(anna), ['"a.txt"']);
assert.equal((await c.mhGetMailsBySubject("One"))[0].ID, anna.ID);
assert.equal((await c.mhGetMailsBySender("shop@x.test")).length, 2);
assert.equal((await c.mhSearchMails("to", "bob@x.test")).length, 1);
assert.equal((await c.mhSearchMails("containing", "Code 42")).length, 1);
assert.equal((await c.mhFirst(all)).ID, all[0].ID);
assert.equal((await c.mhFilterBySubject(all, "One")).length, 1);
assert.equal((await c.mhFilterByRecipient(all, "bob@x.test")).length, 1);
assert.equal((await c.mhFilterBySender(all, "nobody@x.test")).length, 0);
await c.mhHasMailWithSubject("One");
await c.mhHasMailFrom("shop@x.test");
await c.mhHasMailTo("bob@x.test");
await c.mhWaitForMails(1);
assert.equal(await c.mhGetJimMode(), false);
assert.equal((await c.mhSetJimMode(true)).status, 201);
assert.equal(await c.mhGetJimMode(), true);
assert.equal((await c.mhSetJimMode(false)).status, 200);
await c.mhDeleteAll();
assert.equal((await c.mhGetAllMails()).length, 0);
