// A company's life: created, read, changed in part, cleared in part, deleted.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as errors from "@apideck/unify/models/errors/index.js";

import { assertHolds, assertRefused, assertSameBut } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

let sandbox;
let crm;
before(async () => {
  sandbox = await startSandbox();
  crm = client(sandbox).crm;
});
after(() => sandbox?.stop());

let number = 0;
const larkspur = () => ({
  name: `Larkspur & Søn "Freightworks" ${(number += 1)}`,
  emails: [{ email: `desk${number}@larkspur.example`, type: "work" }],
  phoneNumbers: [
    { number: "+1 555 010 0190", type: "work" },
    { number: "+1 555 010 0191", type: "mobile" },
  ],
  addresses: [{ type: "office", line1: "1 Quay <North>", city: "Łódź", postalCode: "90-001", country: "PL" }],
  websites: [{ url: "https://larkspur.example", type: "primary" }],
  customFields: [{ id: "Region", value: "north/east" }],
});

async function create(company1) {
  const { createCompanyResponse: answer } = await crm.companies.create({ company1 });
  assert.deepEqual([answer.statusCode, answer.resource, answer.operation], [201, "companies", "add"]);
  return answer.data.id;
}

async function read(id) {
  return (await crm.companies.get({ id })).getCompanyResponse.data;
}

async function change(id, company1) {
  const { updateCompanyResponse: answer } = await crm.companies.update({ id, company1 });
  assert.deepEqual([answer.statusCode, answer.operation, answer.data.id], [200, "update", id]);
}

test("what was sent is what comes back", async () => {
  const sent = larkspur();
  assertHolds(await read(await create(sent)), sent);
});

test("the name, which the SDK must repeat, may be repeated as it is or as null", async () => {
  const sent = larkspur();
  const id = await create(sent);
  const before = await read(id);
  for (const [name, phone] of [[sent.name, "+1 555 010 0001"], [null, "+1 555 010 0002"]]) {
    const phoneNumbers = [{ number: phone, type: "work" }];
    await change(id, { name, phoneNumbers });
    const after = await read(id);
    assertHolds(after, { phoneNumbers });
    assertSameBut(after, before, "phoneNumbers");
  }
});

test("a company can be renamed", async () => {
  const id = await create(larkspur());
  const before = await read(id);
  await change(id, { name: "Novaquill" });
  const after = await read(id);
  assert.equal(after.name, "Novaquill");
  assertSameBut(after, before, "name");
});

test("a contact names its company", async () => {
  const sent = larkspur();
  const companyId = await create(sent);
  const contact = { firstName: "Dorian", companyId };
  const { id } = (await crm.contacts.create({ contact })).createContactResponse.data;
  assertHolds((await crm.contacts.get({ id })).getContactResponse.data, { ...contact, companyName: sent.name });
});

test("a company is not a contact, whatever its id", async () => {
  const sent = larkspur();
  const id = await create(sent);
  const absent = { statusCode: 404, typeName: "EntityNotFoundError" };
  await assertRefused(crm.contacts.get({ id }), errors.NotFoundResponse, absent);
  await assertRefused(crm.contacts.update({ id, contact: { title: "x" } }), errors.NotFoundResponse, absent);
  await assertRefused(crm.contacts.delete({ id }), errors.NotFoundResponse, absent);
  assertHolds(await read(id), sent);
});

test("a deleted company is not found", async () => {
  const id = await create(larkspur());
  await crm.companies.delete({ id });
  const error = await assertRefused(crm.companies.get({ id }), errors.NotFoundResponse, {
    statusCode: 404,
    error: "Not Found",
    typeName: "EntityNotFoundError",
  });
  assert.ok(JSON.stringify(error.detail).includes(id));
});
