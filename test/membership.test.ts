/**
 * A fleet that is scaled while it sends: three replicas become five, then two. Processes, sockets and DNS are real; all that is made up is
 * that each replica has a container's address of its own.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { killStarted } from "../cli/test-process.ts";
import { startDns, type TestDns } from "../fleet/test-dns.ts";
import type { Report } from "../ledger/report.ts";
import { receivedItems } from "../sink/counts.ts";
import type { SinkReport } from "../sink/report.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { startStampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const RATE = 2000;
/** Others use this machine too: what is late by tenths of a second counts for less the longer one looks. */
const LONG = { timeout: 60_000, interval: 250 };
const LEAST_MS = 5000;

interface Replica {
  address: string;
  /** Replicas of the fleet, as this one says; 0 before it sends. */
  count(): number;
  stop(): Promise<Report>;
}

let directory = "";
let sink: Sink;
let dns: TestDns;
const reports: Report[] = [];
/** Of the fleet, over what it was to send: at three, five and two replicas. */
const rates: number[] = [];
let verified: SinkReport;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-membership-"));
  const templates = await generateTemplates(directory);
  sink = await startSink({ grpc: "127.0.0.1:0", http: false, doubtMs: 0 });
  dns = await startDns();
  let running: Replica[] = [];
  const start = (n: number) => startReplica(`127.0.1.${n}`, templates);

  async function scaleTo(next: Replica[]): Promise<void> {
    const gone = running.filter((one) => !next.includes(one));
    running = next;
    dns.addresses = running.map(({ address }) => address);
    reports.push(...(await Promise.all(gone.map((one) => one.stop()))));
    await vi.waitUntil(() => running.every(({ count }) => count() === running.length), LONG);
    const [fromMs, from] = [performance.now(), receivedItems(sink.counts())];
    const rate = () => ((receivedItems(sink.counts()) - from) / (performance.now() - fromMs)) * (1000 / RATE);
    const isLongEnough = () => performance.now() - fromMs > LEAST_MS;
    await vi.waitUntil(() => isLongEnough() && Math.abs(rate() - 1) < 0.01, LONG);
    rates.push(rate());
  }

  await scaleTo([1, 2, 3].map(start));
  await scaleTo([...running, start(4), start(5)]);
  await scaleTo([running[1]!, running[4]!]);
  reports.push(...(await Promise.all(running.map((one) => one.stop()))));
  await sink.close();
  verified = sink.report();
}, 240_000);
afterAll(async () => {
  killStarted();
  dns.close();
  await sink.close(0);
  rmSync(directory, { recursive: true, force: true });
});

describe("a fleet that is scaled from three replicas to five to two while it sends", () => {
  test("sends its rate within one percent at each size", () => {
    expect(rates).toHaveLength(3);
    for (const rate of rates) expect(Math.abs(rate - 1)).toBeLessThan(0.01);
  });

  test("sends no id twice, and no series meets another", () => {
    expect(verified.verification).toMatchObject({ findings: {} });
    expect(verified.exitCode).toBe(0);
  });

  test("has books that balance, each replica's, and all that was accepted arrived", () => {
    expect(reports.map(({ balanced, exitCode }) => [balanced, exitCode])).toEqual(Array(5).fill([true, 0]));
    const accepted = reports
      .flatMap(({ signals }) => Object.values(signals))
      .reduce((sum, signal) => sum + signal!.accepted, 0);
    expect(accepted).toBe(receivedItems(sink.counts()));
    expect(new Set(reports.flatMap(({ incarnations }) => incarnations)).size).toBe(5);
  });

  test("tells in its reports how many they were in the end", () => {
    expect(reports.map(({ replicas }) => replicas).sort()).toEqual([2, 2, 5, 5, 5]);
  });
});

function startReplica(address: string, templates: string): Replica {
  const report = join(directory, `${address}.json`);
  const flags = [
    `--input=${templates}`,
    `--endpoint=http://${sink.grpcAddress}`,
    `--rate=${RATE}`,
    `--fleet-dns=replayer.test@${dns.address}`,
    `--report=${report}`,
  ];
  const { child, stderr, ran } = startStampede(["replay", ...flags], {
    environment: { STAMPEDE_ADDRESS: address },
  });
  return {
    address,
    count: () => {
      const said = [...stderr().matchAll(/\(replica \d+ of (\d+)\)|this replica is one of (\d+) now/g)];
      const [, first, later] = said.at(-1) ?? [];
      return Number(first ?? later ?? 0);
    },
    stop: async () => {
      child.kill("SIGTERM");
      const end = await ran();
      if (end.exitCode !== 0) throw new Error(`${address} ended with ${end.exitCode}:\n${end.stderr}`);
      return JSON.parse(readFileSync(report, "utf8"));
    },
  };
}
