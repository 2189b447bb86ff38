/**
 * Forty replayers, four collectors and a sink behind them on a real Docker engine, started as users start them: one rate, one account
 * to the item; then the same while everything comes, goes and dies.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { SIGNALS } from "../otlp/signal.ts";
import { buildImage, openProject, type Project } from "./compose.ts";
import { type Follower, followLedger, ratesOf } from "./follow-ledger.ts";
import { identitiesOff } from "./identities-off.ts";
import { run } from "./stampede.ts";

const RATE = 10_000;
const REPLICAS = 40;
const COLLECTORS = 4;
/** A full fleet sends alike for so long, at the least. Starting forty takes two cores some twenty seconds of it. */
const DURATION_SECONDS = 80;
/** Of a rate to be measured. */
const WINDOW_MS = 12_000;
/** Whatever else the machine does. */
const PATIENCE = { timeout: 240_000, interval: 250 };

const knobs: Record<string, string> = {
  RATE: `${RATE}`,
  DURATION: `${DURATION_SECONDS}s`,
  BACKEND: "sink",
  COMPOSE_PROFILES: "sink",
  LEDGER_SINK: "http://sink:4318",
};

let project: Project;
let ledger: Follower | undefined;

beforeAll(async () => {
  await buildImage();
  project = await openProject("fleet", knobs);
});

afterEach(async ({ task }) => {
  ledger?.stop();
  if (task.result?.state === "fail")
    console.error(await project.logs("ledger", "sink", "collector", "--tail=60"));
});

afterAll(() => project.down());

test("forty replayers into four collectors: one rate, even shares, no id twice, balanced to the item", {
  timeout: 600_000,
}, async () => {
  await project.up({ collector: COLLECTORS, replayer: REPLICAS });
  ledger = followLedger(project.ledgerUrl);
  const fullAtMs = await shared(REPLICAS);
  const { exitCode, table } = await project.ledgerEnd();
  const account = await project.written();
  expect(exitCode, table).toBe(0);

  const endAtMs = ledger.samples.find(({ account: { replicas } }) => replicas.ended > 0)!.atMs;
  expect(endAtMs - fullAtMs, "time that all were there").toBeGreaterThan(WINDOW_MS);
  const { rate, unevenness } = shareOut(ratesOf(ledger.samples, fullAtMs, endAtMs));
  expect(Math.abs(rate / RATE - 1), `${rate} a second`).toBeLessThan(0.01);
  expect(unevenness).toBeLessThan(1.05);

  expect(account).toMatchObject({
    balanced: true,
    exitCode: 0,
    problems: [],
    replicas: { seen: REPLICAS, ended: REPLICAS, lost: 0 },
    collectors: { seen: COLLECTORS, up: COLLECTORS, gone: 0 },
    sink: { verified: { ok: true, missingTraces: 0, findings: [] } },
  });
  // Of three signals: intended, sent, taken, sent on, received.
  expect(account.identities).toHaveLength(15);
  expect(identitiesOff(account)).toEqual([]);
  const ends = await run("docker", ["stop", await project.container("sink")]);
  expect(ends.exitCode).toBe(0);
  const inspected = await run("docker", [
    "inspect",
    "--format={{.State.ExitCode}}",
    await project.container("sink"),
  ]);
  expect(inspected.stdout, await project.logs("sink")).toBe("0\n");
  console.info(`started in ${seconds(fullAtMs - ledger.samples[0]!.atMs)} s after the ledger\n${table}`);
});

test("scaled to 20 and to 50, a replayer and a collector killed, collectors added: balanced, and all that is lost has a name", {
  timeout: 900_000,
}, async () => {
  // Until it is stopped.
  knobs.DURATION = "0";
  await project.up({ collector: COLLECTORS, replayer: REPLICAS });
  ledger = followLedger(project.ledgerUrl);
  await shared(REPLICAS);

  const replica = await project.container("replayer", 7);
  const replicaName = `${replica.slice(0, 12)}/1`;
  await changed("a replayer of 40 killed", REPLICAS - 1, () => kill(replica));
  await expect.poll(() => ledger!.latest().replicas.lost, PATIENCE).toBe(1);

  const collector = await project.container("collector", 2);
  const collectorAddress = `${await addressOf(collector)}:8888`;
  await kill(collector);
  await expect
    .poll(() => ledger!.latest().collectors, PATIENCE)
    .toMatchObject({ up: COLLECTORS - 1, gone: 1 });
  await expectRateFromNow("a collector of 4 gone");
  await run("docker", ["start", collector]);
  await expect.poll(() => ledger!.latest().collectors, PATIENCE).toMatchObject({ up: COLLECTORS, gone: 1 });

  await changed("scaled to 20", 20, () =>
    project.up({ collector: COLLECTORS, replayer: 20 }, "--no-recreate"),
  );
  await expectRateFromNow("twenty replayers");
  await changed("scaled to 50", 50, () =>
    project.up({ collector: COLLECTORS, replayer: 50 }, "--no-recreate"),
  );
  await project.up({ collector: 6, replayer: 50 }, "--no-recreate");
  await expect.poll(() => ledger!.latest().collectors, PATIENCE).toMatchObject({ up: 6 });
  await expectRateFromNow("fifty replayers, six collectors");

  await project.compose("stop", "replayer");
  const { exitCode, table } = await project.ledgerEnd();
  const account = await project.written();
  console.info(table);
  expect(exitCode, table).toBe(1);
  expect(account.identities.filter(({ state }) => state === "broken")).toEqual([]);
  expect(account).toMatchObject({ balanced: true, collectors: { up: 6, gone: 1 } });
  // Forty, the killed one again, thirty more; those that were scaled away ended.
  expect(account.replicas).toMatchObject({ lost: 1, running: 0, paused: 0 });
  expect(account.replicas.seen).toBe(account.replicas.ended + 1);
  for (const signal of SIGNALS)
    expect(account.signals[signal]).toMatchObject({ failed: 0, rejected: 0, dropped: 0 });

  expect(account.problems[0]).toContain(replicaName);
  for (const { where, text } of account.losses)
    if (where === "collector") expect(text).toContain(collectorAddress);
  expect(account.collectorRows.filter(({ lives }) => lives > 1).map(({ address }) => address)).toEqual([
    collectorAddress,
  ]);
});

/** Wait until all of `count` replicas have taken their share. Returns when that was seen. */
async function shared(count: number): Promise<number> {
  await expect
    .poll(() => {
      const { replicas, replicaRows } = ledger!.latest();
      const shares = replicaRows.filter(({ state }) => state === "running").map(({ share }) => share.count);
      // A killed one counts as running until it has been silent for 10 s.
      return replicas.running >= count && shares.filter((size) => size === count).length === count;
    }, PATIENCE)
    .toBe(true);
  return ledger!.samples.at(-1)!.atMs;
}

/** Do it, and tell how long after it the fleet divided its rate anew. */
async function changed(what: string, count: number, change: () => Promise<unknown>): Promise<void> {
  await change();
  const changedAtMs = Date.now();
  const sharedAtMs = await shared(count);
  console.info(`${what}: divided anew ${seconds(Math.max(0, sharedAtMs - changedAtMs))} s after it`);
}

const kill = (container: string) => run("docker", ["kill", "--signal=KILL", container]);

async function addressOf(container: string): Promise<string> {
  const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  return (await run("docker", ["inspect", `--format=${format}`, container])).stdout.trim();
}

/** Wait until the rate of the latest seconds is what it should be, and even over the collectors: a machine that was busy catches up first. */
async function expectRateFromNow(what: string): Promise<void> {
  const { samples } = ledger!;
  const fromMs = samples.at(-1)!.atMs;
  const latest = () => {
    const atMs = samples.at(-1)!.atMs;
    return shareOut(atMs - fromMs < WINDOW_MS ? [] : ratesOf(samples, atMs - WINDOW_MS));
  };
  await expect
    .poll(() => {
      const { rate, unevenness } = latest();
      return Math.abs(rate / RATE - 1) < 0.01 && unevenness < 1.05;
    }, PATIENCE)
    .toBe(true);
  const { rate, unevenness } = latest();
  const after = seconds(samples.at(-1)!.atMs - fromMs);
  console.info(`${what}: ${rate.toFixed(0)} a second, uneven by ${unevenness.toFixed(3)}, ${after} s later`);
}

/** Of collectors' rates: their sum, and by how much the highest is above the lowest. */
function shareOut(rates: readonly number[]): { rate: number; unevenness: number } {
  return {
    rate: rates.reduce((sum, rate) => sum + rate, 0),
    unevenness: Math.max(...rates) / Math.min(...rates),
  };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
