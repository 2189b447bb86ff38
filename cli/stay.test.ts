import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { makeTemplates } from "../generator/test-templates.ts";
import type { Account } from "../ledger/account-schema.ts";
import { receivedItems } from "../sink/counts.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { killStarted, startMain } from "./test-process.ts";

const PATIENCE = { timeout: 20_000 };
const folder = mkdtempSync(join(tmpdir(), "stampede-stay-"));
const templates = join(folder, "templates");
let sink: Sink;

beforeAll(async () => {
  await makeTemplates(templates);
  sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0 });
}, 60_000);
afterEach(killStarted);
afterAll(async () => {
  await sink.close(0);
  rmSync(folder, { recursive: true });
});

const replay = (...own: string[]) =>
  startMain(["replay", "--input", templates, "--endpoint", `http://${sink.grpcAddress}`, "--stay", ...own]);

describe("--stay", () => {
  test("a replay that is over and its ledger stay until they are stopped, then end with the run's codes", async () => {
    const ledger = startMain(["ledger", "serve", "--listen=127.0.0.1:0", "--settle=1s", "--stay"]);
    const [, url] = await ledger.printed(/ledger on (http:\S+),/);
    const run = replay("--count=200", `--ledger=${url}`);
    await expect.poll(run.text, PATIENCE).toMatch(/balanced {2}intended/);
    await expect.poll(ledger.text, PATIENCE).toContain("the account is closed: staying to tell it");
    const account = (await (await fetch(`${url}/api/ledger`)).json()) as Account;
    expect(account).toMatchObject({ balanced: true, exitCode: 0, replicas: { ended: 1 } });
    expect([run.child.exitCode, ledger.child.exitCode]).toEqual([null, null]);

    run.child.kill("SIGTERM");
    ledger.child.kill("SIGTERM");
    expect(await Promise.all([run.ended, ledger.ended])).toEqual([0, 0]);
    expect(run.text().match(/balanced {2}intended/g)).toHaveLength(1);
  });

  test("a ledger that is stopped leaves its account open to the next one", async () => {
    const [port] = await freePorts(1);
    const serve = () =>
      startMain([
        ...["ledger", "serve", `--listen=127.0.0.1:${port}`, `--state-dir=${join(folder, "state")}`],
        ...["--settle=1s", "--stay"],
      ]);
    const url = `http://127.0.0.1:${port}`;
    const first = serve();
    await expect.poll(first.text, PATIENCE).toContain("control token");
    const run = replay("--rate=500", `--ledger=${url}`);
    const sent = async () =>
      ((await (await fetch(`${url}/api/ledger`)).json()) as Account).signals.traces?.sent ?? 0;
    await expect.poll(sent, PATIENCE).toBeGreaterThan(0);
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    expect(first.text()).toContain("the account stays open in");
    expect(first.text()).not.toContain("balanced");

    const second = serve();
    await expect.poll(second.text, PATIENCE).toContain("going on with the account of");
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);
    await expect.poll(second.text, PATIENCE).toContain("balanced: every event is accounted for");
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  });

  test("a replay that is interrupted on the way does not stay", async () => {
    const before = receivedItems(sink.counts());
    const run = replay("--rate=500");
    await expect.poll(() => receivedItems(sink.counts()) - before, PATIENCE).toBeGreaterThan(50);
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);
  });
});
