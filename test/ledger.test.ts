/**
 * The ledger service over real replays, real Collectors and a sink behind them: one account, from the schedule to the end of the pipe, while
 * everything that can die does.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { killStarted } from "../cli/test-process.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { type Account, accountSchema } from "../ledger/account-schema.ts";
import type { History, RunRecord } from "../ledger/history.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { type Sink, startSink } from "../sink/sink.ts";
import { type Collector, startCollector } from "./collector.ts";
import { identitiesOff } from "./identities-off.ts";
import { stampede, startStampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const RATE = 3000;
/** Processes are slow to start where many tests share a machine. */
const PATIENCE = { timeout: 60_000, interval: 200 };

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-ledger-"));
  templates = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

afterEach(killStarted);

/** Two Collectors in front of a sink, and a ledger that watches them all. */
async function fleet(name: string, flags: readonly string[] = []) {
  const sink: Sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", allowRepeats: true });
  onTestFinished(() => sink.close(0));
  const collector = async (ports?: Collector["ports"]) => {
    const one = await startCollector("sink", { COLLECTOR_SINK_ENDPOINT: sink.grpcAddress }, [], ports);
    onTestFinished(() => one.dispose());
    return one;
  };
  const collectors = await Promise.all([collector(), collector()]);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const report = join(directory, `${name}.json`);
  const html = join(directory, `${name}.html`);
  const ledger = () =>
    startStampede([
      ...["ledger", "serve", `--listen=127.0.0.1:${port}`, `--sink=http://${sink.httpAddress}`],
      `--collectors=${collectors.map(({ metricsUrl }) => metricsUrl).join()}`,
      ...[`--state-dir=${join(directory, name)}`, `--report=${report}`, `--html=${html}`, ...flags],
    ]);
  const replay = (...own: string[]) =>
    startStampede([
      ...["replay", `--input=${templates}`, `--rate=${RATE}`, `--ledger=${url}`],
      `--endpoint=${collectors.map(({ grpc }) => grpc).join()}`,
      ...own,
    ]);
  const account = async (): Promise<Account> => (await (await fetch(`${url}/api/ledger`)).json()) as Account;
  const isReady = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  return {
    sink,
    collectors,
    comesBack: collector,
    url,
    ledger,
    replay,
    account,
    untilReady: () => expect.poll(isReady, PATIENCE).toBe(true),
    accepted: async () => sumOf(await account(), "accepted"),
    written: (): Account => accountSchema.parse(JSON.parse(readFileSync(report, "utf8"))),
    page: () => readFileSync(html, "utf8"),
    history: async () => (await (await fetch(`${url}/api/history`)).json()) as History,
  };
}

/** The run that an HTML report holds. */
function runIn(page: string): RunRecord {
  const json = /<script type="application\/json" id="stampede-run">(.*)<\/script>/.exec(page)![1]!;
  return JSON.parse(json) as RunRecord;
}

/** Items of all signals in all steps of a history. */
const sumOfSteps = ({ points }: History, counter: "accepted" | "sent"): number =>
  points.reduce(
    (sum, { signals }) => sum + SIGNALS.reduce((step, signal) => step + (signals[signal]?.[counter] ?? 0), 0),
    0,
  );

const sumOf = ({ signals }: Account, counter: "accepted" | "sent"): number =>
  SIGNALS.reduce((sum, signal) => sum + (signals[signal]?.[counter] ?? 0), 0);

test("two replicas, two Collectors and a sink agree to the item, over a ledger that is killed in between", async () => {
  const { sink, url, ledger, replay, account, untilReady, accepted, written, page } = await fleet("whole", [
    "--expect=2",
  ]);
  const first = ledger();
  await untilReady();
  const replicas = [0, 1].map((index) => replay("--duration=12s", `--replica=${index}/2`));
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(RATE);
  first.child.kill("SIGKILL");
  await first.ended;
  await expect
    .poll(() => replicas.map(({ text }) => text()).join(""), PATIENCE)
    .toContain("does not hear this replica");
  const second = ledger();
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { seen: 2 } });
  expect(await Promise.all(replicas.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(await second.ended, second.text()).toBe(0);
  expect(second.text()).toContain("going on with the account of");
  expect(second.text()).toContain("balanced: every event is accounted for");
  expect(replicas.map(({ text }) => text()).join("")).toContain(
    `the ledger at ${url} hears this replica again`,
  );

  const whole = written();
  expect(whole).toMatchObject({
    balanced: true,
    exitCode: 0,
    problems: [],
    losses: [],
    sink: { verified: { ok: true } },
  });
  expect(identitiesOff(whole)).toEqual([]);
  for (const signal of SIGNALS) {
    expect(whole.signals[signal]!.accepted).toBe(sink.counts().signals[signal].received);
    expect(whole.collectors!.signals[signal]!.accepted).toBe(whole.signals[signal]!.accepted);
  }
  expect(whole.collectorRows.map(({ lives, state }) => [lives, state])).toEqual([
    [1, "up"],
    [1, "up"],
  ]);
  // The history knows of all of it, the seconds before the death and without a service included.
  const { account: told, history } = runIn(page());
  expect(told).toEqual(whole);
  for (const counter of ["sent", "accepted"] as const)
    expect(sumOfSteps(history, counter)).toBe(sumOf(whole, counter));
  expect(history.points.reduce((sum, { received }) => sum + received!, 0)).toBe(sumOf(whole, "accepted"));
  expect(history.points.reduce((sum, { collectors: step }) => sum + step!.exported, 0)).toBe(
    sumOf(whole, "accepted"),
  );
  // By duration, a share is rounded to whole items.
  expect(Math.abs(sumOf(whole, "sent") - 12 * RATE)).toBeLessThan(20);
});

test("a Collector that is killed and comes back, and a replica that is killed, are named, and the rest balances", async () => {
  const { collectors, comesBack, ledger, replay, account, untilReady, accepted, written } =
    await fleet("deaths");
  const service = ledger();
  await untilReady();
  const [stays, dies] = [
    replay("--duration=20s", "--replica=0/2"),
    replay("--duration=60s", "--replica=1/2"),
  ];
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(2 * RATE);
  await collectors[0]!.kill();
  await expect.poll(account, PATIENCE).toMatchObject({ collectors: { up: 1, gone: 1 } });
  await comesBack(collectors[0]!.ports);
  await expect.poll(account, PATIENCE).toMatchObject({ collectors: { up: 2, gone: 1 } });
  dies!.child.kill("SIGKILL");
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { lost: 1 } });
  expect([0, 1]).toContain(await stays!.ended);
  expect(await service.ended, service.text()).toBe(1);

  const whole = written();
  expect(whole.identities.filter(({ state }) => state === "broken")).toEqual([]);
  expect(whole).toMatchObject({ balanced: true, exitCode: 1, replicas: { ended: 1, lost: 1 } });
  expect(whole.problems[0]).toMatch(
    /^1 replica fell silent without an end, killed, crashed or cut off: .+\/\d+$/,
  );
  expect(whole.collectorRows.map(({ lives }) => lives).sort()).toEqual([1, 2]);
  expect(service.text()).toContain("balanced, with losses: every event is accounted for");
});

test("a replica that joins later ends when the time of the first is over", async () => {
  const { ledger, replay, untilReady, accepted, written } = await fleet("joins", ["--expect=2"]);
  const service = ledger();
  await untilReady();
  const durationMs = (name: string) =>
    (JSON.parse(readFileSync(join(directory, name), "utf8")) as { durationMs: number }).durationMs;
  const start = (index: number) =>
    replay("--duration=20s", `--replica=${index}/2`, `--report=${join(directory, `joins-${index}.json`)}`);
  const first = start(0);
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(2 * RATE);
  const second = start(1);
  expect([await first.ended, await second.ended], second.text()).toEqual([0, 0]);
  expect(await service.ended, service.text()).toBe(0);
  expect(written().balanced).toBe(true);
  expect(durationMs("joins-0.json")).toBeGreaterThanOrEqual(19_900);
  // The first had sent for four seconds, at the least.
  expect(durationMs("joins-1.json")).toBeLessThan(17_500);
});

test("what the control is told, replicas do: they pause, go on, and end early as if their time were up", async () => {
  const { url, ledger, replay, account, untilReady, accepted, written, history, page } =
    await fleet("control");
  const service = ledger();
  await untilReady();
  const replica = replay("--duration=10m", "--header=x-secret=hunter2");
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(100);
  const token = /control token ([\w-]+)/.exec(service.text())![1];
  const order = async (body: object) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/control`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
  };
  await order({ action: "pause" });
  await expect.poll(account, PATIENCE).toMatchObject({ replicas: { paused: 1 } });
  const before = await accepted();
  await order({ action: "rate", eventsPerSecond: 500 });
  await order({ action: "resume" });
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(before + 500);
  expect(await account()).toMatchObject({ replicas: { running: 1 } });
  const planned = async () => (await history()).points.at(-1)?.plannedPerSecond;
  await order({ action: "burst", eventsPerSecond: 2000, seconds: 4 });
  expect(await account()).toMatchObject({ control: { burst: { eventsPerSecond: 2000 } } });
  await expect.poll(planned, PATIENCE).toBe(2000);
  await expect.poll(planned, PATIENCE).toBe(500);
  expect(await account()).toMatchObject({ control: { burst: null } });
  await order({ action: "stop" });
  expect(await replica.ended, replica.text()).toBe(0);
  expect(await service.ended, service.text()).toBe(0);
  const { control, config } = written();
  expect([control.isStopped, control.uses.map(({ what }) => what)]).toEqual([
    true,
    ["pause", "rate 500", "resume", "burst 2000 for 4 s", "stop"],
  ]);
  // What it was configured with is known, and no secret is.
  expect(config).toMatchObject({ eventsPerSecond: RATE, target: { headers: { "x-secret": "***" } } });
  expect(page()).toContain('"x-secret"');
  for (const secret of ["hunter2", token!]) expect(page()).not.toContain(secret);
});

test("SIGTERM closes the account with what there is", async () => {
  const { url, ledger, replay, untilReady, accepted, written } = await fleet("term", ["--settle=500ms"]);
  const service = ledger();
  await untilReady();
  replay("--duration=10m");
  await expect.poll(accepted, PATIENCE).toBeGreaterThan(100);
  const shown = await stampede("ledger", url);
  expect(shown).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 replica: 1 running") });
  const json = await stampede("ledger", url, "--json");
  expect(accountSchema.parse(JSON.parse(json.stdout))).toMatchObject({ state: "running", balanced: null });
  service.child.kill("SIGTERM");
  expect(await service.ended, service.text()).toBe(1);
  expect(written()).toMatchObject({
    balanced: false,
    problems: expect.arrayContaining(["1 replica had not ended"]),
  });
  const gone = await stampede("ledger", url);
  expect(gone).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("no ledger service answers at"),
  });
});
