// An access token that has ended is renewed once, with the refresh token that counts, and what came of it is kept.

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertStands, connectedLongAgo, startHarbour } from "./harbour.js";

test("a hundred calls with an expired token renew it once, and a gateway that is started anew has the new one", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  const { server, vendor, trunkline } = harbour;
  const ann = await connectedLongAgo(harbour, "ann");
  const before = server.given;
  const replies = await Promise.all(Array.from({ length: 100 }, () => ann.contacts()));
  assert.deepEqual(replies.map(({ status }) => status), Array(100).fill(200));
  assert.deepEqual(server.refreshes.map(({ refresh_token }) => refresh_token), [before.refresh]);
  const after = await ann.tokens();
  assert.deepEqual(after, server.given);
  assert.notEqual(after.access, before.access);
  assert.deepEqual([await server.isActive(before.access), await server.isActive(after.access)], [false, true]);
  assert.deepEqual(vendor.calls, Array(100).fill({ token: after.access, isLetIn: true }));

  await trunkline.halt();
  await trunkline.serve();
  assert.equal((await ann.contacts()).status, 200);
  assert.deepEqual(vendor.calls.at(-1), { token: after.access, isLetIn: true });
  assert.equal(server.refreshes.length, 1);
  await assertStands(ann, "callable", "ok");
});

test("a server that rotates refresh tokens is always shown the newest", async (t) => {
  const harbour = await startHarbour();
  t.after(() => harbour.stop());
  const { server, trunkline } = harbour;
  server.rotates = true;
  const ann = await connectedLongAgo(harbour, "ann");
  const first = server.given.refresh;
  assert.equal((await ann.contacts()).status, 200);
  assert.equal((await ann.vault("POST", "/validate", {})).status, 200);
  // The last one is asked for by a gateway that knows only what was stored.
  await trunkline.halt();
  await trunkline.serve();
  assert.equal((await ann.vault("POST", "/validate", {})).status, 200);

  const given = server.refreshes.map(({ given }) => given.refresh_token);
  assert.equal(new Set([first, ...given]).size, 4);
  assert.deepEqual(server.refreshes.map(({ refresh_token }) => refresh_token), [first, ...given.slice(0, -1)]);
  assert.deepEqual(await ann.tokens(), server.given);
  assert.equal((await ann.contacts()).status, 200);
  await assertStands(ann, "callable", "ok");
});
