// The client that a vendor knows the application by: one whose secret is wrong, and one that speaks for itself.

import assert from "node:assert/strict";
import { test } from "node:test";

import { client, machine } from "./authorization_server.js";
import { assertRefused, assertSentHome, assertStands, connectedLongAgo, hasEnded, startHarbour, until } from "./harbour.js";

const wrong = { ...client, secret: "of nobody" };

test("with a wrong secret no code is exchanged", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  await harbour.addApplication("forgetful", wrong);
  const ann = harbour.customer("ann", { application: "forgetful" });
  const page = await ann.open(await ann.consent());
  assertSentHome(page, ["server_error", "OAuthCodeExchangeError"], /did not exchange the code/, /invalid_client/);
  assert.equal(harbour.server.tokenRequests.at(-1).refused.error, "invalid_client");
  await assertStands(ann, "available", "needs_auth");
});

test("with a wrong secret no token is renewed, and none is lost", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  const { server, trunkline } = harbour;
  const ann = await connectedLongAgo(harbour, "ann");
  const { refresh } = server.given;
  await trunkline.halt();
  await trunkline.keepClient("acme", "harbour-crm", wrong);
  await trunkline.serve();
  const refused = await ann.contacts();
  assertRefused(refused, 401, "UnauthorizedError", /refresh_token_connector_error/, /invalid_client/);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  await assertStands(ann, "callable", "pending_refresh");
  assert.equal((await ann.events())[0].event_type, "vault.connection.token_refresh.pending");
  assert.equal(await server.isActive(refresh), true);
  assert.equal((await ann.tokens()).refresh, refresh);

  // Once the operator has mended it, nobody has to consent anew.
  await trunkline.keepClient("acme", "harbour-crm", client);
  await until(async () => (await ann.contacts()).status === 200, "the connection has recovered");
  await assertStands(ann, "callable", "ok");
  assert.equal((await ann.events()).find(({ event_type }) => event_type.includes("token_refresh")).event_type, "vault.connection.token_refresh.recovered");
});

test("a client that speaks for itself needs nobody's consent", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  const { server, trunkline } = harbour;
  await trunkline.keepClient("acme", "pier-crm", machine);
  const ann = harbour.customer("ann", { service: "pier-crm" });
  assert.equal((await ann.vault("PATCH", "", { enabled: true })).status, 200);
  server.lifetime = 1;
  const obtained = await ann.vault("POST", "/token", {});
  assert.deepEqual([obtained.status, obtained.body.data.state], [200, "callable"], JSON.stringify(obtained.body));
  const [request] = server.tokenRequests;
  assert.deepEqual([request.grant_type, request.scope, request.given.scope], ["client_credentials", "people.read", "people.read"]);
  await hasEnded(ann);
  server.lifetime = 3600;
  const replies = await Promise.all([1, 2, 3].map(() => ann.contacts()));
  assert.deepEqual(replies.map(({ status }) => status), [200, 200, 200]);
  assert.equal(server.tokenRequests.length, 2);
  assert.equal(await server.isActive((await ann.tokens()).access), true);
});
