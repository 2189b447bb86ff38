/**
 * Replay into several real Collectors at once: even shares, one of them killed and back, and a name whose addresses change while
 * the run goes on. The Collectors' own counters are the witnesses.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Ran } from "../cli/test-process.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import type { Report } from "../ledger/report.ts";
import { PROTOCOLS, type Protocol } from "../otlp/protocol.ts";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { startDnsServer } from "../otlp/test-dns-server.ts";
import { type Collector, receivedItems, startCollector } from "./collector.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-targets-"));
  templates = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Collectors are slow to start and to be scraped where many tests share a machine. */
const PATIENCE = { timeout: 30_000, interval: 200 };
const RATE = 4_000;

describe.each(PROTOCOLS)("over %s", (protocol) => {
  test("three Collectors have the same share of each signal within 5 %", async () => {
    const collectors = await Promise.all([start(), start(), start()]);
    const { ran, report } = await replay(protocol, at(protocol, collectors), { count: 90_000, rate: 20_000 });
    expect({ exitCode: ran.exitCode, balanced: report.balanced }).toEqual({ exitCode: 0, balanced: true });
    for (const signal of SIGNALS) {
      const received = await Promise.all(collectors.map((one) => itemsAt(one, [signal])));
      const mean = report.signals[signal]!.accepted / 3;
      expect(received.reduce((sum, items) => sum + items, 0)).toBe(report.signals[signal]!.accepted);
      for (const items of received) expect(Math.abs(items - mean) / mean).toBeLessThan(0.05);
    }
    // Each stands in the report, with what it said itself.
    for (const one of collectors) {
      const target = report.targets[addressOf(protocol, one)]!;
      expect(target).toMatchObject({ accepted: await itemsAt(one), failed: 0, inDoubt: 0 });
    }
  });

  test("one Collector that is killed costs nothing, and is used again when it is back", async () => {
    const [stays, dies] = await Promise.all([start(), start()]);
    const run = replay(protocol, at(protocol, [stays!, dies!]), { duration: "25s", rate: RATE });
    await expect.poll(() => itemsAt(dies!), PATIENCE).toBeGreaterThan(RATE);
    await dies!.kill();
    const before = await itemsAt(stays!);
    await expect.poll(() => itemsAt(stays!), PATIENCE).toBeGreaterThan(before + RATE);
    const back = await start(dies!.ports);
    await expect.poll(() => itemsAt(back), PATIENCE).toBeGreaterThan(RATE);

    const { ran, report } = await run;
    expect({ exitCode: ran.exitCode, balanced: report.balanced }).toEqual({ exitCode: 0, balanced: true });
    for (const signal of SIGNALS) {
      const { sent, accepted, failed, rejected, inDoubt } = report.signals[signal]!;
      expect({ accepted, failed, rejected, inDoubt }).toEqual({
        accepted: sent,
        failed: 0,
        rejected: 0,
        inDoubt: 0,
      });
    }
    // What was in flight to it when it died went to the other one as well; nothing else was tried twice.
    const retried = SIGNALS.reduce((sum, signal) => sum + report.signals[signal]!.retriedRequests, 0);
    expect(retried).toBeLessThanOrEqual(50);
    expect(report.targets[addressOf(protocol, stays!)]!.accepted).toBe(await itemsAt(stays!));
  });

  test("one Collector that hangs holds few requests up, and is used again when it goes on", async () => {
    const [stays, hangs] = await Promise.all([start(), start()]);
    const config = join(directory, "short-tries.yaml");
    writeFileSync(config, "otlp: {timeout: 2s}\n");
    const flags = { config, duration: "30s", rate: RATE };
    const run = replay(protocol, at(protocol, [stays!, hangs!]), flags);
    await expect.poll(() => itemsAt(hangs!), PATIENCE).toBeGreaterThan(RATE);
    hangs!.hang();
    const before = await itemsAt(stays!);
    // More than its own share of some seconds: it has taken over the rest.
    await expect.poll(() => itemsAt(stays!), PATIENCE).toBeGreaterThan(before + 5 * RATE);
    hangs!.goOn();
    const then = await itemsAt(hangs!);
    await expect.poll(() => itemsAt(hangs!), PATIENCE).toBeGreaterThan(then + RATE);
    const { ran, report } = await run;
    expect({ exitCode: ran.exitCode, balanced: report.balanced }).toEqual({ exitCode: 0, balanced: true });
    const unsent = SIGNALS.reduce((sum, signal) => sum + report.signals[signal]!.unsent, 0);
    expect(unsent).toBe(0);
  });

  test("connections that are replaced all the time cost no request a retry", async () => {
    const collectors = await Promise.all([start(), start()]);
    const config = join(directory, "short-lived.yaml");
    writeFileSync(config, "otlp: {connection: {max_age: 200ms}}\n");
    const flags = { config, duration: "5s", rate: 10_000 };
    const { ran, report } = await replay(protocol, at(protocol, collectors), flags);
    expect({ exitCode: ran.exitCode, answers: report.answers }).toEqual({ exitCode: 0, answers: [] });
    for (const signal of SIGNALS) {
      const { sent, accepted, retriedRequests } = report.signals[signal]!;
      expect({ accepted, retriedRequests }).toEqual({ accepted: sent, retriedRequests: 0 });
    }
    const received = await Promise.all(collectors.map((one) => itemsAt(one)));
    const sent = SIGNALS.reduce((sum, signal) => sum + report.signals[signal]!.sent, 0);
    expect(received[0]! + received[1]!).toBe(sent);
  });

  test("the addresses of a name are followed from one to three to two, and none is lost", async () => {
    const [port] = await freePorts(1);
    const hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    const [first, second, third] = await Promise.all(hosts.map((host) => startOn(host, protocol, port!)));
    const dns = await startDnsServer("collectors.test", [hosts[0]!]);
    onTestFinished(() => dns.close());
    const endpoint = `dns://${dns.address}/collectors.test:${port}`;
    const run = replay(protocol, endpoint, { duration: "25s", rate: RATE });
    await expect.poll(() => itemsAt(first!), PATIENCE).toBeGreaterThan(RATE);
    expect([await itemsAt(second!), await itemsAt(third!)]).toEqual([0, 0]);

    dns.addresses = hosts;
    await expect.poll(() => itemsAt(second!), PATIENCE).toBeGreaterThan(RATE);
    await expect.poll(() => itemsAt(third!), PATIENCE).toBeGreaterThan(RATE);

    dns.addresses = hosts.slice(1);
    // From some moment on the first gets nothing, while another one's count goes on.
    await expect
      .poll(async () => {
        const left = await itemsAt(first!);
        const others = await itemsAt(second!);
        await expect.poll(() => itemsAt(second!), PATIENCE).toBeGreaterThan(others + RATE / 4);
        return (await itemsAt(first!)) - left;
      }, PATIENCE)
      .toBe(0);

    const { ran, report } = await run;
    expect({ exitCode: ran.exitCode, balanced: report.balanced }).toEqual({ exitCode: 0, balanced: true });
    const counts = await Promise.all([first!, second!, third!].map((one) => itemsAt(one)));
    expect(hosts.map((host) => report.targets[`${host}:${port}`]?.accepted)).toEqual(counts);
    const [, two, three] = counts as [number, number, number];
    expect(Math.abs(two - three) / Math.max(two, three)).toBeLessThan(0.05);
  });
});

async function start(ports?: Collector["ports"]): Promise<Collector> {
  const collector = await startCollector("nop", {}, [], ports);
  onTestFinished(() => collector.dispose());
  return collector;
}

/** A Collector whose receiver of one protocol listens on another loopback address. */
async function startOn(host: string, protocol: Protocol, port: number): Promise<Collector> {
  const name = protocol === "grpc" ? "grpc" : "http";
  const setting = `receivers::otlp::protocols::${name}::endpoint: ${host}:${port}`;
  const collector = await startCollector("nop", {}, [setting]);
  onTestFinished(() => collector.dispose());
  return collector;
}

function at(protocol: Protocol, collectors: readonly Collector[]): string {
  return collectors.map((one) => addressOf(protocol, one)).join();
}

function addressOf(protocol: Protocol, { ports }: Collector): string {
  return `127.0.0.1:${protocol === "grpc" ? ports.grpc : ports.http}`;
}

/** Items that a Collector has received so far. */
async function itemsAt(collector: Collector, signals: readonly Signal[] = SIGNALS): Promise<number> {
  const metrics = await collector.selfMetrics();
  return signals.reduce((sum, signal) => sum + receivedItems(metrics, signal), 0);
}

let runs = 0;

async function replay(
  protocol: Protocol,
  endpoint: string,
  flags: Record<string, string | number>,
): Promise<{ ran: Ran; report: Report }> {
  const file = join(directory, `report-${runs++}.json`);
  const all = { endpoint, protocol, input: templates, report: file, ...flags };
  const words = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
  // Small requests, so that shares show after a second.
  const ran = await stampede("replay", "--insecure", "--batch-size=20", ...words);
  return { ran, report: JSON.parse(readFileSync(file, "utf8")) };
}
