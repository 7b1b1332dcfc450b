// Lists, as an application reads them: to the end, in part, filtered, sorted, with the vendor's own answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { everyRecord, sorted } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

const seededContacts = 250;
const seededCompanies = 60;

let sandbox;
let crm;
before(async () => {
  sandbox = await startSandbox();
  crm = client(sandbox).crm;
});
after(() => sandbox?.stop());

const contacts = (request) => everyRecord(crm.contacts.list(request), "getContactsResponse");
const companies = (request) => everyRecord(crm.companies.list(request), "getCompaniesResponse1");
const ids = (records) => records.map((record) => record.id);

function assertEachOnce(records, count) {
  assert.equal(records.length, count);
  assert.equal(new Set(ids(records)).size, count);
}

describe("every record exactly once", () => {
  test("contacts, in pages of the default size", async () => {
    const { records, sizes } = await contacts({});
    assertEachOnce(records, seededContacts);
    assert.deepEqual(sizes, [...Array(12).fill(20), 10]);
  });

  test("contacts, in pages of other sizes, are the same", async () => {
    const { records } = await contacts({});
    for (const [limit, pages] of [[200, 2], [77, 4]]) {
      const { records: others, sizes } = await contacts({ limit });
      assert.equal(sizes.length, pages);
      assert.deepEqual(new Set(ids(others)), new Set(ids(records)));
      assertEachOnce(others, seededContacts);
    }
  });

  test("companies", async () => {
    const { records, sizes } = await companies({});
    assertEachOnce(records, seededCompanies);
    assert.deepEqual(sizes, [20, 20, 20]);
    const { records: others } = await companies({ limit: 7 });
    assert.deepEqual(sorted(ids(others)), sorted(ids(records)));
  });

  test("ids that a double cannot hold arrive whole", async () => {
    assert.ok(ids((await contacts({ limit: 200 })).records).includes("9007199254740993"));
    assert.ok(ids((await companies({ limit: 200 })).records).includes("9223372036854775783"));
  });
});

test("the envelope says what it is, how much there is and where it goes on", async () => {
  const { getContactsResponse: page } = await crm.contacts.list({ limit: 5 });
  assert.deepEqual(
    [page.statusCode, page.status, page.service, page.resource, page.operation],
    [200, "OK", "agile-crm", "contacts", "all"],
  );
  assert.equal(page.meta.itemsOnPage, 5);
  assert.equal(page.meta.totalCount, seededContacts);
  assert.ok(page.meta.cursors.next);
  assert.equal(new URL(page.links.next).searchParams.get("cursor"), page.meta.cursors.next);
  assert.equal(new URL(page.links.next).searchParams.get("limit"), "5");
  const { getContactsResponse: next } = await crm.contacts.list({ limit: 5, cursor: page.meta.cursors.next });
  assert.equal(next.data.length, 5);
  assert.equal(new Set([...ids(page.data), ...ids(next.data)]).size, 10);
});

describe("filters", () => {
  test("an e-mail with a plus sign finds the contact that has it", async () => {
    const { records } = await contacts({ filter: { email: "person10+second@work.example" } });
    assert.equal(records.length, 1);
    assert.ok(records[0].emails.some(({ email }) => email === "person10+second@work.example"));
  });

  test("an e-mail that nobody has finds nobody", async () => {
    const { records, sizes } = await contacts({ filter: { email: "nobody@work.example" } });
    assert.deepEqual([records, sizes], [[], [0]]);
  });

  test("any character can stand in a value", async () => {
    const firstName = "Zoë +1 100% a/b? #c & d=e;\"f\" 🚚";
    const { createContactResponse: added } = await crm.contacts.create({ contact: { firstName, lastName: "Ø'Neil" } });
    try {
      const { records } = await contacts({ filter: { firstName } });
      assert.deepEqual(ids(records), [added.data.id]);
      assert.equal(records[0].firstName, firstName);
    } finally {
      await crm.contacts.delete({ id: added.data.id });
    }
  });

  test("a company's name finds that company", async () => {
    const { getCompaniesResponse1: page } = await crm.companies.list({ limit: 3 });
    for (const { id, name } of page.data) assert.deepEqual(ids((await companies({ filter: { name } })).records), [id]);
  });

  test("changes since an instant are those, page by page", async () => {
    const everyone = (await contacts({ limit: 200 })).records;
    const instants = everyone.map((contact) => contact.updatedAt?.getTime() ?? 0).filter((time) => time > 0);
    const updatedSince = new Date(sorted(instants, (one, other) => one - other).at(-30));
    const { records } = await contacts({ filter: { updatedSince }, limit: 12 });
    const expected = everyone.filter(({ updatedAt }) => updatedAt && updatedAt >= updatedSince);
    assert.deepEqual(sorted(ids(records)), sorted(ids(expected)));
  });
});

test("a sorted list is in order to its last page, both ways", async () => {
  for (const direction of ["asc", "desc"]) {
    const { records } = await companies({ sort: { by: "created_at", direction }, limit: 25 });
    assertEachOnce(records, seededCompanies);
    const times = records.map(({ createdAt }) => createdAt.getTime());
    assert.deepEqual(times, sorted(times, (one, other) => (direction === "asc" ? one - other : other - one)));
  }
});

test("fields leaves out everything else", async () => {
  const { getContactsResponse: page } = await crm.contacts.list({ fields: "id,name,emails.email" });
  for (const contact of page.data) {
    const sent = Object.keys(contact).filter((key) => contact[key] !== undefined);
    assert.deepEqual(sorted(sent), ["emails", "id", "name"]);
    for (const email of contact.emails) assert.deepEqual(Object.keys(email), ["email"]);
  }
});

test("raw shows the vendor's answer as an object", async () => {
  const { getContactsResponse: page } = await crm.contacts.list({ raw: true, limit: 3 });
  assert.equal(page.raw.items.length, 3);
  assert.ok(page.raw.items[0].properties.length > 0);
  const { getContactResponse: one } = await crm.contacts.get({ id: page.data[0].id, raw: true });
  assert.ok(one.raw.properties.length > 0);
  const { getContactsResponse: without } = await crm.contacts.list({ limit: 3 });
  assert.equal(without.raw, undefined);
});

test("pass_through reaches the vendor beside our own parameters", async () => {
  const { getContactsResponse: page } = await crm.contacts.list({ passThrough: { remark: "a b&c", list: ["x", "y"] }, limit: 4 });
  assert.equal(page.data.length, 4);
});
