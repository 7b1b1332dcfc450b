// The Connector API through the SDK: what can be connected, and what there is to be had of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as errors from "@apideck/unify/models/errors/index.js";

import { assertRefused } from "./records.js";
import { client, startSandbox } from "./sandbox.js";

let sandbox;
let connector;
before(async () => {
  sandbox = await startSandbox();
  connector = client(sandbox).connector;
});
after(() => sandbox?.stop());

async function every(pages, name) {
  const items = [];
  for await (const page of await pages) items.push(...page[name].data);
  return items;
}

test("connectors are listed page by page", async () => {
  const connectors = await every(connector.connectors.list({ limit: 1 }), "getConnectorsResponse");
  const ids = connectors.map(({ id }) => id);
  assert.ok(ids.includes("agile-crm") && ids.includes("teamswork-crm"), ids.join());
  assert.equal(new Set(ids).size, ids.length);
  const live = await every(connector.connectors.list({ filter: { unifiedApi: "crm", status: "live" } }), "getConnectorsResponse");
  assert.ok(live.length > 0 && live.every(({ status }) => status === "live"));
});

test("a connector says what a consumer fills in and what it serves", async () => {
  const { getConnectorResponse: answer } = await connector.connectors.get({ id: "agile-crm" });
  const { authType, serviceId, settings, supportedResources, unifiedApis } = answer.data;
  assert.deepEqual([authType, serviceId, unifiedApis[0].id], ["basic", "agile-crm", "crm"]);
  assert.ok(settings.some(({ id, type }) => id === "api_key" && type === "password"));
  assert.ok(supportedResources.some(({ id }) => id === "contacts"));
});

test("a connector's resource says what can be done", async () => {
  const { getConnectorResourceResponse: answer } = await connector.connectorResources.get({ id: "agile-crm", resourceId: "contacts" });
  const { paginationSupported, supportedFields, supportedFilters, supportedOperations, supportedSortBy } = answer.data;
  assert.ok(paginationSupported && supportedFilters.includes("email") && supportedSortBy.includes("created_at"));
  assert.deepEqual(supportedOperations, ["all", "one", "add", "update", "delete"]);
  const emails = supportedFields.find(({ unifiedProperty }) => unifiedProperty === "emails");
  assert.ok(emails.childProperties.some(({ unifiedProperty }) => unifiedProperty === "type"));
});

test("a connector's document is Markdown", async () => {
  const { getConnectorDocResponse: text } = await connector.connectorDocs.get({ id: "agile-crm", docId: "consumer+connection" });
  assert.match(text, /^# Connect Agile CRM/);
});

test("an API, its resource and the coverage of that", async () => {
  const apis = await every(connector.apis.list({}), "getApisResponse");
  assert.deepEqual(apis.map(({ id, type }) => [id, type]), [["connector", "platform"], ["crm", "unified"], ["vault", "platform"]]);
  const { getApiResponse: api } = await connector.apis.get({ id: "crm" });
  assert.ok(api.data.resources.some(({ id, status }) => id === "companies" && status === "live"));
  const { getApiResourceResponse: resource } = await connector.apiResources.get({ id: "crm", resourceId: "companies" });
  assert.equal(resource.data.name, "Companies");
  const { getApiResourceCoverageResponse: coverage } = await connector.apiResourceCoverage.get({ id: "crm", resourceId: "companies" });
  assert.ok(coverage.data.coverage.some(({ downstreamId }) => downstreamId === "organizations"));
});

test("what is not there is not found", async () => {
  await assertRefused(connector.connectors.get({ id: "acme-crm" }), errors.NotFoundResponse, { typeName: "ConnectorNotFoundError" });
  const absent = connector.connectorResources.get({ id: "teamswork-crm", resourceId: "notes" });
  await assertRefused(absent, errors.NotFoundResponse, { typeName: "EntityNotFoundError" });
});
