// Runs one gateway with its stand-in vendors, for as long as a test file lasts.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Apideck } from "@apideck/unify";
import { HTTPClient } from "@apideck/unify/lib/http.js";

const binary =
  process.env.TRUNKLINE_BIN ?? fileURLToPath(new URL("../../../target/release/trunkline", import.meta.url));
const secondsToStart = 30;

/** Starts a sandbox on any free port; `baseURL` is where it answers. */
export async function startSandbox() {
  const gateway = spawn(binary, ["sandbox", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => gateway.once("close", resolve));
  const stop = async () => {
    gateway.kill();
    await ended;
  };
  try {
    return { baseURL: await readyLine(gateway), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readyLine(gateway) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${binary}: not ready after ${secondsToStart} s`)), secondsToStart * 1000);
    const settle = (answer) => (value) => {
      clearTimeout(late);
      answer(value);
    };
    gateway.once("error", settle(reject));
    gateway.once("exit", (code) => settle(reject)(new Error(`${binary} ended with ${code} before it was ready`)));
    // Reading goes on after the ready line, so that the gateway never waits for its output to be taken.
    createInterface({ input: gateway.stdout }).on("line", (line) => {
      const [, address] = /^ready (\S+)$/.exec(line) ?? [];
      if (address) settle(resolve)(address);
    });
  });
}

/**
 * The SDK as an application has it, with another base URL. The demo consumer has connected several services: calls that
 * name none are for `service`.
 */
export function client(sandbox, { service = "agile-crm", ...changes } = {}) {
  const httpClient = new HTTPClient();
  httpClient.addHook("beforeRequest", (request) => {
    if (!request.headers.get("x-apideck-service-id")) request.headers.set("x-apideck-service-id", service);
    return request;
  });
  return new Apideck({
    httpClient,
    apiKey: "sandbox-key",
    appId: "sandbox",
    consumerId: "sandbox-consumer",
    serverURL: sandbox.baseURL,
    // By default the SDK repeats a 5xx for fifteen minutes: here it should fail the test at once.
    retryConfig: { strategy: "none" },
    ...changes,
  });
}
