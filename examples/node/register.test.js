// Run with: catchpost run -- npm test
import assert from "node:assert/strict";
import { test } from "node:test";
import { App } from "./app.js";

const { CATCHPOST_URL, CATCHPOST_TOKEN } = process.env;

async function catchpost(path) {
  const answer = await fetch(CATCHPOST_URL + "/v1" + path, { headers: { authorization: `Bearer ${CATCHPOST_TOKEN}` } });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body;
}

test("a new user gets a code that works", async () => {
  const app = new App();
  await app.register("anna@x.test");
  const { codes } = await catchpost("/messages/latest/codes?to=anna@x.test&wait=10s");
  assert.ok(app.verify("anna@x.test", codes[0].code));
});
