// A consumer connects its CRM in npm @apideck/react-vault, unmodified, in Chromium.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openPage, screenshot, startBrowser } from "./browser.js";
import { servePage } from "./page.js";
import { startSandbox } from "./sandbox.js";

/** Of each connector with a key: what a person fills in, and what shows the address of the account. */
const byKey = {
  "agile-crm": ["Agile CRM", { domain: "saltmarsh", email: "maren.tolle@saltmarsh.example", api_key: "sandbox-rest-key" }],
  "avid-crm": ["Avid CRM", { username: "ines.marrow", password: "sandbox-password" }],
  "axiomatic-crm": ["Axiomatic CRM", { api_key: "ak_sandbox_key", entity_id: "90a1b2c3-0000-4000-8000-000000000001" }],
  "teamswork-crm": ["TeamsWork CRM", { base_url: "https://teamswork.example", subscription_key: "sandbox-primary-key" }],
};
const byConsent = { hubspot: "HubSpot", pipedrive: "Pipedrive" };

let page, sandbox, browser;

before(async () => {
  page = await servePage((consumer) => sandbox.session(consumer));
  sandbox = await startSandbox(page.address, `${page.address}/back`);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
  await page?.stop();
});

/** Opens one connector's form for a consumer. */
async function open(consumer, name) {
  const opened = await openPage(browser, page.address, consumer);
  // A layer over the whole row takes the click.
  await opened.page.getByText(name, { exact: true }).first().click({ force: true });
  await opened.page.waitForFunction(() => document.body.innerText.split("CRM Connection").length === 2);
  return opened;
}

async function fill(tab, settings) {
  for (const [id, value] of Object.entries(settings)) await tab.getByTestId(id).first().fill(value);
}

/** Sends the form; how the gateway answers. */
async function save(tab) {
  const patched = tab.waitForResponse((response) => response.request().method() === "PATCH");
  await tab.getByRole("button", { name: "Save" }).click();
  return (await patched).status();
}

/** Chooses an entry of the menu behind the three dots. */
async function choose(tab, entry) {
  // What a save reports lies over the page for a while.
  await tab.getByTestId("remove").first().waitFor({ state: "detached" });
  await tab.locator("button[aria-haspopup]").last().click();
  await tab.getByText(entry, { exact: true }).last().click();
}

/** Shows the form, where it is not shown still. */
async function showSettings(tab) {
  await tab.getByTestId("remove").first().waitFor({ state: "detached" });
  if (!(await tab.locator("form").count())) await choose(tab, "Settings");
}

async function callable(consumer, service) {
  const read = await sandbox.call(consumer, "GET", "/crm/contacts?limit=1", undefined, { "x-apideck-service-id": service });
  return read.status;
}

async function connectByKey(consumer, service) {
  const [name, settings] = byKey[service];
  const { page: tab, context, faults } = await open(consumer, name);
  await fill(tab, settings);
  await save(tab);
  await tab.getByText("Connected", { exact: true }).first().waitFor();
  return { tab, context, faults };
}

async function consent(consumer, name, decision) {
  const { page: tab, context, faults } = await open(consumer, name);
  const popup = context.waitForEvent("page");
  await tab.getByRole("button", { name: `Authorize ${name}` }).click();
  const vendor = await popup;
  await vendor.getByRole("button", { name: decision }).waitFor();
  await screenshot(vendor, `consent-${name}`);
  await vendor.getByRole("button", { name: decision }).click();
  return { tab, context, vendor, faults };
}

test("the list shows every connector with its picture", async () => {
  const { page: tab, context, faults } = await openPage(browser, page.address, "lister");
  for (const name of [...Object.values(byKey).map(([name]) => name), ...Object.values(byConsent)]) {
    assert.equal(await tab.getByText(name, { exact: true }).count() > 0, true, name);
  }
  const drawn = await tab.locator("img").evaluateAll((images) => images.map((image) => image.complete && image.naturalWidth > 0));
  assert.ok(drawn.length >= 6 && drawn.every(Boolean), `pictures: ${drawn}`);
  await screenshot(tab, "list");
  assert.deepEqual(faults, []);
  await context.close();
});

for (const [service, [name]] of Object.entries(byKey)) {
  test(`${name} is connected by its key`, async () => {
    const { tab, context, faults } = await connectByKey(`keyed-${service}`, service);
    await screenshot(tab, `connected-${service}`);
    assert.equal((await sandbox.connection(`keyed-${service}`, service)).state, "callable");
    assert.equal(await callable(`keyed-${service}`, service), 200);
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("a key that the vendor refuses opens nothing, and another one can be saved", async () => {
  const { page: tab, context } = await open("wrong", "Agile CRM");
  await fill(tab, { ...byKey["agile-crm"][1], api_key: "not-the-key" });
  await save(tab);
  assert.notEqual(await callable("wrong", "agile-crm"), 200);
  await showSettings(tab);
  await fill(tab, { api_key: "sandbox-rest-key" });
  await save(tab);
  assert.equal(await callable("wrong", "agile-crm"), 200);
  await context.close();
});

test("a refused setting shows its reason", async () => {
  const { page: tab, context } = await open("refused", "Agile CRM");
  await fill(tab, { ...byKey["agile-crm"][1], email: "no address" });
  await save(tab);
  await tab.getByText("`email` must be an e-mail address").first().waitFor();
  await screenshot(tab, "refused");
  assert.notEqual((await sandbox.connection("refused", "agile-crm")).state, "callable");
  await context.close();
});

test("a setting is changed without the secret, and another address asks for it", async () => {
  const { tab, context } = await connectByKey("changer", "agile-crm");
  await showSettings(tab);
  await fill(tab, { lead_tag: "Prospect" });
  await tab.getByText("No", { exact: true }).last().click({ force: true });
  await tab.getByText("Yes", { exact: true }).last().click();
  await screenshot(tab, "settings");
  assert.equal(await save(tab), 200);
  const { settings, state } = await sandbox.connection("changer", "agile-crm");
  assert.deepEqual([settings.lead_tag, settings.notes_fan_out, state], ["Prospect", true, "callable"]);
  await showSettings(tab);
  await fill(tab, { domain: "elsewhere" });
  assert.equal(await save(tab), 400);
  await tab.getByText("send api_key again").first().waitFor();
  assert.equal((await sandbox.connection("changer", "agile-crm")).settings.domain, "saltmarsh");
  await context.close();
});

test("what new companies begin with is changed", async () => {
  await connectByKey("defaulter", "agile-crm").then(({ context }) => context.close());
  const body = { configuration: [{ resource: "companies", defaults: [{ id: "name", value: "Unnamed" }] }] };
  assert.equal((await sandbox.call("defaulter", "PATCH", "/vault/connections/crm/agile-crm", body)).status, 200);
  const { page: tab, context } = await open("defaulter", "Agile CRM");
  await choose(tab, "Configurable Resources");
  await tab.getByText("companies", { exact: true }).click();
  await screenshot(tab, "defaults");
  await fill(tab, { name: "From the form" });
  assert.equal(await save(tab), 200);
  const { configuration } = await sandbox.connection("defaulter", "agile-crm");
  assert.equal(configuration[0].defaults[0].value, "From the form");
  await context.close();
});

test("a field of the application is mapped to one of the vendor's record", async () => {
  const { tab, context, faults } = await connectByKey("mapper", "agile-crm");
  await choose(tab, "Field Mapping");
  await tab.getByRole("button", { name: "Map field" }).click();
  const property = tab.getByRole("menuitem", { name: "lead_score" });
  // Without a field chosen before, the list may be open already.
  if (!(await property.isVisible())) await tab.getByText(/select (a )?(field|property)/i).first().click();
  await property.waitFor();
  await screenshot(tab, "picker");
  await property.click();
  await screenshot(tab, "picked");
  const posted = tab.waitForResponse((response) => response.url().includes("/custom-mappings/"));
  await tab.getByRole("button", { name: /save|create|map/i }).last().click();
  assert.ok((await posted).ok());
  const [mapping] = (await sandbox.connection("mapper", "agile-crm")).custom_mappings;
  assert.equal(mapping.value, "$['lead_score']");
  assert.deepEqual(faults, []);
  await context.close();
});

for (const [service, name] of Object.entries(byConsent)) {
  test(`${name} is connected by the vendor's page, and disconnected`, async () => {
    const { tab, context } = await consent(`consenter-${service}`, name, "Approve");
    await tab.getByText("Connected", { exact: true }).first().waitFor();
    await screenshot(tab, `connected-${service}`);
    assert.equal(await callable(`consenter-${service}`, service), 200);
    tab.on("dialog", (dialog) => dialog.accept());
    const popup = context.waitForEvent("page");
    await choose(tab, "Disconnect");
    await popup;
    await tab.getByRole("button", { name: `Authorize ${name}` }).waitFor();
    assert.equal((await sandbox.connection(`consenter-${service}`, service)).health, "revoked");
    await context.close();
  });
}

test("a denied consent connects nothing, and its link is of no use again", async () => {
  const { vendor, context } = await consent("denier", "HubSpot", "Deny");
  await vendor.waitForURL(/\/back\?.*error=access_denied/);
  assert.notEqual((await sandbox.connection("denier", "hubspot")).state, "callable");
  const reply = await vendor.goto(`${sandbox.address}/vault/callback?state=x&error=access_denied`);
  assert.equal(reply.headers()["content-type"], "text/html; charset=utf-8");
  await vendor.getByText("This link cannot be used").waitFor();
  await screenshot(vendor, "link-of-no-use");
  await context.close();
});

test("a connection is deleted", async () => {
  const { tab, context } = await connectByKey("deleter", "axiomatic-crm");
  await choose(tab, "Delete");
  const deleted = tab.waitForResponse((response) => response.request().method() === "DELETE");
  await tab.getByRole("button", { name: /delete/i }).last().click();
  assert.equal((await deleted).status(), 204);
  assert.equal((await sandbox.connection("deleter", "axiomatic-crm")).state, "available");
  await context.close();
});
