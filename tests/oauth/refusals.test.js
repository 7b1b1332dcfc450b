// Whatever goes wrong on the way is told where it can be mended: to the consumer's browser, or to the page that it comes back to.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { misplacedClient } from "./authorization_server.js";
import { Browser } from "./browser.js";
import { assertRefused, assertSentHome, assertStands, home, startHarbour } from "./harbour.js";

let harbour;
let server;
before(async () => {
  harbour = await startHarbour();
  ({ server } = harbour);
});
after(() => harbour?.stop());

test("a consumer who denies is sent home, and the application can tell", async () => {
  const ann = harbour.customer("ann");
  const callback = await ann.browser.deny(await ann.link("authorize_url"), "ann", harbour.callback);
  assert.equal(callback.searchParams.get("error"), "access_denied");
  const page = await ann.open(callback);
  assertSentHome(page, ["access_denied", "OAuthConnectorError"], /access_denied/, /End-User aborted interaction/);
  await assertStands(ann, "available", "needs_auth");
  // Nobody is held to a first answer, and who changes their mind again loses nothing.
  await ann.connect();
  await ann.open(await new Browser().deny(await ann.link("authorize_url"), "ann", harbour.callback));
  assert.equal((await ann.contacts()).status, 200);
  await assertStands(ann, "callable", "ok");
});

test("a state that was altered leads nowhere, and costs the consumer nothing", async () => {
  const [bob, cid] = [harbour.customer("bob"), harbour.customer("cid")];
  const [callback, ofCid] = [await bob.consent(), await cid.consent()];
  const state = callback.searchParams.get("state");
  const [header, , signature] = state.split(".");
  const [, claims] = ofCid.searchParams.get("state").split(".");
  const flipped = state.at(-9) === "A" ? "B" : "A";
  const altered = [`${state.slice(0, -9)}${flipped}${state.slice(-8)}`, `${header}.${claims}.${signature}`, "of nobody", "a.b.c"];
  const asked = server.tokenRequests.length;
  for (const wrong of altered) {
    const tampered = new URL(callback);
    tampered.searchParams.set("state", wrong);
    assertRefused(await bob.open(tampered), 400, "OAuthInvalidStateError", /altered or comes from elsewhere/);
  }
  assert.equal(server.tokenRequests.length, asked);
  assert.equal((await bob.open(callback)).home.href, home);
  await assertStands(bob, "callable", "ok");
});

test("a callback that comes twice is answered once", async () => {
  const dan = harbour.customer("dan");
  const callback = await dan.consent();
  const pages = await Promise.all([dan.open(callback), dan.open(callback)]);
  assert.deepEqual(pages.map((page) => page.home?.href).sort(), [home, undefined]);
  assertRefused(pages.find((page) => !page.home), 400, "OAuthInvalidStateError", /used before/);
  assertRefused(await dan.open(callback), 400, "OAuthInvalidStateError", /used before/);
  const code = callback.searchParams.get("code");
  assert.equal(server.tokenRequests.filter((request) => request.code === code).length, 1);
  assert.equal((await dan.contacts()).status, 200);
});

test("a code that somebody redeems again voids all that came of it, and the consumer has to consent anew", async () => {
  const eve = harbour.customer("eve");
  await eve.connect();
  const { code, code_verifier, redirect_uri } = server.tokenRequests.at(-1);
  const { access, refresh } = server.given;
  const replayed = await server.token({ grant_type: "authorization_code", code, code_verifier, redirect_uri });
  assert.deepEqual([replayed.status, replayed.body.error], [400, "invalid_grant"]);
  assert.equal(server.tokenRequests.at(-1).refused.reason, "authorization code already consumed");
  assert.deepEqual([await server.isActive(access), await server.isActive(refresh)], [false, false]);
  assertRefused(await eve.contacts(), 401, "ConnectorCredentialsError", /answered 401/);
  assertRefused(await eve.vault("POST", "/validate", {}), 401, "ConnectorCredentialsError", /invalid_grant/);
  await assertStands(eve, "invalid", "needs_auth");
});

test("nobody is sent where the application does not allow", async () => {
  const fay = harbour.customer("fay");
  for (const kind of ["authorize_url", "revoke_url"]) {
    if (kind === "revoke_url") await fay.connect();
    for (const wrong of ["https://evil.example/", `${home}/more`, `${home}?more`, "http://app.example/done"]) {
      const page = await fay.open(await fay.link(kind, { redirect_uri: wrong }));
      assertRefused(page, 400, "OAuthRedirectUriError", /not one of the addresses that the application allows/);
    }
  }
  assert.equal((await fay.contacts()).status, 200);
});

test("a callback that is not registered with the vendor is refused on the vendor's own page", async () => {
  await harbour.addApplication("misplaced", misplacedClient);
  const ann = harbour.customer("ann", { application: "misplaced" });
  const page = await ann.browser.visit(await ann.link("authorize_url"), harbour.callback);
  assert.deepEqual([page.status, new URL(page.address).origin], [400, server.address]);
  assert.match(page.text, /redirect_uri/);
  await assertStands(ann, "available", "needs_auth");
});
