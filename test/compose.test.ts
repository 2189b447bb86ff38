/**
 * The compose file as users run it, on a real Docker engine: what its knobs do, and a ledger whose exit code says whether all sums agree.
 * Forty replicas are in fleet-on-engine.test.ts. scripts/get-engine brings what is missing.
 */
import { readdirSync } from "node:fs";
import { afterEach, beforeAll, expect, test } from "vitest";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import { buildImage, openProject, type Project } from "./compose.ts";

const KNOBS = { RATE: "5000", DURATION: "10s" };

let project: Project | undefined;

beforeAll(buildImage);

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.error(await project?.logs("--tail=40"));
  await project?.down();
});

test("two backends at once both get everything, of what the generator compiled for all replicas", async () => {
  const knobs = { ...KNOBS, BACKEND: "sink,file", COMPOSE_PROFILES: "sink", COMPRESSION: "zstd" };
  project = await openProject("fan-out", knobs);
  await project.up({ replayer: 2 });
  const { stdout } = await project.compose("port", "collector", "8888");
  const page = await fetch(`http://${stdout.trim()}/metrics`);
  expect(await page.text()).toContain("otelcol_process_uptime");

  const { exitCode, table } = await project.ledgerEnd();
  expect(exitCode, table).toBe(0);
  expect(table).toContain("2 replicas: 2 ended\n");
  expect(table).toContain("balanced: every event is accounted for");
  for (const exporter of ["otlp_grpc/sink", "file/traces", "file/metrics", "file/logs"])
    expect(table).toContain(exporter);
  expect(await project.logs("generator")).toMatch(/\nlogs: \d+ requests?, .*\n {2}zstd, effort fast: /);
  // Each replica says it of each signal.
  const said = (await project.logs("replayer")).split(": compiled batches, zstd, effort fast: ");
  expect(said).toHaveLength(2 * 3 + 1);
});

test("in the profile observe, Prometheus finds every replica and collector by DNS, as they come and go", async () => {
  const [port] = await freePorts(1);
  console.info(
    "Grafana is not started: no registry here has its image. Checked: what it mounts, and test/prometheus/",
  );
  project = await openProject("observe", { PROMETHEUS_PORT: `${port}`, DURATION: "0", RATE: "300" });
  const withGrafana = await project.compose("--profile=observe", "config", "--format=json");
  for (const { source } of JSON.parse(withGrafana.stdout).services.grafana.volumes)
    expect(readdirSync(source), source).not.toEqual([]);
  const ask = async (query: string): Promise<number> => {
    const path = `/api/v1/query?${new URLSearchParams({ query })}`;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  };
  const patience = { timeout: 90_000, interval: 1000 };
  const found = (job: string) => ask(`count(up{job="${job}"} == 1)`).catch(String);
  const asked = () => ask("sum(stampede_target_items_per_second)");
  for (const replayer of [3, 5, 2]) {
    // What runs once is not run again for a change of scale.
    const how = replayer === 3 ? [] : ["--no-deps", "--no-recreate"];
    await project.up({ replayer, collector: 2 }, ...how, "prometheus", "collector", "replayer");
    await expect.poll(() => found("replicas"), patience).toBe(replayer);
    await expect.poll(() => found("collectors"), patience).toBe(2);
    await expect.poll(() => found("ledger"), patience).toBe(1);
    // What the replicas are asked for together is what RATE says, whoever has which share of it.
    await expect.poll(asked, patience).toBeCloseTo(300, 3);
  }
});

test("when more arrives than the replicas sent, the ledger ends with 1 and says so", async () => {
  project = await openProject("wrong", KNOBS, ["test/compose-intruder.yml"]);
  await project.up({ replayer: 2 });
  const { exitCode, table } = await project.ledgerEnd();
  expect(exitCode, table).toBe(1);
  expect(table).toMatch(/NOT BALANCED: \w+: the collectors took \d+ [\w ]+ more/);
});

test("a backend that lacks its key, or that nobody knows, starts no collector and says why", async () => {
  const knobs = { ...KNOBS, BACKEND: "" };
  project = await openProject("backend", knobs);
  for (const [backend, says] of [
    ["honeycomb", "honeycomb needs HONEYCOMB_API_KEY (an ingest key), which is not set"],
    ["jeager", "no backend is named 'jeager'; did you mean 'jaeger'?"],
  ] as const) {
    knobs.BACKEND = backend;
    const up = await project.compose("up", "--detach", "replayer");
    expect(up.exitCode).not.toBe(0);
    const log = await project.compose("logs", "--no-log-prefix", "backend");
    expect(log.stdout + log.stderr).toContain(says);
    expect((await project.compose("ps", "--quiet", "collector")).stdout).toBe("");
  }
});
