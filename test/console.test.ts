/**
 * The console in Chromium, over a real ledger service, real replicas and a sink: what it shows is what is, and what it is told to do the fleet
 * does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { killStarted, type Running } from "../cli/test-process.ts";
import { lifeName, signalWith, statementWith } from "../fleet/ledger/test-statements.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import type { Account } from "../ledger/account-schema.ts";
import type { Statement } from "../ledger/statement-schema.ts";
import { parseFaults } from "../sink/faults.ts";
import { startSink } from "../sink/sink.ts";
import { accessibilityTroubles, openPage, startBrowser, type WatchedPage } from "./browser.ts";
import { startStampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const RATE = 1500;
/** Processes are slow to start where many tests share a machine. */
const PATIENCE = { timeout: 90_000, interval: 200 };

let directory = "";
let templates = "";
let browser: Browser;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-console-"));
  templates = await generateTemplates(directory);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

afterEach(killStarted);

/** A ledger service with its console, and replicas that send straight to a sink. */
async function fleet(name: string, flags: readonly string[] = [], faults = "") {
  const sink = await startSink({
    grpc: "127.0.0.1:0",
    http: "127.0.0.1:0",
    ...(faults === "" ? {} : { faults: parseFaults(faults) }),
  });
  onTestFinished(() => sink.close(0));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const serve = async (): Promise<{ service: Running; token: string }> => {
    const service = startStampede([
      ...["ledger", "serve", `--listen=127.0.0.1:${port}`, `--sink=http://${sink.httpAddress}`],
      ...["--settle=2s", `--state-dir=${join(directory, name)}`, ...flags],
    ]);
    return { service, token: (await service.printed(/#token=([\w-]+)/))[1]! };
  };
  const replay = (index: number, count: number, duration = "10m") =>
    startStampede([
      ...["replay", `--input=${templates}`, `--rate=${RATE}`, `--duration=${duration}`],
      ...[`--ledger=${url}`, `--replica=${index}/${count}`],
      ...[`--endpoint=${sink.grpcAddress}`, "--insecure"],
    ]);
  const account = async (): Promise<Account> => (await (await fetch(`${url}/api/ledger`)).json()) as Account;
  const tell = async (statement: Statement): Promise<void> => {
    const response = await fetch(`${url}/api/statements`, {
      method: "POST",
      body: JSON.stringify(statement),
    });
    expect(response.status).toBe(200);
  };
  /** Like a replica that lives. */
  const keepTelling = async (statement: Statement): Promise<void> => {
    await tell(statement);
    let { sequence } = statement;
    const timer = setInterval(() => void tell({ ...statement, sequence: ++sequence }).catch(() => {}), 1000);
    onTestFinished(() => clearInterval(timer));
  };
  return { url, serve, replay, account, tell, keepTelling };
}

const open = async (url: string, ...rest: [Parameters<typeof openPage>[2]?]): Promise<WatchedPage> => {
  const watched = await openPage(browser, url, ...rest);
  onTestFinished(() => watched.page.context().close());
  return watched;
};

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().textContent()) ?? "";

const numberIn = (text: string): number => Number(text.replace(/[^\d.]/g, ""));

test("every control does to the fleet what it says, and the end is shown", async () => {
  const { url, serve, replay, account } = await fleet("controls");
  const { service, token } = await serve();
  const replicas = [0, 1, 2].map((index) => replay(index, 3));
  const watched = await open(`${url}/#token=${token}`);
  const { page } = watched;
  expect(page.url()).toBe(`${url}/`);
  await expect.poll(() => textOf(page, "#state"), PATIENCE).toBe("running");
  await expect
    .poll(async () => numberIn(await textOf(page, "#rate-now")), PATIENCE)
    .toBeGreaterThan(RATE / 2);
  await expect.poll(() => textOf(page, "#against"), PATIENCE).toContain("of 1,500 planned");
  await expect.poll(() => page.locator("#replicas .body .row:not([hidden])").count(), PATIENCE).toBe(3);

  await page.click("#pause");
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { paused: 3 } });
  await expect.poll(() => textOf(page, "#state"), PATIENCE).toBe("paused");
  expect(await textOf(page, "#pause")).toBe("Resume");
  await page.click("#pause");
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { running: 3 } });

  await page.click("#rate");
  await page.fill("#field-rate", "900");
  await page.click("dialog button[type=submit]");
  await expect.poll(account, PATIENCE).toMatchObject({ control: { eventsPerSecond: 900 } });
  await expect.poll(() => textOf(page, "#against"), PATIENCE).toContain("of 900 planned");

  await page.click("#burst");
  await page.fill("#field-rate", "3000");
  await page.fill("#field-seconds", "4");
  await page.click("dialog button[type=submit]");
  await expect.poll(() => textOf(page, "#against"), PATIENCE).toContain("of 3,000 planned");
  await expect.poll(() => textOf(page, "#against"), PATIENCE).toContain("of 900 planned");

  await page.click("#stop");
  await page.click("dialog .buttons button:not([type=submit])");
  expect(await account()).toMatchObject({ control: { isStopped: false } });
  await page.click("#stop");
  await page.click("dialog button[type=submit]");
  expect(await Promise.all(replicas.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  await expect.poll(() => textOf(page, "#state"), PATIENCE).toBe("closed");
  expect(await service.ended, service.text()).toBe(0);
  expect(await textOf(page, "#verdict")).toBe("Done: every event is accounted for, and was accepted");
  expect(await page.locator("#log li.use strong").allTextContents()).toEqual([
    "stop",
    "burst 3000 for 4 s",
    "rate 900",
    "resume",
    "pause",
  ]);
  expect(await page.locator("#banner").isVisible()).toBe(false);
  expect(watched.troubles).toEqual([]);
});

test("what the target refuses is shown as lost where it is lost, with its kind", async () => {
  const { url, serve, replay } = await fleet("refused", [], "partial=0.2,invalid=0.1");
  await serve();
  replay(0, 1);
  const { page, troubles } = await open(url);
  const place = page.locator(".places > li").nth(1);
  await expect.poll(() => place.getAttribute("data-tone"), PATIENCE).toBe("bad");
  expect(await place.locator("h4 span").textContent()).toBe("Replicas to sink");
  expect(await place.locator("h4 strong").textContent()).toMatch(/lost$/);
  for (const fate of ["rejected", "failed"])
    await expect
      .poll(async () => numberIn(await textOf(page, `.fates .${fate}.lost dd`)), PATIENCE)
      .toBeGreaterThan(0);
  expect(await textOf(page, "#verdict")).toMatch(/^Lost: [\d,]+ before the sink$/);
  expect(await page.locator(".drains .loss").count()).toBeGreaterThan(0);
  await expect
    .poll(() => page.locator("#answers strong").allTextContents(), PATIENCE)
    .toContain("grpc_invalid_argument");
  await expect
    .poll(() => page.locator("#chart-errors .legend em").allTextContents(), PATIENCE)
    .toContain("grpc_invalid_argument");
  expect(await page.locator(".places > li").nth(0).getAttribute("data-tone")).not.toBe("bad");
  expect(troubles).toEqual([]);
});

test("a replica that is killed is said to be lost, and its row comes first", async () => {
  const { url, serve, replay, account } = await fleet("killed");
  await serve();
  const [, dies] = [replay(0, 2), replay(1, 2)];
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { running: 2 } });
  const { page, troubles } = await open(url);
  dies!.child.kill("SIGKILL");
  await expect.poll(() => textOf(page, "#replicas .body .row[aria-rowindex='2']"), PATIENCE).toMatch(/lost/);
  await expect.poll(() => textOf(page, "#verdict"), PATIENCE).toMatch(/fell silent|[Ll]ost|In doubt/);
  expect(await page.locator(".field .lost").count()).toBe(1);
  expect(troubles).toEqual([]);
});

test("a service that dies and comes back is said to be gone, and goes on without a hole in what was known", async () => {
  const { url, serve, replay, account } = await fleet("restart");
  const first = await serve();
  replay(0, 1);
  const watched = await open(url);
  const { page } = watched;
  await expect.poll(async () => (await account()).elapsedMs, PATIENCE).toBeGreaterThan(3000);
  const before = await account();
  first.service.child.kill("SIGKILL");
  await expect.poll(() => textOf(page, "#banner"), PATIENCE).toContain("does not answer");
  expect(await page.locator("#pause").isDisabled()).toBe(true);
  await serve();
  await expect.poll(() => textOf(page, "#connection"), PATIENCE).toBe("live");
  expect(await page.locator("#banner").isVisible()).toBe(false);
  await expect
    .poll(async () => numberIn(await textOf(page, "#rate-now")), PATIENCE)
    .toBeGreaterThan(RATE / 3);
  expect((await account()).startedAt).toBe(before.startedAt);
  const points = async () =>
    ((await (await fetch(`${url}/api/history`)).json()) as { points: { atMs: number }[] }).points;
  expect((await points())[0]!.atMs).toBeLessThan(Date.parse(before.at) + 1);
  // Requests that nobody answered are told by the browser itself.
  watched.forgive(
    /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/,
  );
  expect(watched.troubles).toEqual([]);

  await page.reload();
  await expect.poll(() => page.locator("#chart-rate canvas").count(), PATIENCE).toBe(1);
  await expect
    .poll(() => page.getAttribute("#chart-rate .plot", "aria-label"), PATIENCE)
    .toContain("events a second");
});

test("a page of which a part did not come loads again by itself", async () => {
  const { url, serve } = await fleet("parts");
  await serve();
  const watched = await open("about:blank");
  const { page } = watched;
  for (const part of ["flow-layout.js", "flow.css"]) {
    await page.route(`**/console/${part}`, (route) => route.abort("connectionfailed"), { times: 1 });
    await page.goto(url);
    await expect.poll(() => textOf(page, "#verdict"), PATIENCE).toBe("Waiting for the first replica");
    await expect
      .poll(
        () => page.evaluate("[...document.styleSheets].some(({href}) => href.endsWith('flow.css'))"),
        PATIENCE,
      )
      .toBe(true);
  }
  watched.forgive(/Failed to load resource|flow-layout/);
  expect(watched.troubles).toEqual([]);
});

test("a rate that may cost money is asked about first, and a no changes nothing", async () => {
  const { url, serve, keepTelling, account } = await fleet("brake", ["--backend=honeycomb"]);
  const { token } = await serve();
  await keepTelling(statementWith());
  const watched = await open(`${url}/#token=${token}`);
  const { page } = watched;
  await expect.poll(() => page.locator("#rate").isEnabled(), PATIENCE).toBe(true);
  const askFor = async (rate: number) => {
    await page.click("#rate");
    await page.fill("#field-rate", `${rate}`);
    await page.click("dialog button[type=submit]");
  };
  await askFor(50_000);
  await expect.poll(() => textOf(page, "#dialog-title"), PATIENCE).toBe("This may cost money");
  expect(await textOf(page, "dialog .text")).toContain("180,000,000 events an hour");
  await page.click("dialog .buttons button:not([type=submit])");
  await expect.poll(() => textOf(page, "#said"), PATIENCE).toContain("nobody said yes");
  expect((await account()).control.uses).toEqual([]);
  await askFor(50_000);
  await expect.poll(() => textOf(page, "#dialog-title"), PATIENCE).toBe("This may cost money");
  await page.click("dialog button[type=submit]");
  await expect.poll(account, PATIENCE).toMatchObject({ control: { eventsPerSecond: 50_000 } });
  expect((await account()).control.uses.map(({ what }) => what)).toEqual(["rate 50000, confirmed"]);
  watched.forgive(/409/);
  expect(watched.troubles).toEqual([]);
});

test("a wrong token changes nothing, is said, and the right one is asked for", async () => {
  const { url, serve, replay, account } = await fleet("token");
  const { token } = await serve();
  replay(0, 1);
  const watched = await open(`${url}/#token=not-the-token`);
  const { page } = watched;
  await expect.poll(() => page.locator("#pause").isEnabled(), PATIENCE).toBe(true);
  await page.click("#pause");
  await expect.poll(() => textOf(page, "#said"), PATIENCE).toContain("That is not the token of this run");
  expect((await account()).control.uses).toEqual([]);
  expect(await textOf(page, "#dialog-title")).toBe("Wrong token");
  await page.fill("#field-token", token);
  await page.click("dialog button[type=submit]");
  await expect.poll(async () => (await account()).control.uses.length, PATIENCE).toBe(1);
  expect(await page.getAttribute("#token", "title")).toBe("Control token: this tab has it");
  // It stays in this tab, and is not asked for again.
  await page.reload();
  await expect.poll(() => textOf(page, "#pause"), PATIENCE).toBe("Resume");
  await page.click("#pause");
  await expect
    .poll(async () => (await account()).control.uses.map(({ what }) => what), PATIENCE)
    .toEqual(["pause", "resume"]);
  watched.forgive(/401/);
  expect(watched.troubles).toEqual([]);
});

test("all of it works by keyboard alone", async () => {
  const { url, serve, keepTelling, account } = await fleet("keyboard");
  const { token } = await serve();
  await keepTelling(statementWith());
  const { page, troubles } = await open(url);
  await expect.poll(() => page.locator("#pause").isEnabled(), PATIENCE).toBe(true);
  await page.keyboard.press("Tab");
  expect(await textOf(page, ":focus")).toBe("Skip to the run");
  await page.keyboard.press("?");
  expect(await textOf(page, "dialog[open] h2")).toBe("Keyboard");
  await page.keyboard.press("Escape");
  expect(await page.locator("dialog[open]").count()).toBe(0);
  await page.keyboard.press("r");
  await page.keyboard.type("1234");
  await page.keyboard.press("Enter");
  // Without a token it is asked for first.
  await expect.poll(() => page.locator("#field-token:focus").count(), PATIENCE).toBe(1);
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
  await expect.poll(account, PATIENCE).toMatchObject({ control: { eventsPerSecond: 1234 } });
  // What is typed into a field presses no button.
  await page.locator("#replicas input").focus();
  await page.keyboard.type("prbx?");
  expect(await page.locator("dialog[open]").count()).toBe(0);
  expect(await page.locator("#replicas .body .row:not([hidden])").count()).toBe(0);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  expect(await page.locator("#replicas .scroller:focus").count()).toBe(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.locator("#replicas [role=columnheader]").first().getAttribute("aria-sort")).toBe(
    "ascending",
  );
  expect(troubles).toEqual([]);
});

test("a part of the charts that somebody chose stays in sight while time goes on", async () => {
  const { url, serve, replay } = await fleet("part");
  await serve();
  replay(0, 1);
  const { page, troubles } = await open(url);
  const points = async () =>
    ((await (await fetch(`${url}/api/history`)).json()) as { points: unknown[] }).points.length;
  await expect.poll(points, PATIENCE).toBeGreaterThan(6);
  await expect.poll(() => page.locator("#chart-latency canvas").count(), PATIENCE).toBe(1);
  const box = (await page.locator("#chart-rate .u-over").boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.2, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const whole = page.locator(".whole:visible");
  // All charts show the same part.
  await expect.poll(() => whole.count(), PATIENCE).toBe(2);
  const before = await points();
  await expect.poll(points, PATIENCE).toBeGreaterThan(before + 2);
  expect(await whole.count()).toBe(2);
  await page.keyboard.press("Escape");
  await expect.poll(() => whole.count(), PATIENCE).toBe(0);
  expect(troubles).toEqual([]);
});

const MARKUP = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>&lt;b&gt;"'`;

test("texts with markup in them are texts, wherever they stand", async () => {
  const { url, serve, tell } = await fleet("markup");
  await serve();
  const { page, troubles } = await open(url);
  await tell(
    statementWith({
      name: MARKUP,
      signals: { logs: signalWith({ accepted: 10, failed: 5 }) },
      answers: [{ code: MARKUP.slice(0, 100), count: 3, message: MARKUP }],
      config: { [MARKUP]: MARKUP, list: [MARKUP], __proto__: { a: 1 } },
      targets: { [MARKUP]: { requests: 1, accepted: 10, rejected: 0, failed: 5, inDoubt: 0 } },
    }),
  );
  await expect.poll(() => textOf(page, "#replicas .body .row .text span"), PATIENCE).toBe(MARKUP);
  await expect.poll(() => textOf(page, "#answers li span"), PATIENCE).toBe(MARKUP);
  await expect.poll(() => textOf(page, "#config .config"), PATIENCE).toContain(MARKUP);
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.title()).not.toContain("taken");
  expect(troubles).toEqual([]);
});

test("of a thousand replicas only rows in sight are in the document, and any can be found", async () => {
  const { url, serve, tell } = await fleet("thousand");
  await serve();
  for (let n = 0; n < 1000; n += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        tell(
          statementWith({
            life: lifeName(n + index),
            name: `replica-${n + index}`,
            share: { index: n + index, count: 1000 },
            signals: { logs: signalWith(n + index === 777 ? { failed: 7 } : { accepted: 7 }) },
          }),
        ),
      ),
    );
  const { page, troubles } = await open(url);
  await expect
    .poll(() => page.locator("#replicas .scroller").getAttribute("aria-rowcount"), PATIENCE)
    .toBe("1001");
  expect(await page.locator("#replicas .body .row").count()).toBeLessThan(60);
  // The worst first.
  expect(await textOf(page, "#replicas .body .row[aria-rowindex='2'] .text")).toBe("replica-777");
  await page.fill("#replicas input", "replica-42");
  await expect.poll(() => textOf(page, "#replicas .count"), PATIENCE).toBe("11 of 1,000");
  await page.fill("#replicas input", "");
  await page.locator("#replicas .scroller").evaluate((one: { scrollTop: number; scrollHeight: number }) => {
    one.scrollTop = one.scrollHeight;
  });
  await expect
    .poll(() => page.locator("#replicas .body .row[aria-rowindex='1001']").isVisible(), PATIENCE)
    .toBe(true);
  expect(await page.locator("#replicas .body .row").count()).toBeLessThan(60);
  expect(troubles).toEqual([]);
});

test.for(["light", "dark"] as const)(
  "axe finds nothing to mend, %s, on a screen and on a phone",
  async (colorScheme) => {
    const { url, serve, replay, keepTelling } = await fleet(
      `axe-${colorScheme}`,
      [],
      "partial=0.1,unavailable=0.1",
    );
    await serve();
    replay(0, 2);
    await keepTelling(statementWith({ name: "paused", state: "paused" }));
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 360, height: 740 },
    ]) {
      const { page, troubles } = await open(url, { viewport, colorScheme, reducedMotion: "reduce" });
      await expect.poll(() => page.locator(".fates .rejected.lost").count(), PATIENCE).toBe(1);
      await expect.poll(() => page.locator("#chart-errors canvas").count(), PATIENCE).toBe(1);
      expect(await accessibilityTroubles(page)).toEqual([]);
      await page.keyboard.press("?");
      expect(await accessibilityTroubles(page)).toEqual([]);
      // Nothing is wider than a phone.
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(troubles).toEqual([]);
    }
  },
);

test("the HTML report shows the run from a disk, asks nobody, and offers no controls", async () => {
  const html = join(directory, "report.html");
  const { serve, replay } = await fleet("report", ["--expect=2", `--html=${html}`]);
  const { service, token } = await serve();
  const replicas = [replay(0, 2, "8s"), replay(1, 2, "8s")];
  await Promise.all(replicas.map(({ ended }) => ended));
  expect(await service.ended, service.text()).toBe(0);
  const { page, troubles } = await open(pathToFileURL(html).href);
  await expect.poll(() => textOf(page, "#state"), PATIENCE).toBe("closed");
  expect(await textOf(page, "#verdict")).toBe("Done: every event is accounted for, and was accepted");
  expect(await page.locator("#chart-rate canvas").count()).toBe(1);
  expect(await page.locator("#replicas .body .row:not([hidden])").count()).toBe(2);
  expect(await page.locator("#controls").isVisible()).toBe(false);
  expect(await page.content()).not.toContain(token);
  expect(await accessibilityTroubles(page)).toEqual([]);

  // On paper it is light, whatever it was, and no column is cut off.
  await page.click("#theme");
  const theme = () => page.evaluate("document.documentElement.dataset.theme");
  expect(await theme()).toBe("dark");
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await theme()).toBe("light");
  await page.evaluate("dispatchEvent(new Event('afterprint'))");
  expect(await theme()).toBe("dark");
  await page.setViewportSize({ width: 720, height: 1000 });
  await page.emulateMedia({ media: "print" });
  const last = (await page.locator("#replicas [role=columnheader]").last().boundingBox())!;
  expect(last.x + last.width).toBeLessThan(720);
  expect(troubles).toEqual([]);
});
