/**
 * What users see with `docker compose --profile observe up`, without the containers: a real Prometheus scrapes real replicas, a real
 * Collector and a ledger, and every query of the dashboards has an answer. Grafana itself is not here; what its provisioning reads is checked for form.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type LedgerService, startLedger } from "../../fleet/ledger/service.ts";
import { parseSources } from "../../fleet/ledger/watch/collector-watch.ts";
import { parseFaults } from "../../sink/faults.ts";
import { type Sink, startSink } from "../../sink/sink.ts";
import { type Collector, startCollector } from "../collector.ts";
import { startStampede } from "../stampede.ts";
import { generateTemplates } from "../templates.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OBSERVE = join(ROOT, "deploy/observe");
const PATIENCE = { timeout: 60_000, interval: 500 };

interface Panel {
  id: number;
  title: string;
  type: string;
  datasource: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string; datasource: { uid: string } }[];
}

interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  templating: { list: { name: string; query: { query: string } }[] };
  panels: Panel[];
}

const dashboards = readdirSync(join(OBSERVE, "grafana/dashboards")).map(
  (name): Dashboard => JSON.parse(readFileSync(join(OBSERVE, "grafana/dashboards", name), "utf8")),
);

describe.each(dashboards)("$title", ({ panels, uid, schemaVersion }) => {
  test("has what provisioning needs", () => {
    expect(uid).toMatch(/^[a-z-]{1,40}$/);
    expect(schemaVersion).toBeGreaterThanOrEqual(39);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const { datasources } = yaml("deploy/observe/grafana/provisioning/datasources/prometheus.yaml");
    for (const { datasource, targets } of panels) {
      expect(datasource).toEqual({ type: "prometheus", uid: datasources[0].uid });
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      for (const target of targets) expect(target.datasource.uid).toBe(datasources[0].uid);
    }
  });

  test("has no panel on top of another, and none beside the grid", () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let row = y; row < y + h; row++) {
          expect(taken.has(`${column},${row}`), title).toBe(false);
          taken.add(`${column},${row}`);
        }
      }
    }
  });
});

test("compose mounts what the provisioning files name, and publishes on loopback only", () => {
  const { services } = yaml("docker-compose.yml");
  const { providers } = yaml("deploy/observe/grafana/provisioning/dashboards/stampede.yaml");
  const mounts: string[] = services.grafana.volumes;
  expect(mounts).toContain(`./deploy/observe/grafana/dashboards:${providers[0].options.path}:ro`);
  const home = services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
  expect(home).toBe(`${providers[0].options.path}/replicas.json`);
  for (const { profiles, ports, image } of [services.prometheus, services.grafana]) {
    expect(profiles).toEqual(["observe"]);
    expect(ports.every((port: string) => port.startsWith("127.0.0.1:"))).toBe(true);
    expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  }
});

test("Prometheus asks where compose's replicas, collectors and ledger answer", () => {
  const { services } = yaml("docker-compose.yml");
  const { scrape_configs } = yaml("deploy/observe/prometheus.yml");
  const found = scrape_configs
    .flatMap((config: Yaml) => config.dns_sd_configs)
    .map(({ names, port }: Yaml) => [names, port]);
  expect(found).toEqual([
    [["replayer"], 9464],
    [["collector"], 8888],
    [["ledger"], 4330],
  ]);
  expect(services.replayer.command).toContain("--metrics-listen=0.0.0.0:9464");
  expect(services.ledger.command).toContain("--listen=0.0.0.0:4330");
});

describe("on a run", () => {
  let directory = "";
  let collector: Collector;
  let behind: Sink;
  let bad: Sink;
  let ledger: LedgerService;
  let prometheus: Prometheus;
  const replicas: Replica[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "stampede-observe-"));
    const input = await generateTemplates(directory);
    behind = await startSink({
      grpc: "127.0.0.1:0",
      http: false,
      verify: false,
      faults: parseFaults("invalid=0.2"),
    });
    bad = await startSink({
      grpc: "127.0.0.1:0",
      http: false,
      verify: false,
      faults: parseFaults("unavailable=0.2,partial=0.2"),
    });
    collector = await startCollector("sink", { COLLECTOR_SINK_ENDPOINT: behind.grpcAddress! });
    const { grpc, http } = collector;
    const metrics = `127.0.0.1:${collector.ports.metrics}`;
    const sources = { collectors: parseSources(`http://${metrics}`, "/metrics"), sinks: [] };
    ledger = await startLedger({
      ...{ release: "0", listen: "127.0.0.1:0", settleMs: 100, onNote: () => {} },
      ...sources,
    });
    const told = `--ledger=http://${ledger.address}`;
    replicas.push(
      await startReplica(["--input", input, "--endpoint", grpc, told]),
      await startReplica([
        ...["--input", input, "--endpoint", http, told],
        ...["--protocol", "http/protobuf", "--processes", "2"],
      ]),
      await startReplica(["--input", input, "--endpoint", `http://${bad.grpcAddress}`]),
    );
    prometheus = await startPrometheus(
      scraping({
        replicas: replicas.map(({ address }) => address),
        collectors: [metrics],
        ledger: [ledger.address],
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await prometheus?.dispose();
    await ledger?.close();
    await collector?.dispose();
    await behind?.close();
    await bad?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test("all targets answer", async () => {
    const up = async () => (await prometheus.query("up")).map(({ labels, value }) => [labels.job, value]);
    await expect.poll(up, PATIENCE).toHaveLength(5);
    await expect.poll(async () => (await up()).every(([, value]) => value === 1), PATIENCE).toBe(true);
  });

  test.each(
    dashboards.flatMap(({ title, panels }) =>
      panels.flatMap(({ title: panel, targets }) =>
        targets.map(({ expr, refId }) => ({ name: `${title}, ${panel}, ${refId}`, expr })),
      ),
    ),
  )("$name has an answer", async ({ expr }) => {
    // What never happened has no counter at the Collector, and the dashboards show 0 for it. Sending fails here, queues do not fill.
    const bare = expr.includes("send_failed") ? expr.replace(" or vector(0)", "") : expr;
    const answer = async () => {
      const samples = await prometheus.query(asked(bare));
      return samples.length > 0 && samples.every(({ value }) => Number.isFinite(value));
    };
    await expect.poll(answer, PATIENCE).toBe(true);
  });

  test("what is summed over signals has an answer where some of them are not sent, and is their sum", async () => {
    const sums = dashboards
      .flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))
      .filter((expr) => expr.includes("_spans") && expr.includes("_log_records"));
    expect(sums.length).toBeGreaterThan(0);
    // At one moment, or the parts are not of the same points.
    const at = Date.now() / 1000;
    const ask = async (query: string) => {
      const samples = await prometheus.query(asked(query), at);
      return samples.reduce((total, { value }) => total + value, 0);
    };
    for (const expr of sums) {
      const alone = (signal: string) =>
        expr.replaceAll(/_(spans|metric_points|log_records)/g, (name) => (name === signal ? name : "_none"));
      const parts = await Promise.all(
        ["_spans", "_metric_points", "_log_records"].map((one) => ask(alone(one))),
      );
      for (const part of parts) expect(part, expr).toBeGreaterThan(0);
      expect(await ask(expr)).toBeCloseTo(parts.reduce((total, part) => total + part));
    }
  });

  test.each(dashboards)("the variable of $title lists who there is", async ({ templating }) => {
    for (const { query } of templating.list) {
      const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(query.query)!;
      const samples = await prometheus.query(`count by (${label}) (${metric})`);
      expect(samples.length).toBeGreaterThan(0);
    }
  });

  test("Prometheus knows the types that the replicas declare", async () => {
    const types = Object.entries(await prometheus.types()).filter(([name]) => name.startsWith("stampede_"));
    expect(types.length).toBeGreaterThan(25);
    for (const [name, type] of types) {
      const isHistogram = name === "stampede_request_latency_seconds";
      expect(type, name).toBe(isHistogram ? "histogram" : name.endsWith("_total") ? "counter" : "gauge");
    }
  });

  test("two processes of one replica are one target with their sum", async () => {
    const { address } = replicas[1]!;
    const of = (metric: string, more = "") => prometheus.query(`${metric}{instance="${address}"${more}}`);
    expect(await of("stampede_processes")).toMatchObject([{ value: 2 }]);
    expect(await of("stampede_incarnation_info")).toHaveLength(2);
    expect(await of("stampede_sent_items_total", ', signal="traces"')).toHaveLength(1);
  });

  test("the counters balance at every scrape", async () => {
    const all = "stampede_unsent_items_total + stampede_dropped_items_total + stampede_sent_items_total";
    const off = await prometheus.query(`stampede_intended_items_total - (${all}) != 0`);
    expect(off).toEqual([]);
  });
});

interface Replica {
  /** Of its pages. */
  address: string;
  stop(): Promise<void>;
}

/** Start `stampede replay` and wait until its pages are there. */
async function startReplica(args: readonly string[]): Promise<Replica> {
  const replica = startStampede(["replay", ...args, "--rate=1000", "--metrics-listen=0"]);
  const [, address] = await replica.printed(/metrics on http:\/\/([\d.:]+)\/metrics/);
  return {
    address: address!,
    stop: async () => {
      replica.child.kill("SIGTERM");
      await replica.ended;
    },
  };
}

/** A query of a dashboard as Grafana puts it, for everybody and a scrape a second. */
function asked(expr: string): string {
  return expr.replaceAll("$__rate_interval", "20s").replaceAll(/\$(replica|collector)/g, ".*");
}

/** The shipped configuration, with addresses where it asks DNS, and a scrape a second. */
function scraping(targets: Record<string, string[]>): object {
  const config = yaml("deploy/observe/prometheus.yml");
  return {
    ...config,
    global: { ...config.global, scrape_interval: "1s" },
    scrape_configs: config.scrape_configs.map(({ job_name }: { job_name: string }) => ({
      job_name,
      static_configs: [{ targets: targets[job_name] }],
    })),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes are what the tests are about
type Yaml = any;

function yaml(path: string): Yaml {
  return parse(readFileSync(join(ROOT, path), "utf8"));
}
