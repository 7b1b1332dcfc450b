// A consumer's browser: it follows redirects, keeps cookies, and fills in the forms of the consent pages.

import assert from "node:assert/strict";

const redirects = new Set([301, 302, 303, 307, 308]);

export class Browser {
  #cookies = new Map();

  /** Signs in and consents, page by page; the address, not yet opened, that leads away from the pages and begins with `until`. */
  async consent(address, login, until) {
    let page = await this.visit(address, until);
    while (page.status === 200) {
      const { action, fields } = form(page);
      page = await this.visit(action, until, { ...fields, login, password: "of no account" });
    }
    return arrived(page);
  }

  /** Signs in, and then will have none of it. */
  async deny(address, login, until) {
    const signIn = form(await this.visit(address, until));
    const consent = await this.visit(signIn.action, until, { ...signIn.fields, login, password: "of no account" });
    const [, cancel] = / href="([^"]+)">\[ Cancel \]/.exec(consent.text) ?? assert.fail(`nothing to cancel: ${consent.text}`);
    return arrived(await this.visit(cancel, until));
  }

  /** Opens an address, or sends a form to it, and follows redirects up to the one that leads to `until`. */
  async visit(address, until, fields) {
    assert.equal(new URL(address).hostname, "127.0.0.1", `sent to ${address}`);
    const response = await fetch(address, {
      redirect: "manual",
      headers: { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; ") },
      ...(fields && { method: "POST", body: new URLSearchParams(fields) }),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    const text = await response.text();
    if (!redirects.has(response.status)) return { address, status: response.status, text };
    const next = new URL(response.headers.get("location"), address).href;
    return next.startsWith(until) ? { address: next, status: response.status, isLeft: true } : this.visit(next, until);
  }

  #keep(line) {
    const [pair] = line.split(";");
    const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    if (value) this.#cookies.set(name, value);
    else this.#cookies.delete(name);
  }
}

function arrived(page) {
  assert.ok(page.isLeft, `${page.address} answers ${page.status} ${page.text}`);
  return new URL(page.address);
}

function form({ address, text }) {
  const [, action] = /<form[^>]* action="([^"]+)"/.exec(text) ?? assert.fail(`no form at ${address}: ${text}`);
  const hidden = text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return { action, fields: Object.fromEntries([...hidden].map(([, name, value]) => [name, value])) };
}
