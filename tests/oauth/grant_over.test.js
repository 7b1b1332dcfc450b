// A grant that the server no longer honours: the consumer has to consent anew, and is the one who is told.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertRefused, assertStands, connectedLongAgo, home, startHarbour } from "./harbour.js";

let harbour;
let server;
before(async () => {
  harbour = await startHarbour();
  ({ server } = harbour);
});
after(() => harbour?.stop());

/** Calls twice: at the first call the server is asked, and from then on nobody is. */
async function assertNeedsConsent(customer, reason) {
  const asked = server.refreshes.length;
  for (const _ of [1, 2]) assertRefused(await customer.contacts(), 401, "ConnectorCredentialsError", /invalid_grant/, /authorize_url/);
  assert.deepEqual(server.refreshes.slice(asked).map(({ refused }) => refused), [{ error: "invalid_grant", reason }]);
  await assertTold(customer);
}

async function assertTold(customer) {
  await assertStands(customer, "invalid", "needs_auth");
  const [event] = await customer.events();
  assert.equal(event.event_type, "vault.connection.token_refresh.failed");
  assert.match(event.detail, /invalid_grant/);
}

test("a refresh token that was used before ends the grant, until the consumer consents anew", async (t) => {
  server.rotates = true;
  t.after(() => (server.rotates = false));
  const ann = await connectedLongAgo(harbour, "ann");
  const old = server.given;
  assert.equal((await ann.contacts()).status, 200);
  const current = server.given;
  // As an operator does who brings back what another system had.
  assert.equal((await ann.vault("POST", "/import", { credentials: { refresh_token: old.refresh } })).status, 200);
  await assertStands(ann, "callable", "pending_refresh");

  await assertNeedsConsent(ann, "refresh token already used");
  // The server takes it for theft, and voids with the old token all that came of it.
  assert.deepEqual([await server.isActive(current.access), await server.isActive(current.refresh)], [false, false]);
  await ann.connect();
  await assertStands(ann, "callable", "ok");
  assert.equal((await ann.contacts()).status, 200);
});

test("a grant that its owner takes back at the vendor ends with the access token", async () => {
  const bob = await connectedLongAgo(harbour, "bob");
  await server.takeBack(server.given.refresh);
  await assertNeedsConsent(bob, "refresh token not found");
});

test("a grant that was taken back is found out sooner by asking", async () => {
  const cid = harbour.customer("cid");
  await cid.connect();
  const asked = server.refreshes.length;
  const valid = await cid.vault("POST", "/validate", {});
  assert.deepEqual([valid.status, valid.body.data.state], [200, "callable"], JSON.stringify(valid.body));
  await server.takeBack(server.given.refresh);
  assertRefused(await cid.vault("POST", "/validate", {}), 401, "ConnectorCredentialsError", /invalid_grant/, /authorize_url/);
  await assertTold(cid);
  assertRefused(await cid.contacts(), 401, "ConnectorCredentialsError", /authorize_url/);
  assert.equal(server.refreshes.length, asked + 2);
});

test("a grant without a refresh token ends with its access token", async () => {
  const dan = await connectedLongAgo(harbour, "dan", { redirect_uri: home, scope: "people.read" });
  assert.equal(server.given.refresh, undefined);
  const asked = server.tokenRequests.length;
  for (const _ of [1, 2]) assertRefused(await dan.contacts(), 401, "ConnectorCredentialsError", /gave no refresh token/, /authorize_url/);
  assert.equal(server.tokenRequests.length, asked);
  await assertStands(dan, "invalid", "needs_auth");
  assert.equal((await dan.events())[0].event_type, "vault.connection.token_refresh.failed");
});
