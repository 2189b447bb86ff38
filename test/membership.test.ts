/**
 * A fleet that is scaled while it sends: three replicas become five, then two. Processes, sockets and DNS are real; all that is made up is
 * that each replica has a container's address of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startDns, type TestDns } from "../fleet/test-dns.ts";
import type { Report } from "../ledger/report.ts";
import { receivedItems } from "../sink/counts.ts";
import type { SinkReport } from "../sink/report.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { generateTemplates } from "./templates.ts";

const MAIN = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
const RATE = 2000;
/** Others use this machine too: what is late by tenths of a second counts for less the longer one looks. */
const LONG = { timeout: 60_000, interval: 250 };
const LEAST_MS = 5000;

class Replica {
  readonly address: string;
  readonly #report: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #stderr = "";

  constructor(address: string, directory: string, templates: string, sink: Sink, dns: TestDns) {
    this.address = address;
    this.#report = join(directory, `${address}.json`);
    const flags = [
      `--input=${templates}`,
      `--endpoint=http://${sink.grpcAddress}`,
      `--rate=${RATE}`,
      `--fleet-dns=replayer.test@${dns.address}`,
      `--report=${this.#report}`,
    ];
    this.#child = spawn(process.execPath, [MAIN, "replay", ...flags], {
      env: { ...process.env, STAMPEDE_ADDRESS: address },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#exit = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Replicas of the fleet, as this one says; 0 before it sends. */
  get count(): number {
    const said = [...this.#stderr.matchAll(/\(replica \d+ of (\d+)\)|this replica is one of (\d+) now/g)];
    const [, first, later] = said.at(-1) ?? [];
    return Number(first ?? later ?? 0);
  }

  async stop(): Promise<Report> {
    this.#child.kill("SIGTERM");
    const code = await this.#exit;
    if (code !== 0) throw new Error(`${this.address} ended with ${code}:\n${this.#stderr}`);
    return JSON.parse(readFileSync(this.#report, "utf8"));
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

let directory = "";
let sink: Sink;
let dns: TestDns;
const all: Replica[] = [];
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
  const start = (n: number) => new Replica(`127.0.1.${n}`, directory, templates, sink, dns);

  async function scaleTo(next: Replica[]): Promise<void> {
    all.push(...next.filter((one) => !all.includes(one)));
    const gone = running.filter((one) => !next.includes(one));
    running = next;
    dns.addresses = running.map(({ address }) => address);
    reports.push(...(await Promise.all(gone.map((one) => one.stop()))));
    await vi.waitUntil(() => running.every(({ count }) => count === running.length), LONG);
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
  for (const one of all) one.kill();
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
