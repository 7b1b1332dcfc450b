// From a link to a connection that can be called, with the second step and without, and what the server insists on meanwhile.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { client } from "./authorization_server.js";
import { assertRefused, assertSentHome, assertStands, home, startHarbour } from "./harbour.js";

let harbour;
let server;
before(async () => {
  harbour = await startHarbour();
  ({ server } = harbour);
});
after(() => harbour?.stop());

test("a consumer consents, and the connection can be called", async () => {
  const ann = harbour.customer("ann");
  await assertStands(ann, "available", "needs_auth");
  assertRefused(await ann.contacts(), 404, "ConnectionNotFoundError");
  assert.equal((await ann.connect()).href, home);
  await assertStands(ann, "callable", "ok");
  const contacts = await ann.contacts();
  assert.deepEqual([contacts.status, contacts.body.data[0].first_name], [200, "Ada"], JSON.stringify(contacts.body));

  const { access, refresh } = await ann.tokens();
  assert.deepEqual(harbour.vendor.calls, [{ token: access, isLetIn: true }]);
  assert.deepEqual([await server.isActive(access), await server.isActive(refresh)], [true, true]);
  const types = (await ann.events()).map(({ event_type }) => event_type);
  assert.ok(types.includes("vault.connection.callable"), types.join());
});

test("the code is exchanged once, with the verifier of its challenge", async () => {
  const bob = harbour.customer("bob");
  const callback = await bob.consent();
  const { code, iss } = Object.fromEntries(callback.searchParams);
  assert.equal(iss, server.address);
  assert.equal((await bob.open(callback)).home.href, home);
  const [request, ...more] = server.tokenRequests.filter((request) => request.code === code);
  assert.equal(more.length, 0);
  assert.match(request.code_verifier, /^[\w-]{43}$/);
  assert.deepEqual([request.redirect_uri, request.given.scope], [harbour.callback, "people.read offline_access"]);
});

test("a code of another's browser is refused by the server, since the verifier is not its own", async () => {
  const [cid, eve] = [harbour.customer("cid"), harbour.customer("eve")];
  const [ofCid, ofEve] = [await cid.consent(), await eve.consent()];
  const injected = new URL(ofEve);
  injected.searchParams.set("code", ofCid.searchParams.get("code"));
  assertSentHome(await eve.open(injected), ["server_error", "OAuthCodeExchangeError"], /invalid_grant/);
  assert.match(server.tokenRequests.at(-1).refused.reason, /PKCE verification failed/);
  await assertStands(eve, "available", "needs_auth");
  // Whose code it is can still use it.
  assert.equal((await cid.open(ofCid)).home.href, home);
  await assertStands(cid, "callable", "ok");
});

test("a code without its verifier is worth nothing", async () => {
  const callback = await harbour.customer("dan").consent();
  const code = callback.searchParams.get("code");
  const { status, body } = await server.token({ grant_type: "authorization_code", code, redirect_uri: harbour.callback });
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
  assert.match(server.tokenRequests.at(-1).refused.reason, /PKCE verification failed/);
});

test("a consent page that an application asks for without PKCE is refused by the server, and the consumer is told", async () => {
  const fay = harbour.customer("fay");
  const { body } = await fay.vault("POST", "/callback-state", { redirect_uri: home });
  const asked = { client_id: client.id, redirect_uri: harbour.callback, response_type: "code", scope: "people.read", state: body.data.state };
  const page = await fay.open(`${server.address}/auth?${new URLSearchParams(asked)}`);
  assertSentHome(page, ["invalid_request", "OAuthConnectorError"], /PKCE/);
  await assertStands(fay, "available", "needs_auth");
});

test("with a nonce nothing is used before the application confirms it", async () => {
  const gus = harbour.customer("gus");
  const back = await gus.connect({ redirect_uri: home, nonce: "n-17" });
  const { nonce, service_id, confirm_token } = Object.fromEntries(new URLSearchParams(back.hash.slice(1)));
  assert.deepEqual([back.origin + back.pathname, nonce, service_id], [home, "n-17", "harbour-crm"]);
  await assertStands(gus, "available", "pending_confirmation");
  assertRefused(await gus.contacts(), 404, "ConnectionNotFoundError");

  const confirmed = await gus.vault("POST", "/confirm", { confirm_token });
  assert.deepEqual([confirmed.status, confirmed.body.data.state, confirmed.body.data.health], [200, "callable", "ok"]);
  assert.equal((await gus.contacts()).status, 200);
  const again = await gus.vault("POST", "/confirm", { confirm_token });
  assertRefused(again, 422, "InvalidStateError", /confirm_token.*used before/);
  assert.equal((await gus.contacts()).status, 200);
});
