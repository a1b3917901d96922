// Run with: APP_URL=… catchpost run -- npm test
// A browser fills the application's form; the mail is read in catchpost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "playwright-core";

const { APP_URL, CATCHPOST_URL, CATCHPOST_TOKEN } = process.env;

async function catchpost(path) {
  const answer = await fetch(CATCHPOST_URL + "/v1" + path, { headers: { authorization: `Bearer ${CATCHPOST_TOKEN}` } });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body;
}

test("a person registers with the code, another with the link", async (t) => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  t.after(() => browser.close());
  const context = await browser.newContext({ extraHTTPHeaders: {} });
  const page = await context.newPage();

  await page.goto(APP_URL);
  await page.getByLabel("Email").fill("anna@x.test");
  await page.getByRole("button", { name: "Register" }).click();
  const { codes } = await catchpost("/messages/latest/codes?to=anna@x.test&wait=10s");
  await page.getByLabel("Code").fill(codes[0].code);
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("heading", { name: "Welcome" }).waitFor();

  // The second one opens the mail itself and clicks its link.
  await page.goto(APP_URL);
  await page.getByLabel("Email").fill("ben@x.test");
  await page.getByRole("button", { name: "Register" }).click();
  const mail = await catchpost("/messages/latest?to=ben@x.test&wait=10s");
  const reader = await context.newPage();
  await reader.setExtraHTTPHeaders({ authorization: `Bearer ${CATCHPOST_TOKEN}` });
  await reader.goto(`${CATCHPOST_URL}/v1/messages/${mail.id}/preview`);
  await reader.getByText(/verification code is \d{6}/).waitFor();
  await reader.getByRole("link", { name: "Verify your address" }).click();
  const opened = context.pages().at(-1) === reader ? await context.waitForEvent("page", { timeout: 3000 }).catch(() => reader) : context.pages().at(-1);
  await opened.getByRole("heading", { name: "Welcome" }).waitFor();
});
