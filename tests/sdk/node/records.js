// What the tests say about records and errors.

import assert from "node:assert/strict";

/** Every record of a list, page by page, as the SDK's own paging finds them. */
export async function everyRecord(pages, envelope) {
  const sizes = [];
  const records = [];
  for await (const page of await pages) {
    const answer = page[envelope];
    assert.ok(answer, `a page without ${envelope}: ${JSON.stringify(page.unexpectedErrorResponse)}`);
    sizes.push(answer.data.length);
    records.push(...answer.data);
  }
  return { records, sizes };
}

/** Every member that was sent has come back equal; what the gateway adds beside it is its own affair. */
export function assertHolds(actual, sent, where = "record") {
  if (Array.isArray(sent)) {
    // A vendor has custom fields that are always there.
    if (where.endsWith("ustomFields")) actual = actual?.filter((own) => sent.some((item) => item.id === own.id));
    assert.equal(actual?.length, sent.length, `${where}: ${JSON.stringify(actual)}`);
    sent.forEach((item, index) => assertHolds(actual[index], item, `${where}[${index}]`));
  } else if (sent !== null && typeof sent === "object") {
    assert.ok(actual, `${where} is missing`);
    for (const [key, value] of Object.entries(sent)) assertHolds(actual[key], value, `${where}.${key}`);
  } else {
    assert.deepEqual(actual ?? null, sent, where);
  }
}

/** The two records are alike but for the members named. */
export function assertSameBut(after, before, ...changed) {
  const rest = (record) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !changed.includes(key) && key !== "updatedAt"));
  assert.deepEqual(rest(after), rest(before));
}

/** Runs `call`, which must fail with `errorClass` and the parsed `fields`; answers the error. */
export async function assertRefused(call, errorClass, fields) {
  const error = await call.then(
    (answer) => assert.fail(`not refused: ${JSON.stringify(answer)}`),
    (error) => error,
  );
  assert.equal(error.constructor.name, errorClass.name, String(error.stack ?? error));
  for (const [key, value] of Object.entries(fields)) assert.equal(error[key], value, `${key} of ${JSON.stringify(error)}`);
  return error;
}

/** A sorted copy. */
export const sorted = (items, order) => [...items].sort(order);
