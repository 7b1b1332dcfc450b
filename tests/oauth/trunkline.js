// The gateway as an operator runs it: a directory with configuration, key and database, and commands in it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const binary = process.env.TRUNKLINE_BIN ?? fileURLToPath(new URL("../../target/release/trunkline", import.meta.url));
const definitions = fileURLToPath(new URL("definitions", import.meta.url));
const millisecondsToStart = 30_000;

/** Where the definitions' vendors are in this test, and whatever else is to be configured. */
function configuration(server, vendor, more) {
  const connector = (service) => `[connectors.${service}]
base_url = "${vendor.address}"
token_url = "${server.address}/token"
`;
  return `[server]
listen = "127.0.0.1:0"
[store]
database = "trunkline.sqlite"
[secrets]
master_key_file = "master.key"
[definitions]
directory = ${JSON.stringify(definitions)}
${connector("pier-crm")}
${connector("harbour-crm")}
authorize_url = "${server.address}/auth"
revoke_url = "${server.address}/token/revocation"
${more}`;
}

/** A new installation, which does not serve yet. */
export async function install(server, vendor, more = "") {
  const directory = await mkdtemp(join(tmpdir(), "trunkline-oauth-"));
  await writeFile(join(directory, "trunkline.toml"), configuration(server, vendor, more));
  const trunkline = new Trunkline(directory);
  await trunkline.run(["master-key", "generate", "--out", "master.key"]);
  return trunkline;
}

class Trunkline {
  /** Where it serves. */
  address;
  #directory;
  #serving;

  constructor(directory) {
    this.#directory = directory;
  }

  /** Runs a command that must succeed; what it prints. */
  async run(command, input = "") {
    const child = this.#spawn(command, ["pipe", "pipe", "pipe"]);
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].setEncoding("utf8").on("data", (text) => (printed[stream] += text));
    // A command that reads nothing may be gone already.
    child.stdin.on("error", () => {}).end(input);
    const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    assert.equal(code, 0, `trunkline ${command.join(" ")}: ${printed.stderr}`);
    return printed.stdout;
  }

  /** What a command prints as JSON. */
  async json(command) {
    return JSON.parse(await this.run([...command, "--json"]));
  }

  /** An application with its API key, which it answers, and the address that its users come back to. */
  async addApplication(id, redirectUri) {
    await this.run(["apps", "add", id, "--redirect-uri", redirectUri]);
    return (await this.run(["api-keys", "add", "--app", id])).trim();
  }

  /** The OAuth client that an application has at the vendor. */
  async keepClient(application, service, { id, secret }) {
    const place = ["--app", application, "--service", service];
    await this.run(["integrations", "set", ...place, "--client-id", id, "--client-secret-stdin"], secret);
  }

  /** What happened to a consumer's connections, the newest first. */
  events(application, consumer) {
    return this.json(["events", "list", "--app", application, "--consumer", consumer]);
  }

  async serve() {
    const child = this.#spawn(["serve"], ["ignore", "pipe", "inherit"]);
    this.#serving = { child, ended: new Promise((resolve) => child.once("close", resolve)) };
    this.address = await readyLine(child);
  }

  /** Ends the server; the installation stays. */
  async halt() {
    this.#serving?.child.kill();
    await this.#serving?.ended;
  }

  /** Ends the server and takes the installation away. */
  async stop() {
    await this.halt();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #spawn(command, stdio) {
    const { TRUNKLINE_MASTER_KEY, RUST_LOG, ...env } = process.env;
    return spawn(binary, command, { cwd: this.#directory, env: { ...env, TRUNKLINE__LOG__FILTER: "error" }, stdio });
  }
}

function readyLine(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${binary}: not ready in time`)), millisecondsToStart);
    const settle = (answer) => (value) => {
      clearTimeout(late);
      answer(value);
    };
    child.once("error", settle(reject));
    child.once("exit", (code) => settle(reject)(new Error(`${binary} ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, address] = /^ready (\S+)$/.exec(line) ?? [];
      if (address) settle(resolve)(address);
    });
  });
}
