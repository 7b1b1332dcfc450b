// A real authorization server on loopback: `oidc-provider`, which knows nothing of the gateway. It keeps every token request,
// and says itself what a token is worth.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

import { listen } from "./listening.js";

// Characters that mean something in forms, in addresses and in Basic authorisation.
const secret = "hush hush+%2F:&=/~?";
const hour = 3600;
const signingKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

/** The gateway as the server knows it. */
export const client = { id: "harbour:gateway", secret };
/** A client whose registered callback is another than the gateway's. */
export const misplacedClient = { id: "harbour-misplaced", secret };
/** A client that speaks for itself. */
export const machine = { id: "pier-machine", secret };
/** The vendor's API, which asks what a token is worth. */
const resourceServer = { id: "harbour-api", secret };

/** Starts a server; who may come back to where is known once `open` is called. */
export async function startAuthorizationServer() {
  const listening = await listen(createServer((request, response) => server.answer(request, response)));
  const server = new AuthorizationServer(listening);
  return server;
}

class AuthorizationServer {
  /** How long the next access tokens live, in seconds. */
  lifetime = hour;
  /** Whether each refresh brings a new refresh token and voids the old one. */
  rotates = false;
  /** Every token request: what was asked with, and what was given or `refused`. */
  tokenRequests = [];

  constructor({ address, stop }) {
    this.address = address;
    this.stop = stop;
  }

  /** From now on it serves clients that come back to `callback`. */
  open(callback) {
    const provider = new Provider(this.address, configuration(this, callback));
    provider.on("grant.success", ({ oidc, body }) => this.tokenRequests.push({ ...oidc.params, given: body }));
    provider.on("grant.error", ({ oidc }, error) => {
      const refused = { error: error.error, reason: error.error_detail ?? error.error_description };
      this.tokenRequests.push({ ...oidc.params, refused });
    });
    this.answer = provider.callback();
  }

  /** The tokens that were given last. */
  get given() {
    const { given } = this.tokenRequests.findLast((request) => request.given);
    return { access: given.access_token, refresh: given.refresh_token };
  }

  /** What each refresh was asked with and brought, the oldest first. */
  get refreshes() {
    return this.tokenRequests.filter(({ grant_type }) => grant_type === "refresh_token");
  }

  /** What a token request of ours brings: status and body. */
  token(form, by = client) {
    return this.#post("/token", form, by);
  }

  /** Takes a grant back, as its owner does on the vendor's own pages. */
  async takeBack(refreshToken) {
    const { status } = await this.#post("/token/revocation", { token: refreshToken }, client);
    if (status !== 200) throw new Error(`the grant was not taken back: ${status}`);
  }

  /** Whether the server itself takes a token for good. */
  async isActive(token) {
    const { status, body } = await this.#post("/token/introspection", { token }, resourceServer);
    if (status !== 200) throw new Error(`no introspection: ${status} ${JSON.stringify(body)}`);
    return body.active;
  }

  async #post(path, form, by) {
    const encoded = (text) => new URLSearchParams({ text }).toString().slice("text=".length);
    const basic = Buffer.from(`${encoded(by.id)}:${encoded(by.secret)}`).toString("base64");
    const headers = { authorization: `Basic ${basic}` };
    const response = await fetch(`${this.address}${path}`, { method: "POST", headers, body: new URLSearchParams(form) });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined };
  }
}

function configuration(server, callback) {
  const of = ({ id, secret }) => ({ client_id: id, client_secret: secret });
  const consented = { grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] };
  const mute = { grant_types: [], response_types: [], redirect_uris: [] };
  return {
    clients: [
      { ...of(client), ...consented, redirect_uris: [callback] },
      { ...of(misplacedClient), ...consented, redirect_uris: [`${callback}/elsewhere`] },
      { ...of(machine), ...mute, grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post" },
      { ...of(resourceServer), ...mute },
    ],
    scopes: ["openid", "offline_access", "people.read"],
    pkce: { methods: ["S256"], required: () => true },
    rotateRefreshToken: () => server.rotates,
    ttl: {
      AccessToken: () => server.lifetime,
      ClientCredentials: () => server.lifetime,
      AuthorizationCode: 60,
      Grant: hour,
      Interaction: hour,
      RefreshToken: hour,
      Session: hour,
    },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true },
    },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    cookies: { keys: ["of this test alone"] },
    jwks: { keys: [{ ...signingKey, use: "sig", alg: "RS256" }] },
  };
}
