/** `stampede up`: fleets of real processes before a real Collector, and every way in which they end. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killStarted, type Running } from "../cli/test-process.ts";
import { childrenOf, isAlive } from "../fleet/test-process-table.ts";
import { type Account, accountSchema } from "../ledger/account-schema.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { collectorBinary } from "./collector.ts";
import { identitiesOff } from "./identities-off.ts";
import { startStampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const WAIT = { timeout: 90_000 };
const folder = mkdtempSync(join(tmpdir(), "stampede-up-test-"));
let templates = "";
let binary = "";

beforeAll(async () => {
  templates = await generateTemplates(folder);
  binary = await collectorBinary();
});
afterAll(() => {
  killStarted();
  rmSync(folder, { recursive: true, force: true });
});

/** Start a fleet of three replicas. */
const up = (args: readonly string[], environment: Record<string, string> = {}): Running =>
  startStampede(["up", `--input=${templates}`, "--rate=3000", ...args], {
    environment: { TMPDIR: folder, ...environment },
  });

const withCollector = (...args: string[]) => up([`--collector=${binary}`, ...args]);

/** Ids of the processes that a fleet has started, of those whose command line has `word` in it. */
const partsOf = ({ child: { pid } }: Running, word = "") => childrenOf(pid!, word);

/** What its ledger tells at this moment; undefined where none answers. */
async function accountOf(fleet: Running): Promise<Account | undefined> {
  const url = /ledger: (http:\S+),/.exec(fleet.stderr())?.[1];
  if (url === undefined) return undefined;
  return fetch(`${url}/api/ledger`).then(
    async (response) => (await response.json()) as Account,
    () => undefined,
  );
}

/** Events, once all three replicas are there. */
const acceptedBy = async (fleet: Running) => {
  const account = await accountOf(fleet);
  return account?.replicas.seen === 3 ? sumsOf(account).accepted : 0;
};

/** Resolves when events have been accepted, more than so many. */
const accepted = (fleet: Running, more = 0) =>
  expect.poll(() => acceptedBy(fleet), WAIT).toBeGreaterThan(more);

/** The account in a report file. */
const accountIn = (file: string): Account => accountSchema.parse(JSON.parse(readFileSync(file, "utf8")));

/** Sums over signals of it. */
function sumsOf({ signals }: Account): Record<"intended" | "unsent" | "sent" | "accepted", number> {
  const sum = (name: "intended" | "unsent" | "sent" | "accepted") =>
    SIGNALS.reduce((total, signal) => total + (signals[signal]?.[name] ?? 0), 0);
  return { intended: sum("intended"), unsent: sum("unsent"), sent: sum("sent"), accepted: sum("accepted") };
}

test("three replicas send what is due by two Collectors to the sink, which has it all: one account, code 0, nothing left", async () => {
  const file = join(folder, "whole.json");
  const fleet = withCollector(
    "--collectors=2",
    "--backend=sink",
    "--count=20000",
    "--compression=zstd",
    `--report=${file}`,
  );
  const exitCode = await fleet.ended;
  expect(fleet.stdout()).toContain("balanced: every event is accounted for");
  expect(fleet.stdout()).toContain("3 of 3 replicas: 3 ended");
  expect(fleet.stdout()).toContain("2 collectors: 2 up");
  expect(fleet.stdout()).toContain("the sink, verified");
  expect(exitCode).toBe(0);
  const account = accountIn(file);
  expect(sumsOf(account)).toEqual({ intended: 20_000, unsent: 0, sent: 20_000, accepted: 20_000 });
  expect(identitiesOff(account)).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith("stampede-up-"))).toEqual([]);
});

test("Ctrl-C once ends it with an account, in which nothing is missing", async () => {
  const fleet = withCollector("--backend=sink");
  await accepted(fleet);
  const others = partsOf(fleet);
  fleet.child.kill("SIGINT");
  expect(await fleet.ended, fleet.stdout() + fleet.stderr()).toBe(0);
  expect(fleet.stderr()).toContain("stopping: waiting for what is in flight");
  expect(fleet.stdout()).toContain("balanced: every event is accounted for");
  expect(others.filter(isAlive)).toEqual([]);
});

test("without a Collector the sink takes its place, and its duration ends it", async () => {
  const fleet = up(["--collector=none", "--duration=2s"]);
  expect(await fleet.ended).toBe(0);
  expect(fleet.stderr()).toContain("no Collector (--collector says so): replicas send to the sink");
  expect(fleet.stdout()).toContain("the sink, verified");
  expect(fleet.stdout()).toContain("balanced: every event is accounted for");
});

// They wait most of their time, for answers that never come.
describe.concurrent("when a part dies", () => {
  test("a replica that is killed is named, the others go on, and the account says what it cannot know", async () => {
    const fleet = withCollector();
    await accepted(fleet);
    const [victim] = partsOf(fleet, "--replica=1/3");
    process.kill(victim!, "SIGKILL");
    await expect.poll(() => fleet.stderr(), WAIT).toContain("replica 1 ended with SIGKILL");
    await accepted(fleet, (await acceptedBy(fleet)) + 3000);
    fleet.child.kill("SIGINT");
    expect(await fleet.ended).toBe(1);
    expect(fleet.stdout().replace(/\s+/g, " ")).toContain(
      "1 replica fell silent without an end, killed, crashed or cut off: replica 1",
    );
    expect(fleet.stdout()).toContain("replica 1 ended with SIGKILL");
  });

  test("a Collector that is killed is named, and another one takes over; the last one ends the run", async () => {
    const fleet = withCollector("--collectors=2");
    await accepted(fleet);
    const victims = partsOf(fleet, "base.yaml");
    expect(victims).toHaveLength(2);
    process.kill(victims[0]!, "SIGKILL");
    await expect
      .poll(() => fleet.stderr(), WAIT)
      .toMatch(/collector [01] ended with SIGKILL.*; the others get its share/);
    process.kill(victims[1]!, "SIGKILL");
    expect(await fleet.ended).toBe(1);
    expect(fleet.stderr()).toMatch(/collector [01] ended with SIGKILL.*; no Collector is left: stopping/);
    expect(fleet.stdout()).toContain("2 collectors: 0 up, 2 gone");
  });

  test("a sink that is killed is named, and ends the run; what it took to its grave is told apart", async () => {
    const fleet = up(["--collector=none"]);
    await accepted(fleet);
    process.kill(partsOf(fleet, " sink ")[0]!, "SIGKILL");
    expect(await fleet.ended).toBe(1);
    expect(fleet.stderr()).toMatch(/sink ended with SIGKILL.*; nothing is left to send to/);
    expect(fleet.stdout()).toContain("the sink (gone)");
    expect(fleet.stdout()).toContain("balanced, with losses: every event is accounted for");
  });
});

test("a ledger that is killed is started again, and loses nothing", async () => {
  const file = join(folder, "restarted.json");
  const fleet = withCollector("--backend=sink", `--report=${file}`);
  await accepted(fleet);
  const [victim] = partsOf(fleet, "ledger serve");
  process.kill(victim!, "SIGKILL");
  await expect
    .poll(() => fleet.stderr(), WAIT)
    .toContain("ledger ended with SIGKILL; started again, it goes on with its account");
  await accepted(fleet);
  fleet.child.kill("SIGINT");
  expect(await fleet.ended, fleet.stdout()).toBe(0);
  const { sent, accepted: taken } = sumsOf(accountIn(file));
  expect(taken).toBe(sent);
});

test("Ctrl-C twice ends it at once, and nothing is left", async () => {
  const fleet = withCollector("--backend=sink");
  await accepted(fleet);
  const others = partsOf(fleet);
  // Replicas have something to wait for.
  process.kill(partsOf(fleet, "base.yaml")[0]!, "SIGSTOP");
  fleet.child.kill("SIGINT");
  await expect.poll(() => fleet.stderr(), WAIT).toContain("once more to end at once");
  // Sooner it is taken for an echo of the first.
  await sleep(200);
  fleet.child.kill("SIGINT");
  expect(await fleet.ended).toBe(130);
  await expect.poll(() => others.filter(isAlive), WAIT).toEqual([]);
});

test("nothing is left when the one that started it all is killed", async () => {
  const fleet = withCollector("--backend=sink");
  await accepted(fleet);
  const others = partsOf(fleet);
  // Three replicas, a Collector, the sink, the ledger, the guard.
  expect(others).toHaveLength(7);
  fleet.child.kill("SIGKILL");
  await expect.poll(() => others.filter(isAlive), WAIT).toEqual([]);
});

test("a port that is taken, a Collector that is none, a backend that is none: one line each, code 2", async () => {
  const holder = createServer();
  await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
  const { port } = holder.address() as { port: number };
  const taken = up([`--collector=${binary}`], { COLLECTOR_GRPC_PORT: `${port}` });
  expect(await taken.ended).toBe(2);
  expect(lastLine(taken)).toBe(
    `collector 0: 127.0.0.1:${port}: the address is in use; stop what listens there, or leave out COLLECTOR_*_PORT for ports that are free`,
  );
  holder.close();
  const none = up(["--collector=/nowhere"]);
  expect(await none.ended).toBe(2);
  expect(lastLine(none)).toContain("--collector /nowhere: no such file");
  const false_ = up(["--collector=/bin/false"]);
  expect(await false_.ended).toBe(2);
  expect(lastLine(false_)).toBe("collector 0 (/bin/false) did not start: it ended with code 1");
  const backend = withCollector("--backend=honeycom");
  expect(await backend.ended).toBe(2);
  expect(lastLine(backend)).toContain("no backend is named 'honeycom'; did you mean 'honeycomb'? there are:");
});

const lastLine = (fleet: Running) => fleet.stderr().trim().split("\n").at(-1);
