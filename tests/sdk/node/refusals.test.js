// What an application is told when a call cannot be carried out, in the classes that the SDK has for it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as errors from "@apideck/unify/models/errors/index.js";

import { assertRefused } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

let sandbox;
let crm;
before(async () => {
  sandbox = await startSandbox();
  crm = client(sandbox).crm;
});
after(() => sandbox?.stop());

const badRequest = (call, typeName) =>
  assertRefused(call, errors.BadRequestResponse, { statusCode: 400, error: "Bad Request", typeName });

test("a value that the model does not allow", async () => {
  const contact = { firstName: "Tamsin", emails: [{ email: "tamsin@larkspur.example", type: "carrier-pigeon" }] };
  const error = await badRequest(crm.contacts.create({ contact }), "RequestValidationError");
  assert.ok(JSON.stringify(error.detail).includes("emails"), JSON.stringify(error.detail));
  assert.match(error.ref, /requestvalidationerror$/);
});

test("a limit out of bounds", async () => {
  await badRequest(crm.contacts.list({ limit: 201 }), "RequestValidationError");
  await badRequest(crm.contacts.list({ limit: 0 }), "RequestValidationError");
});

test("a cursor that nobody gave", async () => {
  await badRequest(crm.contacts.list({ cursor: "em9oby1jcm06OnBhZ2U6OjI=" }), "InvalidCursorError");
});

test("a cursor of another list", async () => {
  const { getCompaniesResponse1: page } = await crm.companies.list({ limit: 5 });
  await badRequest(crm.contacts.list({ cursor: page.meta.cursors.next }), "InvalidCursorError");
});

test("a sort that the vendor cannot do", async () => {
  const error = await badRequest(crm.contacts.list({ sort: { by: "email" } }), "UnsupportedSortFieldError");
  assert.equal(error.detail.service_id, "agile-crm");
});

test("a filter that the vendor cannot apply", async () => {
  const filter = { updatedSince: new Date("2026-01-01T00:00:00Z") };
  const error = await badRequest(crm.activities.list({ filter }), "UnsupportedFiltersError");
  assert.equal(error.detail.service_id, "agile-crm");
});

test("a parameter that is the gateway's own", async () => {
  await badRequest(crm.contacts.list({ passThrough: { page_size: 1 } }), "RequestValidationError");
});

test("a wrong API key", async () => {
  const stranger = client(sandbox, { apiKey: "not-the-key" }).crm;
  await assertRefused(stranger.contacts.list({}), errors.UnauthorizedResponse, {
    statusCode: 401,
    error: "Unauthorized",
    typeName: "UnauthorizedError",
  });
});

test("a consumer who has connected nothing", async () => {
  const stranger = client(sandbox, { consumerId: "somebody-else" }).crm;
  await assertRefused(stranger.contacts.list({}), errors.NotFoundResponse, {
    statusCode: 404,
    typeName: "ConnectionNotFoundError",
  });
});

test("an id that cannot be one", async () => {
  for (const id of ["a b/c?d#e", "%2e%2e", "12345é", "99999999999999999999999"]) {
    await assertRefused(crm.contacts.get({ id }), errors.NotFoundResponse, { typeName: "EntityNotFoundError" });
  }
});

test("a resource that this vendor does not have", async () => {
  const teamswork = client(sandbox, { service: "teamswork-crm" }).crm;
  const calls = [
    () => teamswork.users.list({}),
    () => teamswork.notes.get({ id: "1" }),
    () => teamswork.activities.create({ activity: { type: "call" } }),
  ];
  for (const call of calls) {
    const error = await assertRefused(call(), errors.APIError, {});
    assert.equal(error.httpMeta.response.status, 501);
    const body = JSON.parse(error.httpMeta.body);
    assert.deepEqual([body.status_code, body.type_name], [501, "ConnectorOperationUnsupportedError"]);
  }
});
