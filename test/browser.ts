/**
 * A real Chromium for tests of the console: pages that note every error of a script, everything that the content security policy kept
 * out, and every request that left the machine's loopback.
 */

import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { bring } from "./bring.ts";

/** A page, and what went wrong on it so far. */
export interface WatchedPage {
  page: Page;
  /** A line each; empty is well. */
  troubles: string[];
  /** Leave out what is known to come: a service that is gone makes requests fail. */
  forgive(expected: RegExp): void;
}

/** Start it; close it in the end. */
export async function startBrowser(): Promise<Browser> {
  // Root may run it only without its sandbox; what it opens here is ours.
  return chromium.launch({ executablePath: await bring("chromium"), args: ["--no-sandbox"] });
}

/** Open an address in a context of its own: no storage is shared with other pages. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const watched: WatchedPage = {
    page,
    troubles: [],
    forgive: (expected) => {
      watched.troubles = watched.troubles.filter((trouble) => !expected.test(trouble));
    },
  };
  page.on("pageerror", (error) => watched.troubles.push(`script: ${error.stack ?? error.message}`));
  // What the policy refuses is an error on the console, too.
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning")
      watched.troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|file:|data:)/.test(request.url()))
      watched.troubles.push(`asked for ${request.url().slice(0, 200)}`);
  });
  await page.goto(url);
  return watched;
}

/** What axe finds wrong for people who do not see, or do not see well: WCAG 2.2 A and AA. A line each; empty is well. */
export async function accessibilityTroubles(page: Page): Promise<string[]> {
  // By the debugger: the policy keeps scripts out that the page does not have itself.
  await page.evaluate(axe.source);
  const results = (await page.evaluate(
    `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})`,
  )) as axe.AxeResults;
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 5)
      .map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
  );
}
