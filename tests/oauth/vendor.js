// The vendor's API: it asks the authorization server about every token that it is shown, and believes nobody else.

import { createServer } from "node:http";

import { listen } from "./listening.js";

/** Starts the API; `calls` has the token of each call and whether it was let in. */
export async function startVendor(authorizationServer) {
  const calls = [];
  const server = createServer(async (request, response) => {
    const [, token] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "") ?? [];
    const isLetIn = token !== undefined && (await authorizationServer.isActive(token));
    calls.push({ token, isLetIn });
    const [status, body] = !isLetIn
      ? [401, { error: "invalid_token" }]
      : request.url === "/people"
        ? [200, { people: [{ id: 1, name: "Ada" }] }]
        : [404, { error: "not_found" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return { calls, ...(await listen(server)) };
}
