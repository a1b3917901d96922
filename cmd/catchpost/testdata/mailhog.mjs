// The calls of npm's mailhog. Arguments: the port, the base path; two messages
// from shop@x.test to anna@x.test and bob@x.test are there.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
const [port, basePath] = process.argv.slice(2);
const hog = createRequire(process.cwd() + "/")("mailhog")({ host: "127.0.0.1", port: Number(port), basePath });
const all = await hog.messages(0, 10);
assert.equal(all.total, 2);
assert.equal(all.items[0].subject, "Grüße2");
assert.equal(all.items[0].text.trim(), "Code 42 für bob");
assert.equal(all.items[0].to, "bob@x.test");
assert.equal((await hog.messages(1, 1)).items[0].to, "anna@x.test");
const anna = await hog.latestTo("anna@x.test");
assert.equal(anna.html.trim(), "<b>Grüße</b>");
assert.equal(anna.attachments[0].name, "a.txt");
assert.equal(hog.decode(anna.attachments[0].Body, anna.attachments[0].encoding), "hi");
assert.ok(anna.deliveryDate > new Date(2020, 0));
assert.equal((await hog.latestFrom("shop@x.test")).ID, all.items[0].ID);
assert.equal((await hog.latestContaining("Code 42")).ID, all.items[0].ID);
assert.equal((await hog.search("nothing")).count, 0);
assert.equal(hog.encode("Grüße", "quoted-printable"), "Gr=C3=BC=C3=9Fe");
const smtp = { host: "127.0.0.1", port: "25", email: "carl@x.test" };
assert.notEqual((await hog.releaseMessage(anna.ID, smtp)).statusCode, 200); // no relay
assert.equal((await hog.deleteMessage(anna.ID)).statusCode, 200);
assert.equal((await hog.messages()).total, 1);
assert.equal((await hog.deleteAll()).statusCode, 200);
assert.equal((await hog.messages()).total, 0);
