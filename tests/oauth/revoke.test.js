// A grant that is given back is worth nothing at the server either.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { assertRefused, assertStands, home, startHarbour } from "./harbour.js";

let harbour;
let server;
before(async () => {
  harbour = await startHarbour();
  ({ server } = harbour);
});
after(() => harbour?.stop());

test("a revoked connection is one for the server too, and cannot be called", async () => {
  const ann = harbour.customer("ann");
  await ann.connect();
  const { access, refresh } = server.given;
  assert.deepEqual([await server.isActive(access), await server.isActive(refresh)], [true, true]);

  const link = await ann.link("revoke_url");
  assert.equal((await ann.open(link)).home.href, home);
  assert.deepEqual([await server.isActive(access), await server.isActive(refresh)], [false, false]);
  await assertStands(ann, "added", "revoked");
  const calls = harbour.vendor.calls.length;
  assertRefused(await ann.contacts(), 401, "ConnectorCredentialsError", /revoked/, /authorize_url/);
  assert.equal(harbour.vendor.calls.length, calls);
  assert.deepEqual(await ann.tokens(), { access: null, refresh: null });
  assertRefused(await ann.open(link), 401, "ConnectorCredentialsError", /nothing to revoke/);
  assert.equal((await ann.events()).filter(({ event_type }) => event_type === "vault.connection.revoked").length, 1);

  await ann.connect();
  assert.equal((await ann.contacts()).status, 200);
  await assertStands(ann, "callable", "ok");
});

test("what a consumer gives back takes nothing from another", async () => {
  const [bob, cid] = [harbour.customer("bob"), harbour.customer("cid")];
  await Promise.all([bob.connect(), cid.connect()]);
  await cid.open(await cid.link("revoke_url"));
  assertRefused(await cid.contacts(), 401, "ConnectorCredentialsError");
  assert.equal((await bob.contacts()).status, 200);
  await assertStands(bob, "callable", "ok");
});

test("where no refresh token was granted, the access token is what is given back", async () => {
  const dan = harbour.customer("dan");
  await dan.connect({ redirect_uri: home, scope: "people.read" });
  const { access, refresh } = server.given;
  assert.deepEqual([refresh, await server.isActive(access)], [undefined, true]);
  assert.equal((await dan.open(await dan.link("revoke_url"))).home.href, home);
  assert.equal(await server.isActive(access), false);
  await assertStands(dan, "added", "revoked");
});
