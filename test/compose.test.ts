/**
 * The compose file as users run it, on a real Docker engine: five replicas, one collector, and a ledger whose exit code says
 * whether all sums agree. scripts/get-engine brings what is missing.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { type Ran, run } from "./stampede.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Docker mounts it, so it is inside the checkout, where a remote engine's file sharing has it, too. */
const WORK = join(ROOT, ".build/compose-test");
const REPLICAS = 5;

let project = "";
let metricsPort = 0;
let ledgerPort = 0;

/** `docker compose` with the shipped file, `files` on top of it, knobs of its own, and a project of the test's own. */
function compose(
  args: readonly string[],
  files: readonly string[] = [],
  knobs: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const flags = ["docker-compose.yml", ...files].flatMap((file) => ["--file", join(ROOT, file)]);
  return run("docker", ["compose", "--project-name", project, ...flags, ...args], {
    RATE: "5000",
    DURATION: "10s",
    GENERATOR_CONFIG: join(WORK, "generator.yaml"),
    // One of its own: the default ones may be in use by somebody's fleet.
    COLLECTOR_METRICS_PORTS: `${metricsPort}`,
    LEDGER_PORT: `${ledgerPort}`,
    ...knobs,
  });
}

beforeAll(async () => {
  const engine = await run(join(ROOT, "scripts/get-engine"), []);
  if (engine.exitCode !== 0) throw new Error(`scripts/get-engine failed:\n${engine.stderr}`);
  mkdirSync(WORK, { recursive: true });
  writeFileSync(join(WORK, "generator.yaml"), GENERATOR);
  project = "stampede-build";
  const built = await compose(["build"]);
  if (built.exitCode !== 0) throw new Error(`building the image failed:\n${built.stdout}${built.stderr}`);
});

beforeEach(async () => {
  [metricsPort, ledgerPort] = (await freePorts(2)) as [number, number];
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.error((await compose(["logs", "--tail=40"])).stdout);
  // An endpoint that a dead container left behind makes the first try fail now and then.
  for (let tries = 0; tries < 3; tries++) {
    // Without its profile, what a profile started would stay.
    const down = await compose(["--profile=*", "down", "--volumes", "--remove-orphans", "--timeout=5"]);
    if (down.exitCode === 0) return;
    await sleep(2000);
  }
});

const GENERATOR = `
traces: {count: 200, spans: {high_span_traces: {enabled: false}}}
metrics: {metric_count: 20, timeseries_per_metric: {min: 5, max: 10, default: 7}, types: [host_metrics]}
logs: {count: 1000}
`;

test("five replicas and a collector agree, and the ledger ends with 0", async () => {
  project = `stampede-test-${process.pid}`;
  const up = await compose(["up", "--detach", `--scale=replayer=${REPLICAS}`]);
  expect(up.exitCode, up.stderr).toBe(0);
  const metrics = await compose(["port", "collector", "8888"]);
  expect(metrics.stdout).toBe(`127.0.0.1:${metricsPort}\n`);
  const page = await fetch(`http://${metrics.stdout.trim()}/metrics`);
  expect(await page.text()).toContain("otelcol_process_uptime");

  const waited = await compose(["wait", "ledger"]);
  const table = (await compose(["logs", "--no-log-prefix", "ledger"])).stdout;
  expect(waited.exitCode, table).toBe(0);
  expect(table).toContain(`${REPLICAS} replicas: ${REPLICAS} ended\n`);
  expect(table).toContain("balanced: every event is accounted for");
  // 5,000 a second for 10 s, of the whole fleet: each of the five took its share, not all of it.
  const sent = numbersOf(table, "sent").at(-1)!;
  expect(sent).toBeGreaterThan(40_000);
  expect(sent).toBeLessThan(60_000);

  // The same containers again: what the collector counted in the first run is not this run's.
  expect((await compose(["up", "--detach", `--scale=replayer=${REPLICAS}`])).exitCode).toBe(0);
  expect((await compose(["wait", "ledger"])).exitCode).toBe(0);
});

test("in the profile observe, Prometheus finds every replica and collector by DNS, as they come and go", async () => {
  project = `stampede-test-observe-${process.pid}`;
  const [port] = await freePorts(1);
  console.info(
    "Grafana is not started: no registry here has its image. Checked: what it mounts, and test/prometheus/",
  );
  const services = ["prometheus", "collector", "replayer"];
  const knobs = {
    PROMETHEUS_PORT: `${port}`,
    // Nobody asks these from outside.
    COLLECTOR_METRICS_PORTS: "0",
    DURATION: "0",
    RATE: "300",
  };
  const withGrafana = await compose(["--profile=observe", "config", "--format=json"], [], knobs);
  for (const { source } of JSON.parse(withGrafana.stdout).services.grafana.volumes)
    expect(readdirSync(source), source).not.toEqual([]);
  const start = async (replayers: number, ...how: string[]) => {
    const numbers = [`--scale=replayer=${replayers}`, "--scale=collector=2"];
    const up = await compose(["up", "--detach", ...how, ...numbers, ...services], [], knobs);
    expect(up.exitCode, up.stderr).toBe(0);
  };
  const ask = async (query: string): Promise<number> => {
    const path = `/api/v1/query?${new URLSearchParams({ query })}`;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  };
  const patience = { timeout: 90_000, interval: 1000 };
  const found = (job: string) => ask(`count(up{job="${job}"} == 1)`).catch(String);
  const asked = () => ask("sum(stampede_target_items_per_second)");
  for (const replayers of [3, 5, 2]) {
    // What runs once is not run again for a change of scale.
    await start(replayers, ...(replayers === 3 ? [] : ["--no-deps", "--no-recreate"]));
    await expect.poll(() => found("replicas"), patience).toBe(replayers);
    await expect.poll(() => found("collectors"), patience).toBe(2);
    await expect.poll(() => found("ledger"), patience).toBe(1);
    // What the replicas are asked for together is what RATE says, whoever has which share of it.
    await expect.poll(asked, patience).toBeCloseTo(300, 3);
  }
});

test("with COMPRESSION=zstd the generator compiles what all replicas send", async () => {
  project = `stampede-test-zstd-${process.pid}`;
  const knobs = { COMPRESSION: "zstd" };
  const up = await compose(["up", "--detach", "--scale=replayer=2"], [], knobs);
  expect(up.exitCode, up.stderr).toBe(0);
  const waited = await compose(["wait", "ledger"], [], knobs);
  const logs = async (service: string) =>
    (await compose(["logs", "--no-log-prefix", service], [], knobs)).stdout;
  expect(waited.exitCode, await logs("ledger")).toBe(0);
  expect(await logs("generator")).toMatch(/\nlogs: \d+ requests?, .*\n {2}zstd, effort fast: /);
  // Each replica says it of each signal.
  expect((await logs("replayer")).split(": compiled batches, zstd, effort fast: ")).toHaveLength(2 * 3 + 1);
});

test("when more arrives than the replicas sent, the ledger ends with 1 and says so", async () => {
  project = `stampede-test-wrong-${process.pid}`;
  const files = ["test/compose-intruder.yml"];
  const up = await compose(["up", "--detach", "--scale=replayer=2"], files);
  expect(up.exitCode, up.stderr).toBe(0);
  const waited = await compose(["wait", "ledger"], files);
  const table = (await compose(["logs", "--no-log-prefix", "ledger"], files)).stdout;
  expect(waited.exitCode, table).toBe(1);
  expect(table).toMatch(/NOT BALANCED: \w+: the collectors took \d+ [\w ]+ more/);
});

test("a backend that lacks its key, or that nobody knows, starts no collector and says why", async () => {
  project = `stampede-test-backend-${process.pid}`;
  for (const [backend, says] of [
    ["honeycomb", "honeycomb needs HONEYCOMB_API_KEY (an ingest key), which is not set"],
    ["jeager", "no backend is named 'jeager'; did you mean 'jaeger'?"],
  ] as const) {
    const knobs = { BACKEND: backend };
    const up = await compose(["up", "--detach", "replayer"], [], knobs);
    expect(up.exitCode).not.toBe(0);
    const log = await compose(["logs", "--no-log-prefix", "backend"], [], knobs);
    expect(log.stdout + log.stderr).toContain(says);
    expect((await compose(["ps", "--quiet", "collector"], [], knobs)).stdout).toBe("");
  }
});

test("two backends at once both get everything that was accepted", async () => {
  project = `stampede-test-fan-out-${process.pid}`;
  const knobs = { BACKEND: "sink,file", COMPOSE_PROFILES: "sink", DURATION: "5s" };
  const up = await compose(["up", "--detach", "--scale=replayer=2"], [], knobs);
  expect(up.exitCode, up.stderr).toBe(0);
  const waited = await compose(["wait", "ledger"], [], knobs);
  const table = (await compose(["logs", "--no-log-prefix", "ledger"], [], knobs)).stdout;
  expect(waited.exitCode, table).toBe(0);
  expect(table).toContain("balanced: every event is accounted for");
  for (const exporter of ["otlp_grpc/sink", "file/traces", "file/metrics", "file/logs"])
    expect(table).toContain(exporter);
});

/** Numbers of the first row of the table that begins with `label`. */
function numbersOf(table: string, label: string): number[] {
  const row = table.split("\n").find((line) => line.trim().startsWith(`${label} `)) ?? "";
  return (row.match(/[\d,]+/g) ?? []).map((number) => Number(number.replaceAll(",", "")));
}
