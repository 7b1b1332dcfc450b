// The token that confirms a connection: whose it is, and for how long.

import assert from "node:assert/strict";
import { test } from "node:test";

import { client } from "./authorization_server.js";
import { assertRefused, assertStands, home, startHarbour, until } from "./harbour.js";

const nonce = "n-17";

async function awaitConfirmation(customer) {
  const back = await customer.connect({ redirect_uri: home, nonce });
  return { confirm_token: new URLSearchParams(back.hash.slice(1)).get("confirm_token") };
}

test("nobody else can use a confirm token", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  await harbour.addApplication("other", client);
  const ann = harbour.customer("ann");
  const confirmation = await awaitConfirmation(ann);

  const strangers = [harbour.customer("bob"), harbour.customer("ann", { application: "other" }), harbour.customer("ann", { service: "pier-crm" })];
  for (const stranger of strangers) {
    const refused = await stranger.vault("POST", "/confirm", confirmation);
    assertRefused(refused, 422, "InvalidStateError", /confirm_token.*unknown/);
    assert.equal((await stranger.connection()).state, "available");
  }
  assertRefused(await ann.vault("POST", "/confirm", { confirm_token: "of nobody" }), 422, "InvalidStateError");
  await assertStands(ann, "available", "pending_confirmation");
  assert.equal((await ann.vault("POST", "/confirm", confirmation)).status, 200);
  await assertStands(ann, "callable", "ok");
});

test("a confirm token that has expired confirms nothing, and the consumer can consent anew", async (t) => {
  const harbour = await startHarbour("[consent]\nconfirm_within_seconds = 1\n");
  t.after(() => harbour.stop());
  const ann = harbour.customer("ann");
  const confirmation = await awaitConfirmation(ann);
  await until(async () => (await ann.connection()).health === "needs_auth", "the confirmation has expired");
  assertRefused(await ann.vault("POST", "/confirm", confirmation), 422, "InvalidStateError", /confirm_token.*expired/);
  await assertStands(ann, "available", "needs_auth");
  assertRefused(await ann.contacts(), 404, "ConnectionNotFoundError");
  await ann.connect();
  assert.equal((await ann.contacts()).status, 200);
});
