// A contact's life: created, read, changed in part, cleared in part, deleted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as errors from "@apideck/unify/models/errors/index.js";

import { assertHolds, assertRefused, assertSameBut, sorted } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

let sandbox;
let contacts;
before(async () => {
  sandbox = await startSandbox();
  contacts = client(sandbox).crm.contacts;
});
after(() => sandbox?.stop());

let number = 0;
const tamsin = () => ({
  firstName: "Tamsin",
  lastName: "Bräckwater-O'Hara",
  title: "Head of <Procurement> & \"Sundries\"",
  emails: [
    { email: `tamsin+${(number += 1)}@larkspur.example`, type: "work" },
    { email: `tamsin${number}@mailbox.example`, type: "personal" },
  ],
  phoneNumbers: [
    { number: "+1 555 010 0177", type: "mobile" },
    { number: "+1 555 010 0178", type: "home" },
  ],
  addresses: [
    { type: "office", line1: "14 Tiller Row", city: "Port Vell", state: "OR", postalCode: "97999", country: "US" },
    { type: "home", line1: "Ålesundgata 3", city: "Ålesund", postalCode: "6002", country: "NO" },
  ],
  websites: [{ url: "https://tamsin.example/?a=1&b=2" }],
  socialLinks: [{ url: "https://social.example/in/tamsin", type: "linkedin" }],
  customFields: [
    { id: "Newsletter", value: "on" },
    { id: "Badge No.", value: "B-4711" },
  ],
  tags: ["Buyer", "Spring Fair"],
});

async function create(contact) {
  const { createContactResponse: answer } = await contacts.create({ contact });
  assert.deepEqual([answer.statusCode, answer.status, answer.operation], [201, "Created", "add"]);
  return answer.data.id;
}

async function read(id) {
  const { getContactResponse: answer } = await contacts.get({ id });
  assert.deepEqual([answer.statusCode, answer.operation, answer.data.id], [200, "one", id]);
  return answer.data;
}

async function change(id, contact) {
  const { updateContactResponse: answer } = await contacts.update({ id, contact });
  assert.deepEqual([answer.statusCode, answer.operation, answer.data.id], [200, "update", id]);
}

test("what was sent is what comes back", async () => {
  const { customFields, ...sent } = tamsin();
  const contact = await read(await create({ ...sent, customFields }));
  assertHolds(contact, sent);
  // Among others: this vendor's scores are custom fields too.
  for (const { id, value } of customFields) assert.equal(contact.customFields.find((field) => field.id === id)?.value, value);
  assert.equal(contact.name, "Tamsin Bräckwater-O'Hara");
  assert.ok(contact.createdAt instanceof Date);
});

test("a name alone is enough", async () => {
  assertHolds(await read(await create({ name: "Orla Quillfeather" })), { firstName: "Orla", lastName: "Quillfeather" });
});

test("a changed title leaves everything else as it was", async () => {
  const id = await create(tamsin());
  const before = await read(id);
  await change(id, { title: "Buyer" });
  const after = await read(id);
  assert.equal(after.title, "Buyer");
  assertSameBut(after, before, "title");
});

test("null clears", async () => {
  const id = await create(tamsin());
  const before = await read(id);
  await change(id, { title: null });
  const after = await read(id);
  assert.equal(after.title ?? null, null);
  assertSameBut(after, before, "title");
});

test("a list is replaced as a whole", async () => {
  const id = await create(tamsin());
  const before = await read(id);
  const emails = [{ email: "only@larkspur.example", type: "work" }];
  await change(id, { emails, tags: ["Buyer", "Renewal"] });
  const after = await read(id);
  assertHolds(after, { emails });
  assert.deepEqual(sorted(after.tags), ["Buyer", "Renewal"]);
  assertSameBut(after, before, "emails", "emailDomain", "tags");
});

test("an empty list empties", async () => {
  const id = await create(tamsin());
  await change(id, { phoneNumbers: [], tags: [] });
  const after = await read(id);
  assert.deepEqual([after.phoneNumbers, after.tags], [[], []]);
  assert.equal(after.emails.length, 2);
});

test("a deleted contact is not found", async () => {
  const id = await create({ firstName: "Brief", lastName: "Guest" });
  const { deleteContactResponse: answer } = await contacts.delete({ id });
  assert.deepEqual([answer.statusCode, answer.operation, answer.data.id], [200, "delete", id]);
  const gone = { statusCode: 404, error: "Not Found", typeName: "EntityNotFoundError" };
  await assertRefused(contacts.get({ id }), errors.NotFoundResponse, gone);
  await assertRefused(contacts.update({ id, contact: { title: "Ghost" } }), errors.NotFoundResponse, gone);
  await assertRefused(contacts.delete({ id }), errors.NotFoundResponse, gone);
});
