/**
 * Whether the console moves smoothly: the frames that Chromium draws of it while a fleet runs, at rest and while its rows scroll, and what
 * that costs. Without a screen and a graphics card Chromium draws by software, 60 frames a second at the most.
 *
 *   scripts/node bench/console.ts [--replicas 40] [--seconds 15]
 *
 * Printed as JSON. frames: a second; p99Ms, worstMs: from one frame to the next; cores: of the page's process, and of the one that draws.
 * Bytes are those of the whole page, as they travel.
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { CDPSession, Page } from "playwright-core";
import { loadSite } from "../console/server/site.ts";
import { openPage, startBrowser } from "../test/browser.ts";
import { startSpokenFleet } from "./spoken-fleet.ts";

const { values: flags } = parseArgs({
  options: { replicas: { type: "string", default: "40" }, seconds: { type: "string", default: "15" } },
});
const seconds = Number(flags.seconds);
/** The history is to fill some of the charts, and the compiler to be done. */
const WARM_UP_SECONDS = 10;
/** CSS pixels, one notch of a wheel. */
const NOTCH = 100;

/** In the page: when each frame began, ms, from now on. A text, for no type here knows what a page has. */
const COUNT_FRAMES = `
  if (!globalThis.frameTimes) {
    const next = (nowMs) => {
      frameTimes.push(nowMs);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }
  globalThis.frameTimes = [];`;

const fleet = await startSpokenFleet(Number(flags.replicas));
const browser = await startBrowser();
try {
  const told = fleet.speak(WARM_UP_SECONDS + 2 * seconds + 5);
  const { page, troubles } = await openPage(browser, `http://${fleet.address}/`);
  const processes = await browser.newBrowserCDPSession();
  await page.waitForTimeout(WARM_UP_SECONDS * 1000);
  const rest = await watch(page, processes, async () => page.waitForTimeout(seconds * 1000));
  const scroll = await watch(page, processes, () => scrollRows(page));
  await told;
  const site = [...(await loadSite()).values()];
  const bytes = (form: "gzip" | "br") => site.reduce((sum, { bodies }) => sum + bodies[form].length, 0);
  process.stdout.write(
    `${JSON.stringify(
      {
        replicas: Number(flags.replicas),
        rest,
        scroll,
        gzipBytes: bytes("gzip"),
        brotliBytes: bytes("br"),
        refused: fleet.refused,
        troubles,
        load: loadavg()[0],
      },
      null,
      2,
    )}\n`,
  );
} finally {
  await browser.close();
  fleet.stop();
}

/** The wheel over the rows, down and up again. */
async function scrollRows(page: Page): Promise<void> {
  const rows = page.locator(".scroller").first();
  await rows.scrollIntoViewIfNeeded();
  await rows.hover();
  const untilMs = performance.now() + seconds * 1000;
  for (let notch = 0; performance.now() < untilMs; notch++) {
    await page.mouse.wheel(0, Math.floor(notch / 50) % 2 === 0 ? NOTCH : -NOTCH);
    await page.waitForTimeout(30);
  }
}

/** Count frames while something is done. */
async function watch(page: Page, processes: CDPSession, during: () => Promise<void>) {
  const before = await coreSeconds(processes);
  const beganMs = performance.now();
  await page.evaluate(COUNT_FRAMES);
  await during();
  const times = await page.evaluate<number[]>("frameTimes.splice(0)");
  const spentSeconds = (performance.now() - beganMs) / 1000;
  const after = await coreSeconds(processes);
  const gaps = times
    .slice(1)
    .map((time, index) => time - times[index]!)
    .sort((a, b) => a - b);
  const cores = (type: string) => round(((after[type] ?? 0) - (before[type] ?? 0)) / spentSeconds, 3);
  return {
    frames: round((gaps.length * 1000) / (times.at(-1)! - times[0]!), 1),
    p99Ms: round(gaps[Math.floor(gaps.length * 0.99)]!, 1),
    worstMs: round(gaps.at(-1)!, 1),
    cores: { page: cores("renderer"), drawing: cores("GPU") },
  };
}

/** CPU seconds of Chromium's processes, by kind. */
async function coreSeconds(processes: CDPSession): Promise<Record<string, number>> {
  const { processInfo } = await processes.send("SystemInfo.getProcessInfo");
  const sums: Record<string, number> = {};
  for (const { type, cpuTime } of processInfo) sums[type] = (sums[type] ?? 0) + cpuTime;
  return sums;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
