// The application's own server: the page with react-vault, a session for its consumer, and the address that consents come back to.

import { createServer } from "node:http";
import { build } from "esbuild";

const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Connect</title>
<link rel="stylesheet" href="/page.css"></head><body><div id="root"></div><script type="module" src="/page.js"></script></body></html>`;
// The page that opened this one looks at its connections again when it closes.
const returned = `<!doctype html><title>Back</title><p id="back">Back</p>
<script>if (opener && !new URLSearchParams(location.search).has("error")) close();</script>`;

async function bundle() {
  const built = await build({
    entryPoints: [new URL("page.jsx", import.meta.url).pathname],
    bundle: true,
    write: false,
    outdir: "out",
    format: "esm",
    jsx: "automatic",
    minify: true,
    loader: { ".ttf": "dataurl" },
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  return new Map(built.outputFiles.map((file) => [file.path.split("/").pop(), file.text]));
}

/** Serves the page; `session` answers `{ token, gateway }` for a consumer. */
export async function servePage(session) {
  const files = await bundle();
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://page");
    const answer = (type, text) => response.writeHead(200, { "content-type": type }).end(text);
    if (pathname === "/page.js") return answer("text/javascript", files.get("page.js"));
    if (pathname === "/page.css") return answer("text/css", files.get("page.css"));
    if (pathname === "/back") return answer("text/html", returned);
    if (pathname === "/session") return answer("application/json", JSON.stringify(await session(searchParams.get("consumer"))));
    if (pathname === "/") return answer("text/html", html);
    response.writeHead(404).end();
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}
