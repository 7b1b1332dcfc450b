// `trunkline sandbox`, with the page's origin.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const binary = process.env.TRUNKLINE_BIN ?? fileURLToPath(new URL("../../target/release/trunkline", import.meta.url));
const millisecondsToStart = 30_000;

/** Starts the sandbox for a page; calls of its application go by `call`. */
export async function startSandbox(origin, redirectUri) {
  const flags = ["--port", "0", "--origin", origin, "--redirect-uri", redirectUri];
  const child = spawn(binary, ["sandbox", ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const address = await ready(child);
  const call = async (consumer, method, path, body, more = {}) => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: "Bearer sandbox-key",
        "x-apideck-app-id": "sandbox",
        "x-apideck-consumer-id": consumer,
        "content-type": "application/json",
        ...more,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text ? JSON.parse(text) : undefined };
  };
  const session = async (consumer) => {
    const created = await call(consumer, "POST", "/vault/sessions", { redirect_uri: redirectUri, settings: { unified_apis: ["crm"] } });
    assert.equal(created.status, 200, JSON.stringify(created.json));
    return { token: created.json.data.session_token, gateway: address };
  };
  const connection = async (consumer, service) => (await call(consumer, "GET", `/vault/connections/crm/${service}`)).json.data;
  const stop = () => {
    child.kill();
    return ended;
  };
  return { address, call, session, connection, stop };
}

function ready(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${binary}: not ready in time`)), millisecondsToStart);
    child.once("error", reject).once("exit", (code) => reject(new Error(`${binary} ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, address] = /^ready (\S+)$/.exec(line) ?? [];
      if (!address) return;
      clearTimeout(late);
      resolve(address);
    });
  });
}
