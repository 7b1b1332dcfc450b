// Chromium with the page in it, and the page as a person sees it.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const pictures = process.env.SCREENSHOTS ?? fileURLToPath(new URL("../../target/screenshots", import.meta.url));

export async function startBrowser() {
  await mkdir(pictures, { recursive: true });
  const executablePath = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

/** Opens the page for a consumer; the list of connectors is there. */
export async function openPage(browser, address, consumer) {
  const context = await browser.newContext({ viewport: { width: 1500, height: 1200 } });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(`${address}/?consumer=${consumer}`);
  await page.getByText("Agile CRM", { exact: true }).first().waitFor();
  return { page, context, faults };
}

/** Keeps a picture of what a person sees at this step. */
export function screenshot(page, name) {
  return page.screenshot({ path: `${pictures}/${name}.png` });
}
