/**
 * The Collector as an image, as compose and Kubernetes run it, with ports that the engine maps: replay into it over both
 * protocols, and its self-metrics agree with the report. scripts/get-engine brings engine and image where they are missing.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scrapeSelfMetrics } from "../fleet/ledger/watch/self-metrics.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { bring } from "./bring.ts";
import { receivedItems } from "./collector.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PORTS = { grpc: 4317, "http/protobuf": 4318, metrics: 8888, health: 13133 } as const;
const EVENTS = 20_000;

let directory = "";
let templates = "";
let container: StartedTestContainer | undefined;

beforeAll(async () => {
  await bring("engine");
  directory = mkdtempSync(join(tmpdir(), "stampede-containers-"));
  templates = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(["grpc", "http/protobuf"] as const)("the Collector's image, over %s", (protocol) => {
  beforeAll(async () => {
    container = await startCollectorContainer();
  });
  afterAll(async () => {
    await container?.stop({ remove: true });
    container = undefined;
  });

  test("what it says it received is what the report says was accepted", async () => {
    const file = join(directory, `${protocol.replace("/", "-")}.json`);
    const flags = {
      endpoint: `http://127.0.0.1:${container!.getMappedPort(PORTS[protocol])}`,
      protocol,
      input: templates,
      rate: 10_000,
      count: EVENTS,
      report: file,
    };
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    const { exitCode, stderr } = await stampede("replay", ...args);
    expect(exitCode, stderr).toBe(0);

    const report: Report = JSON.parse(readFileSync(file, "utf8"));
    const page = `http://127.0.0.1:${container!.getMappedPort(PORTS.metrics)}/metrics`;
    const selfMetrics = await scrapeSelfMetrics(page);
    const accepted = SIGNALS.map((signal) => report.signals[signal]!.accepted);
    expect(accepted.reduce((sum, items) => sum + items, 0)).toBe(EVENTS);
    expect(SIGNALS.map((signal) => receivedItems(selfMetrics, signal))).toEqual(accepted);
  });
});

/** The image that docker-compose.yml names, with its configuration, healthy and with nothing received yet. */
async function startCollectorContainer(): Promise<StartedTestContainer> {
  // Its reaper is one more image to pull; the test removes its container itself. Read when the module is loaded.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  const { GenericContainer, Wait } = await import("testcontainers");
  const compose = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
  const image = /image: (otel\/\S+)/.exec(compose)![1]!;
  return new GenericContainer(image)
    .withCopyDirectoriesToContainer([{ source: join(ROOT, "collector-config"), target: "/collector-config" }])
    .withCommand(["--config=/collector-config/base.yaml", "--config=/collector-config/backends/nop.yaml"])
    .withEnvironment({ COLLECTOR_HOST: "0.0.0.0" })
    .withExposedPorts(...Object.values(PORTS))
    .withWaitStrategy(Wait.forHttp("/", PORTS.health))
    .start();
}
