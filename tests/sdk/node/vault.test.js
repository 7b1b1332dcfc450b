// The Vault API through the SDK: an application's customers, what they connect, and the sessions of their browsers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as errors from "@apideck/unify/models/errors/index.js";

import { assertRefused } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

const consumerId = "customer-7";
const agile = { unifiedApi: "crm", serviceId: "agile-crm" };

let sandbox;
let vault;
let crm;
before(async () => {
  sandbox = await startSandbox();
  ({ vault, crm } = client(sandbox, { consumerId }));
});
after(() => sandbox?.stop());

async function connection() {
  const { getConnectionResponse: answer } = await vault.connections.get(agile);
  return answer.data;
}

/** The account that the stand-in vendor knows, as the demo consumer has connected it. */
async function connect() {
  const { vault: demo } = client(sandbox);
  const { getConnectionResponse: shown } = await demo.connections.get(agile);
  const settings = { ...shown.data.settings, api_key: "sandbox-rest-key" };
  return vault.connections.update({ ...agile, connection: { enabled: true, settings } });
}

test("a consumer is added, listed by pages, changed and deleted", async () => {
  for (const id of ["page-1", "page-2", "page-3"]) {
    const { createConsumerResponse: added } = await vault.consumers.create({ createConsumerRequest: { consumerId: id, metadata: { accountName: id } } });
    assert.deepEqual([added.statusCode, added.data.consumerId, added.data.metadata.accountName], [200, id, id]);
  }
  const found = [];
  for await (const page of await vault.consumers.list({ filter: { consumerId: "page-" }, limit: 2 })) {
    found.push(page.getConsumersResponse.data.map((consumer) => consumer.consumerId));
  }
  assert.deepEqual(found, [["page-1", "page-2"], ["page-3"]]);
  const { getConsumersResponse: searched } = await vault.consumers.list({ filter: { search: "AGE-2" } });
  assert.deepEqual(searched.data.map((consumer) => consumer.consumerId), ["page-2"]);
  const changes = { metadata: { userName: "Ada", email: "ada@acme.example" } };
  const { updateConsumerResponse: changed } = await vault.consumers.update({ consumerId: "page-1", updateConsumerRequest: changes });
  assert.deepEqual(changed.data.metadata, { accountName: "page-1", ...changes.metadata });
  const { deleteConsumerResponse: deleted } = await vault.consumers.delete({ consumerId: "page-1" });
  assert.equal(deleted.data.consumerId, "page-1");
  const gone = vault.consumers.get({ consumerId: "page-1" });
  await assertRefused(gone, errors.NotFoundResponse, { typeName: "EntityNotFoundError" });
});

test("a connection is offered, filled in, called, switched off and deleted", async () => {
  const { getConnectionsResponse: offered } = await vault.connections.list({ api: "crm" });
  assert.ok(offered.data.length >= 4 && offered.data.every(({ state }) => state === "available"));
  const form = offered.data.find(({ serviceId }) => serviceId === "agile-crm").formFields;
  assert.ok(form.some(({ id, sensitive, type }) => id === "api_key" && sensitive && type === "password"));
  assert.ok(form.find(({ id }) => id === "leads_mode").options.some(({ optionType, value }) => optionType === "simple" && value === "tag"));

  const { updateConnectionResponse: added } = await connect();
  assert.deepEqual([added.data.state, added.data.health, added.data.enabled], ["callable", "ok", true]);
  assert.ok(!JSON.stringify(added).includes("sandbox-rest-key"), "a secret goes in and never comes out");
  const { getContactsResponse: contacts } = await crm.contacts.list({ limit: 1 });
  assert.equal(contacts.data.length, 1);
  const { getConsumerResponse: consumer } = await vault.consumers.get({ consumerId });
  assert.deepEqual([consumer.data.services, consumer.data.connections[0].state], [["agile-crm"], "callable"]);
  const { getConnectionsResponse: configured } = await vault.connections.list({ configured: true });
  assert.deepEqual(configured.data.map(({ id }) => id), ["crm+agile-crm"]);
  const { validateConnectionStateResponse: valid } = await vault.validateConnection.state({ ...agile, requestBody: {} });
  assert.deepEqual([valid.data.id, valid.data.state], ["crm+agile-crm", "callable"]);

  await vault.connections.update({ ...agile, connection: { enabled: false } });
  const off = await assertRefused(crm.contacts.list({ limit: 1 }), errors.APIError, {});
  assert.equal(off.httpMeta.response.status, 403);
  const refused = vault.connections.update({ ...agile, connection: { settings: { domain: "a b", nope: "x" } } });
  const error = await assertRefused(refused, errors.BadRequestResponse, { typeName: "RequestValidationError" });
  assert.match(JSON.stringify(error.detail), /`domain`.*`nope`/);
  await vault.connections.delete(agile);
  assert.equal((await connection()).state, "available");
});

test("new records begin with a connection's defaults", async () => {
  await connect();
  const configuration = [{ resource: "companies", defaults: [{ id: "name", value: "Unnamed" }, { id: "Tier", value: "gold" }] }];
  const { updateConnectionResponse: set } = await vault.connectionSettings.update({ ...agile, resource: "companies", connection: { configuration } });
  assert.deepEqual(set.data.configuration.flatMap(({ defaults }) => defaults).map(({ id, target }) => [id, target]), [["name", "resource"], ["Tier", "custom_fields"]]);
  const { getConnectionResponse: read } = await vault.connectionSettings.list({ ...agile, resource: "companies" });
  assert.equal(read.data.configuration.flatMap(({ defaults }) => defaults)[1].value, "gold");
  const { createCompanyResponse: created } = await crm.companies.create({ company1: { name: "Acme" } });
  const { getCompanyResponse: company } = await crm.companies.get({ id: created.data.id });
  assert.equal(company.data.name, "Acme");
  assert.ok(company.data.customFields.some(({ id, value }) => id === "Tier" && value === "gold"));
});

test("a customer maps a field of the application's own", async () => {
  await connect();
  const { getCustomMappingsResponse: defined } = await vault.customMappings.list(agile);
  assert.deepEqual(defined.data.map(({ id, key }) => [id, key]), [["crm+companies+loyalty_tier", "loyalty_tier"]]);
  // The SDK leaves the id out: the mappings stand in the order in which the connection shows them.
  await vault.connections.update({ ...agile, connection: { customMappings: [{ value: "$.type" }] } });
  const { getCustomMappingsResponse: own } = await vault.connectionCustomMappings.list({ ...agile, resource: "companies" });
  assert.equal(own.data[0].value, "$.type");
  const { getCompaniesResponse1: companies } = await crm.companies.list({ limit: 1 });
  assert.deepEqual(companies.data[0].customMappings, { loyalty_tier: "COMPANY" });
});

test("a session serves a browser for one customer", async () => {
  const session = {
    consumerMetadata: { accountName: "Customer 7" },
    settings: { unifiedApis: ["crm"], sessionLength: "30m", allowActions: ["disable"] },
    theme: { vaultName: "Acme" },
  };
  const { createSessionResponse: created } = await vault.sessions.create({ session });
  const { sessionToken, sessionUri } = created.data;
  assert.ok(sessionUri.endsWith(`/vault/session/${sessionToken}`));
  // As the browser of a page of the application's own calls.
  const call = (method, path) =>
    fetch(`${sandbox.baseURL}${path}`, { method, headers: { authorization: `Bearer ${sessionToken}`, "x-apideck-auth-type": "JWT" } });
  const listed = await (await call("GET", "/vault/connections")).json();
  assert.ok(listed.data.some(({ id, state }) => id === "crm+agile-crm" && state === "callable"));
  assert.equal((await call("DELETE", "/vault/connections/crm/agile-crm")).status, 403);
  assert.equal((await call("GET", "/vault/consumers")).status, 403);
});

test("what is not there or does not fit is refused", async () => {
  const unknown = vault.connections.get({ ...agile, serviceId: "acme-crm" });
  await assertRefused(unknown, errors.NotFoundResponse, { typeName: "ConnectorNotFoundError" });
  const notThere = vault.connections.delete({ ...agile, serviceId: "avid-crm" });
  await assertRefused(notThere, errors.NotFoundResponse, { typeName: "ConnectionNotFoundError" });
  const wrong = client(sandbox, { apiKey: "nobodys-key" }).vault.consumers.list({});
  await assertRefused(wrong, errors.UnauthorizedResponse, { typeName: "UnauthorizedError" });
  const noTokens = vault.connections.token({ ...agile, requestBody: {} });
  await assertRefused(noTokens, errors.UnprocessableResponse, { typeName: "InvalidStateError" });
});
