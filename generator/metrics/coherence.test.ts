import { beforeAll, describe, expect, it } from "vitest";
import { generatorConfigSchema, METRIC_TYPES } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { CATALOGUE } from "./catalogue/catalogue.ts";
import { type ReadPoint, readPoints } from "./read-points.ts";
import { type MetricsSummary, writeMetrics } from "./write-metrics.ts";

/** Series by metric, then by what names the resource and the point. */
let points: Map<string, ReadPoint[]>;
let summary: MetricsSummary;

beforeAll(async () => {
  const metric_count = Object.values(CATALOGUE).flat().length;
  const config = generatorConfigSchema.parse({
    metrics: {
      metric_count,
      types: METRIC_TYPES,
      timeseries_per_metric: { min: 400, max: 400, default: 400 },
    },
    traces: { services: { count: 8 } },
  });
  const random = new Random(7);
  const all: ReadPoint[] = [];
  const scenario = buildScenario(config, random.fork("scenario"));
  summary = await writeMetrics(config, scenario, random.fork("metrics"), {
    write(message) {
      all.push(...readPoints(message));
      return undefined;
    },
  });
  points = Map.groupBy(all, ({ name }) => name);
});

const numberOf = (point: ReadPoint): number => (point.asInt ?? point.asDouble)!;

/** The points of a metric by what `keys` of resource and point say. */
function seriesOf(name: string, ...keys: string[]): Map<string, ReadPoint[]> {
  return Map.groupBy(points.get(name)!, ({ resource, attributes }) =>
    keys.map((key) => resource[key] ?? attributes[key]).join(" "),
  );
}

/** The sum of a metric by key. */
function sums(name: string, ...keys: string[]): Map<string, number> {
  const entries = [...seriesOf(name, ...keys)].map(
    ([key, list]) => [key, list.reduce((sum, point) => sum + numberOf(point), 0)] as const,
  );
  return new Map(entries);
}

/** Resources that report all of the metrics, with the sum of each. At least `least`, so that something is compared. */
function together(keys: string[], names: string[], least = 10): number[][] {
  const maps = names.map((name) => sums(name, ...keys));
  const shared = [...maps[0]!.keys()].filter((key) => maps.every((map) => map.has(key)));
  expect(shared.length).toBeGreaterThanOrEqual(least);
  return shared.map((key) => maps.map((map) => map.get(key)!));
}

/** Half-width of the band of a gauge. */
const spreadOf = (name: string): number => summary.models[name]!.spread!;

const PAGE = 65_536;

describe("a host", () => {
  it("has memory states that add up to its memory, and shares of it that add up to 1", () => {
    const names = ["system.memory.limit", "system.memory.usage", "system.memory.utilization"];
    // The last host of each may have been cut short.
    for (const [limit, usage, share] of together(["host.name"], names).slice(0, -1)) {
      expect(usage).toBe(limit);
      expect(Math.abs(share! - 1)).toBeLessThan(6 * 2 ** -13);
    }
  });

  it("spends all the time of each core, and its kubelet sees the part that is used", () => {
    const core = sums("system.cpu.time", "host.name", "cpu");
    for (const seconds of core.values()) expect(Math.abs(seconds - 3600)).toBeLessThan(0.1);
    const used = new Map<string, number>();
    for (const { resource, attributes, asDouble } of points.get("system.cpu.time")!) {
      if (attributes.state === "idle" || attributes.state === "wait" || attributes.state === "steal")
        continue;
      const host = `${resource["host.name"]}`;
      used.set(host, (used.get(host) ?? 0) + asDouble!);
    }
    const nodes = sums("k8s.node.cpu.time", "k8s.node.name");
    let compared = 0;
    for (const [host, seconds] of used) {
      const ofNode = nodes.get(host);
      // The last host of the metric may have been cut short.
      if (ofNode === undefined || host === [...used.keys()].at(-1)) continue;
      expect(Math.abs(seconds / ofNode - 1)).toBeLessThan(0.01);
      compared++;
    }
    expect(compared).toBeGreaterThan(1);
  });

  it("has loads near the cores in use, and near each other", () => {
    const names = [1, 5, 15].map((minutes) => `system.cpu.load_average.${minutes}m`);
    for (const [one, five, fifteen] of together(["host.name"], names)) {
      expect(Math.abs(one! / fifteen! - 1)).toBeLessThan(0.15);
      expect(Math.abs(five! / fifteen! - 1)).toBeLessThan(0.1);
      expect(fifteen).toBeLessThan(16);
    }
  });

  it("has packets and operations of a size that there is", () => {
    const network = ["system.network.io", "system.network.packets"];
    for (const [bytes, packets] of together(["host.name", "device", "direction"], network)) {
      expect(bytes! / packets!).toBeGreaterThan(60);
      expect(bytes! / packets!).toBeLessThan(1500);
    }
    const disk = ["system.disk.io", "system.disk.operations", "system.disk.operation_time"];
    for (const [bytes, operations, seconds] of together(["host.name", "device", "direction"], disk)) {
      expect(bytes! / operations!).toBeGreaterThan(512);
      expect(bytes! / operations!).toBeLessThan(1_048_576);
      expect(seconds! / operations!).toBeGreaterThan(0.0001);
      expect(seconds! / operations!).toBeLessThan(0.1);
    }
    for (const seconds of sums("system.disk.io_time", "host.name", "device").values()) {
      expect(seconds).toBeLessThan(3600);
    }
  });

  it("sends as much as its kubelet says", () => {
    const ofHost = sums("system.network.io", "host.name", "device", "direction");
    const ofNode = sums("k8s.node.network.io", "k8s.node.name", "interface", "direction");
    const shared = [...ofHost].filter(([key]) => ofNode.has(key));
    expect(shared.length).toBeGreaterThan(10);
    for (const [key, bytes] of shared) expect(ofNode.get(key)).toBe(bytes);
  });

  it("has files that take what is not free", () => {
    const usage = seriesOf("system.filesystem.usage", "host.name", "mountpoint");
    const shares = sums("system.filesystem.utilization", "host.name", "mountpoint");
    let compared = 0;
    for (const [key, list] of usage) {
      const share = shares.get(key);
      if (list.length < 3 || share === undefined) continue;
      const of = (state: string): number =>
        numberOf(list.find(({ attributes }) => attributes.state === state)!);
      expect(Math.abs(of("used") / (of("used") + of("free")) - share)).toBeLessThan(0.001);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
    const names = [
      "k8s.node.filesystem.capacity",
      "k8s.node.filesystem.usage",
      "k8s.node.filesystem.available",
    ];
    for (const [capacity, used, free] of together(["k8s.node.name"], names)) {
      expect(used! + free!).toBeLessThanOrEqual(capacity!);
      expect(used! + free!).toBeGreaterThan(capacity! * 0.9);
    }
  });

  it("runs programs that fit into its memory", () => {
    const memory = sums("system.memory.limit", "host.name");
    for (const [host, bytes] of sums("process.memory.usage", "host.name")) {
      if (memory.has(host)) expect(bytes).toBeLessThan(memory.get(host)! / 4);
    }
  });
});

describe.each([
  ["container", "k8s.container", ["k8s.pod.uid", "k8s.container.name"]],
  ["k8s.pod", "k8s.pod", ["k8s.pod.uid"]],
  ["k8s.node", undefined, ["k8s.node.name"]],
] as const)("memory of a %s", (kind, utilizations, keys) => {
  it("is resident within the working set, within usage", () => {
    const names = ["rss", "working_set", "usage"].map((part) => `${kind}.memory.${part}`);
    for (const [rss, workingSet, usage] of together([...keys], names)) {
      expect(rss).toBeLessThanOrEqual(workingSet!);
      expect(workingSet).toBeLessThanOrEqual(usage!);
    }
  });

  it("never passes its limit, wherever in its band it is", () => {
    if (!utilizations) return;
    const usage = `${kind}.memory.usage`;
    const parts = [
      usage,
      `${kind}.memory.available`,
      `${kind}.memory.working_set`,
      `${utilizations}.memory_limit_utilization`,
    ];
    for (const [used, available, workingSet, share] of together([...keys], parts)) {
      const limit = available! + workingSet!;
      expect(used! * (1 + spreadOf(usage))).toBeLessThan(limit);
      expect(Math.abs(used! / limit - share!)).toBeLessThan(0.002);
    }
  });

  it("and its CPU time rises as fast as it uses cores", () => {
    for (const [seconds, cores] of together([...keys], [`${kind}.cpu.time`, `${kind}.cpu.usage`])) {
      expect(Math.abs(seconds! / 3600 - cores!)).toBeLessThan(0.005);
    }
  });
});

describe("a container", () => {
  const CONTAINER = ["k8s.pod.uid", "k8s.container.name"];

  it("stays within the limits that the cluster knows", () => {
    const cpu = ["container.cpu.usage", "k8s.container.cpu_limit", "k8s.container.cpu_limit_utilization"];
    for (const [usage, limit, share] of together(CONTAINER, cpu)) {
      expect(usage! * (1 + spreadOf("container.cpu.usage"))).toBeLessThan(limit!);
      expect(Math.abs(usage! / limit! - share!)).toBeLessThan(0.005);
    }
    const memory = [
      "container.memory.working_set",
      "container.memory.available",
      "k8s.container.memory_limit",
    ];
    for (const [workingSet, available, limit] of together(CONTAINER, memory)) {
      expect(Math.abs(workingSet! + available! - limit!)).toBeLessThanOrEqual(PAGE);
    }
    const requests = ["k8s.container.memory_request", "k8s.container.memory_limit"];
    for (const [request, limit] of together(CONTAINER, requests)) expect(request).toBeLessThanOrEqual(limit!);
  });

  it("is part of a pod that uses as much as its containers", () => {
    const pods = sums("k8s.pod.memory.working_set", "k8s.pod.uid");
    const containers = seriesOf("container.memory.working_set", "k8s.pod.uid");
    const last = points.get("container.memory.working_set")!.at(-1)!.resource["k8s.pod.uid"];
    let compared = 0;
    for (const [pod, list] of containers) {
      if (!pods.has(pod) || pod === last) continue;
      const sum = list.reduce((total, point) => total + numberOf(point), 0);
      expect(Math.abs(sum - pods.get(pod)!)).toBeLessThanOrEqual(PAGE * list.length);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

describe("objects of the cluster", () => {
  const pairs: [string, string, string][] = [
    ["k8s.deployment.uid", "k8s.deployment.desired", "k8s.deployment.available"],
    ["k8s.replicaset.uid", "k8s.replicaset.desired", "k8s.replicaset.available"],
    ["k8s.statefulset.uid", "k8s.statefulset.desired_pods", "k8s.statefulset.ready_pods"],
    ["k8s.daemonset.uid", "k8s.daemonset.desired_scheduled_nodes", "k8s.daemonset.ready_nodes"],
    ["k8s.hpa.uid", "k8s.hpa.desired_replicas", "k8s.hpa.current_replicas"],
  ];

  it.each(pairs)("agree by %s on %s and %s", (key, wanted, there) => {
    for (const [desired, available] of together([key], [wanted, there])) expect(available).toBe(desired);
  });

  it("scale between their limits, and use no more than their quota", () => {
    const replicas = ["k8s.hpa.min_replicas", "k8s.hpa.current_replicas", "k8s.hpa.max_replicas"];
    for (const [min, current, max] of together(["k8s.hpa.uid"], replicas)) {
      expect(current).toBeGreaterThanOrEqual(min!);
      expect(current).toBeLessThanOrEqual(max!);
    }
    const quota = ["k8s.resource_quota.used", "k8s.resource_quota.hard_limit"];
    for (const [used, hard] of together(["k8s.resourcequota.uid", "resource"], quota)) {
      expect(used).toBeLessThanOrEqual(hard!);
    }
  });

  it("finish each job or do not", () => {
    const parts = ["active_pods", "successful_pods", "failed_pods"].map((part) => `k8s.job.${part}`);
    for (const [active, successful, failed] of together(["k8s.job.uid"], parts)) {
      expect([active, successful, failed! > 0 ? 1 : 0].filter((each) => each === 1)).toHaveLength(1);
    }
  });
});

describe("a service", () => {
  it("counts the same requests by duration and by size", () => {
    const count = (name: string): Map<string, number> =>
      new Map(
        points
          .get(name)!
          .map(({ resource, attributes, count: requests }) => [
            JSON.stringify([resource["service.instance.id"], attributes]),
            requests,
          ]),
      );
    const sizes = count("http.server.response.body.size");
    const shared = [...count("http.server.request.duration")].filter(([key]) => sizes.has(key));
    expect(shared.length).toBeGreaterThan(20);
    // Each bucket is rounded, so a point may differ by one for every bucket in use.
    for (const [key, requests] of shared)
      expect(Math.abs(requests - sizes.get(key)!)).toBeLessThanOrEqual(12);
  });

  it("has failures as rarely as its spans", () => {
    let all = 0;
    let failed = 0;
    for (const { attributes, count } of points.get("http.server.request.duration")!) {
      all += count;
      if (Number(attributes["http.response.status_code"]) >= 500) failed += count;
    }
    expect(failed / all).toBeGreaterThan(0.003);
    expect(failed / all).toBeLessThan(0.03);
  });

  it("tells errors of answers by their code, as the conventions have it", () => {
    for (const { attributes } of points.get("http.server.request.duration")!) {
      const code = attributes["http.response.status_code"];
      expect(attributes["error.type"]).toBe(Number(code) >= 500 ? `${code}` : undefined);
    }
    for (const { attributes } of points.get("rpc.client.call.duration")!) {
      const status = attributes["rpc.response.status_code"];
      expect(attributes["error.type"]).toBe(status === "OK" ? undefined : status);
    }
  });
});
