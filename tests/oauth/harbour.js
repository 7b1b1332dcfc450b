// Everything of one test file: an authorization server, the vendor's API behind it, and a gateway with one application.

import assert from "node:assert/strict";

import { client, startAuthorizationServer } from "./authorization_server.js";
import { Browser } from "./browser.js";
import { install } from "./trunkline.js";
import { startVendor } from "./vendor.js";

/** Where the application's users come back to. Nothing is there: browsers stop before it. */
export const home = "https://app.example/done";
const secondsToWait = 20;

/** Starts all of it; `more` is added to the gateway's configuration. */
export async function startHarbour(more) {
  const started = [];
  const stop = async () => {
    for (const part of started.reverse()) await part.stop();
  };
  const start = async (starting) => {
    started.push(await starting);
    return started.at(-1);
  };
  try {
    const server = await start(startAuthorizationServer());
    const vendor = await start(startVendor(server));
    const trunkline = await start(install(server, vendor, more));
    await trunkline.serve();
    server.open(`${trunkline.address}/vault/callback`);
    const harbour = new Harbour(server, vendor, trunkline, stop);
    await harbour.addApplication("acme", client);
    return harbour;
  } catch (error) {
    await stop();
    throw error;
  }
}

class Harbour {
  #keys = new Map();

  constructor(server, vendor, trunkline, stop) {
    Object.assign(this, { server, vendor, trunkline, stop });
  }

  /** One more application, with a client at the vendor that only it uses. */
  async addApplication(id, client) {
    this.#keys.set(id, await this.trunkline.addApplication(id, home));
    await this.trunkline.keepClient(id, "harbour-crm", client);
  }

  /** A consumer of an application, with its connection to one service. */
  customer(consumer, { application = "acme", service = "harbour-crm" } = {}) {
    return new Customer(this, { application, consumer, service, apiKey: this.#keys.get(application) });
  }

  /** The gateway's callback, which the vendor sends browsers back to. */
  get callback() {
    return `${this.trunkline.address}/vault/callback`;
  }
}

class Customer {
  browser = new Browser();

  constructor(harbour, identity) {
    Object.assign(this, { harbour, ...identity });
  }

  /** What the application calls for this consumer. */
  async call(method, path, body) {
    const response = await fetch(`${this.harbour.trunkline.address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        "x-apideck-app-id": this.application,
        "x-apideck-consumer-id": this.consumer,
        "x-apideck-service-id": this.service,
        "content-type": "application/json",
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  contacts() {
    return this.call("GET", "/crm/contacts");
  }

  /** A request about the consumer's connection. */
  vault(method, verb, body) {
    return this.call(method, `/vault/connections/crm/${this.service}${verb}`, body);
  }

  async connection() {
    const { status, body } = await this.vault("GET", "");
    assert.equal(status, 200, JSON.stringify(body));
    return body.data;
  }

  /** The connection's address of this kind, with these parameters. */
  async link(kind, parameters = { redirect_uri: home }) {
    const address = new URL((await this.connection())[kind]);
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    return address.href;
  }

  /** Consents at the vendor; the callback of ours that the browser is sent to, and has not opened. */
  async consent(parameters) {
    return this.browser.consent(await this.link("authorize_url", parameters), this.consumer, this.harbour.callback);
  }

  /** Consents and comes back; where the browser ends. */
  async connect(parameters) {
    return this.browser.consent(await this.link("authorize_url", parameters), this.consumer, home);
  }

  /** Opens an address of ours that leads home, or that is refused. */
  async open(address) {
    const page = await this.browser.visit(`${address}`, home);
    if (!page.isLeft) return { status: page.status, body: JSON.parse(page.text) };
    assert.equal(page.status, 301);
    return { home: new URL(page.address) };
  }

  /** The tokens that the gateway has stored. */
  async tokens() {
    const place = ["--app", this.application, "--consumer", this.consumer, "--service", this.service];
    const [exported] = await this.harbour.trunkline.json(["connections", "export", ...place, "--yes"]);
    return { access: exported.access_token, refresh: exported.refresh_token };
  }

  events() {
    return this.harbour.trunkline.events(this.application, this.consumer);
  }
}

/** A reply that refuses, with this type and a `detail` in which every one of these patterns is found. */
export function assertRefused({ status, body }, expected, typeName, ...patterns) {
  const shown = JSON.stringify(body);
  assert.deepEqual([status, body.status_code, body.type_name], [expected, expected, typeName], shown);
  for (const pattern of patterns) assert.match(JSON.stringify(body.detail), pattern);
}

/** How far a connection has come. */
export async function assertStands(customer, state, health) {
  const connection = await customer.connection();
  assert.deepEqual([connection.state, connection.health], [state, health], JSON.stringify(connection));
}

/** A page that sends the browser home with an error, told in these parameters. */
export function assertSentHome({ home: address, ...page }, expected, ...patterns) {
  assert.ok(address, JSON.stringify(page));
  assert.equal(address.origin + address.pathname, home);
  const told = Object.fromEntries(address.searchParams);
  assert.deepEqual([told.error, told.error_type], expected, address.href);
  for (const pattern of patterns) assert.match(told.error_description, pattern);
}

/** Connects a consumer, and waits until the access token has ended; the next one lives for an hour. */
export async function connectedLongAgo(harbour, consumer, parameters) {
  const customer = harbour.customer(consumer);
  harbour.server.lifetime = 1;
  await customer.connect(parameters);
  harbour.server.lifetime = 3600;
  await hasEnded(customer);
  return customer;
}

/** Waits until the access token that was given last has ended, by the server's clock and by the connection's. */
export async function hasEnded(customer) {
  const { server } = customer.harbour;
  const { access } = server.given;
  const { credentials_expire_at: end } = await customer.connection();
  await until(async () => Date.now() >= end && !(await server.isActive(access)), "the access token has ended");
}

/** Waits until `holds` answers something true, and answers it. */
export async function until(holds, what) {
  const deadline = Date.now() + secondsToWait * 1000;
  for (;;) {
    const answer = await holds();
    if (answer) return answer;
    assert.ok(Date.now() < deadline, `after ${secondsToWait} s still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
