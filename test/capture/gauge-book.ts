/**
 * Gauges of one thing that say something of each other: a usage its limit, parts their whole, a ratio its terms.
 *
 * Stamping moves each value around its own middle, by up to a tenth, and independently of the others. So sums of parts agree with
 * their whole within 15 %, and ratios with their terms within 30 %; a limit does not move, and is not passed at all.
 */
import { within } from "./map-within.ts";
import type { Violations } from "./violations.ts";

/** Which resource and point attributes make one thing. */
const THINGS = {
  container: ["k8s.pod.name", "k8s.container.name"],
  pod: ["k8s.pod.name"],
  node: ["k8s.node.name"],
  volume: ["k8s.pod.name", "k8s.volume.name"],
  host: ["host.name"],
  /** A node of the cluster is a host of that name. */
  machine: ["k8s.node.name|host.name"],
  process: ["host.name", "process.pid"],
  cpu: ["host.name", "cpu"],
  mount: ["host.name", "mountpoint"],
  swap: ["host.name", "device"],
  deployment: ["k8s.namespace.name", "k8s.deployment.name"],
  replicaset: ["k8s.namespace.name", "k8s.replicaset.name"],
  statefulset: ["k8s.namespace.name", "k8s.statefulset.name"],
  daemonset: ["k8s.namespace.name", "k8s.daemonset.name"],
  autoscaler: ["k8s.namespace.name", "k8s.hpa.name"],
  quota: ["k8s.namespace.name", "k8s.resourcequota.name", "resource"],
  pool: ["service.instance.id", "db.client.connection.pool.name"],
} as const;

type Thing = keyof typeof THINGS;

/** `metric` or `metric{state}`: one state of it. Without braces, the states are added up. */
type Rule =
  | { of: Thing; atMost: readonly [string, string] }
  | { of: Thing; sum: readonly string[]; is: string }
  | { of: Thing; sum: readonly string[]; isNumber: number }
  | { of: Thing; ratio: string; over: readonly [string, string] };

const RULES: readonly Rule[] = [
  ...["container", "k8s.pod", "k8s.node"].flatMap((prefix): Rule[] => {
    const of = prefix === "container" ? "container" : prefix === "k8s.pod" ? "pod" : "node";
    return [
      { of, atMost: [`${prefix}.memory.working_set`, `${prefix}.memory.usage`] },
      { of, atMost: [`${prefix}.memory.rss`, `${prefix}.memory.working_set`] },
      { of, atMost: [`${prefix}.filesystem.usage`, `${prefix}.filesystem.capacity`] },
      { of, atMost: [`${prefix}.filesystem.available`, `${prefix}.filesystem.capacity`] },
    ];
  }),
  { of: "container", atMost: ["container.memory.usage", "k8s.container.memory_limit"] },
  { of: "container", atMost: ["container.cpu.usage", "k8s.container.cpu_limit"] },
  { of: "container", atMost: ["k8s.container.memory_request", "k8s.container.memory_limit"] },
  { of: "container", atMost: ["k8s.container.cpu_request", "k8s.container.cpu_limit"] },
  {
    of: "container",
    ratio: "k8s.container.cpu_limit_utilization",
    over: ["container.cpu.usage", "k8s.container.cpu_limit"],
  },
  {
    of: "container",
    ratio: "k8s.container.cpu_request_utilization",
    over: ["container.cpu.usage", "k8s.container.cpu_request"],
  },
  {
    of: "container",
    ratio: "k8s.container.memory_limit_utilization",
    over: ["container.memory.usage", "k8s.container.memory_limit"],
  },
  {
    of: "container",
    ratio: "k8s.container.memory_request_utilization",
    over: ["container.memory.usage", "k8s.container.memory_request"],
  },
  { of: "node", atMost: ["k8s.node.memory.usage", "k8s.node.allocatable_memory"] },
  { of: "node", atMost: ["k8s.node.cpu.usage", "k8s.node.allocatable_cpu"] },
  { of: "node", atMost: ["k8s.node.pid.usage", "k8s.node.pid.limit"] },
  { of: "node", atMost: ["k8s.node.filesystem.inode.free", "k8s.node.filesystem.inode.count"] },
  {
    of: "node",
    sum: ["k8s.node.filesystem.usage", "k8s.node.filesystem.available"],
    is: "k8s.node.filesystem.capacity",
  },
  { of: "volume", atMost: ["k8s.volume.available", "k8s.volume.capacity"] },
  { of: "volume", sum: ["k8s.volume.inodes.used", "k8s.volume.inodes.free"], is: "k8s.volume.inodes" },
  { of: "deployment", atMost: ["k8s.deployment.available", "k8s.deployment.desired"] },
  { of: "replicaset", atMost: ["k8s.replicaset.available", "k8s.replicaset.desired"] },
  { of: "statefulset", atMost: ["k8s.statefulset.ready_pods", "k8s.statefulset.desired_pods"] },
  { of: "daemonset", atMost: ["k8s.daemonset.ready_nodes", "k8s.daemonset.desired_scheduled_nodes"] },
  { of: "autoscaler", atMost: ["k8s.hpa.current_replicas", "k8s.hpa.max_replicas"] },
  { of: "autoscaler", atMost: ["k8s.hpa.desired_replicas", "k8s.hpa.max_replicas"] },
  { of: "autoscaler", atMost: ["k8s.hpa.min_replicas", "k8s.hpa.desired_replicas"] },
  { of: "quota", atMost: ["k8s.resource_quota.used", "k8s.resource_quota.hard_limit"] },
  { of: "pool", atMost: ["db.client.connection.count", "db.client.connection.max"] },
  { of: "host", sum: ["system.memory.usage"], is: "system.memory.limit" },
  { of: "host", sum: ["system.memory.utilization"], isNumber: 1 },
  { of: "cpu", sum: ["system.cpu.utilization"], isNumber: 1 },
  { of: "host", atMost: ["system.linux.memory.available", "system.memory.usage"] },
  { of: "host", atMost: ["system.linux.memory.dirty", "system.memory.usage{cached}"] },
  { of: "host", atMost: ["system.network.conntrack.count", "system.network.conntrack.max"] },
  { of: "host", atMost: ["system.cpu.physical.count", "system.cpu.logical.count"] },
  {
    of: "host",
    ratio: "system.memory.utilization{used}",
    over: ["system.memory.usage{used}", "system.memory.usage"],
  },
  {
    of: "mount",
    ratio: "system.filesystem.utilization",
    over: ["system.filesystem.usage{used}", "system.filesystem.usage"],
  },
  { of: "machine", atMost: ["k8s.node.cpu.usage", "system.cpu.logical.count"] },
  { of: "machine", atMost: ["k8s.node.allocatable_cpu", "system.cpu.logical.count"] },
  { of: "machine", atMost: ["k8s.node.memory.usage", "system.memory.limit"] },
  { of: "machine", atMost: ["k8s.node.allocatable_memory", "system.memory.limit"] },
  { of: "process", atMost: ["process.memory.usage", "process.memory.virtual"] },
];

const SUM_TOLERANCE = 0.15;
const RATIO_TOLERANCE = 0.3;
/** Below this, a ratio is a matter of rounding. */
const SMALL_RATIO = 0.02;

interface Seen {
  min: number;
  max: number;
  total: number;
  points: number;
}

/** Where values are kept: per metric of a rule, under the thing of that rule. */
export class GaugeBook {
  readonly #violations: Violations;
  /** Thing and its name, then metric, then state: what was seen. */
  readonly #pages = new Map<string, Map<string, Map<string, Seen>>>();
  readonly #mostStates = new Map<string, number>();
  readonly #things = new Map<string, Set<Thing>>();
  /** Largest process and the memory of each host. */
  readonly #hosts = new Map<string, { memory: number; process: number }>();

  constructor(violations: Violations) {
    this.#violations = violations;
    for (const rule of RULES) {
      for (const term of termsOf(rule)) {
        const metric = metricOf(term);
        const things = this.#things.get(metric) ?? new Set();
        this.#things.set(metric, things.add(rule.of));
      }
    }
  }

  note(
    metric: string,
    value: number,
    resource: ReadonlyMap<string, string>,
    attributes: ReadonlyMap<string, string>,
  ): void {
    for (const thing of this.#things.get(metric) ?? []) {
      const name = THINGS[thing].map((keys) => namedBy(keys, attributes, resource));
      if (name.includes(undefined)) continue;
      const page = within(
        this.#pages,
        `${thing} ${name.join(" ")}`,
        () => new Map<string, Map<string, Seen>>(),
      );
      const states = within(page, metric, () => new Map<string, Seen>());
      // What is not part of the thing's name tells its parts.
      const parts = [...attributes].filter(
        ([key]) => !(THINGS[thing] as readonly string[]).includes(key) && !IDLE_KEYS.has(key),
      );
      const state = parts.map(([, text]) => text).join(" ");
      const seen = within(states, state, () => ({ min: value, max: value, total: 0, points: 0 }));
      seen.min = Math.min(seen.min, value);
      seen.max = Math.max(seen.max, value);
      seen.total += value;
      seen.points++;
    }
    this.#noteProcess(metric, value, resource);
  }

  /** Check all rules; returns how often each could be. */
  compare(): Record<string, number> {
    const made: Record<string, number> = {};
    for (const rule of RULES) {
      const text = textOf(rule);
      for (const [name, page] of this.#pages) {
        if (!name.startsWith(`${rule.of} `)) continue;
        const isWhole = termsOf(rule).every((term) => this.#hasAllStates(rule.of, page, metricOf(term)));
        const fault = isWhole ? faultOf(rule, page) : undefined;
        if (fault === undefined) continue;
        made[text] = (made[text] ?? 0) + 1;
        if (fault !== "")
          this.#violations.add(`numbers of one ${rule.of} disagree: ${text}`, () => `${name}: ${fault}`);
      }
    }
    for (const [host, { memory, process }] of this.#hosts) {
      if (memory === 0 || process === 0) continue;
      made["a process's memory is below its host's"] =
        (made["a process's memory is below its host's"] ?? 0) + 1;
      if (process > memory) {
        this.#violations.add(
          "a process has more memory than its host",
          () => `${host}: ${process} of ${memory}`,
        );
      }
    }
    return made;
  }

  /** Where the number of series is bounded, the last thing may have only some of its states: its sum says nothing. */
  #hasAllStates(thing: Thing, page: ReadonlyMap<string, ReadonlyMap<string, Seen>>, metric: string): boolean {
    const states = page.get(metric)?.size ?? 0;
    const key = `${thing} ${metric}`;
    let most = this.#mostStates.get(key);
    if (most === undefined) {
      most = 0;
      for (const [name, other] of this.#pages) {
        if (name.startsWith(`${thing} `)) most = Math.max(most, other.get(metric)?.size ?? 0);
      }
      this.#mostStates.set(key, most);
    }
    return states === most;
  }

  #noteProcess(metric: string, value: number, resource: ReadonlyMap<string, string>): void {
    const name = resource.get("host.name");
    if (name === undefined || (metric !== "process.memory.usage" && metric !== "system.memory.limit")) return;
    const host = within(this.#hosts, name, () => ({ memory: 0, process: 0 }));
    if (metric === "system.memory.limit") host.memory = Math.max(host.memory, value);
    else host.process = Math.max(host.process, value);
  }
}

/** Of the first of some keys, divided by bars, that is there. */
function namedBy(
  keys: string,
  attributes: ReadonlyMap<string, string>,
  resource: ReadonlyMap<string, string>,
): string | undefined {
  for (const key of keys.split("|")) {
    const value = attributes.get(key) ?? resource.get(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** They come with a mount and do not divide it. */
const IDLE_KEYS = new Set(["device", "mode", "type"]);

/** Without the state. */
function metricOf(term: string): string {
  return term.replace(/\{.*/, "");
}

function termsOf(rule: Rule): readonly string[] {
  if ("atMost" in rule) return rule.atMost;
  if ("ratio" in rule) return [rule.ratio, ...rule.over];
  return "is" in rule ? [...rule.sum, rule.is] : rule.sum;
}

function textOf(rule: Rule): string {
  if ("atMost" in rule) return `${rule.atMost[0]} <= ${rule.atMost[1]}`;
  if ("ratio" in rule) return `${rule.ratio} = ${rule.over[0]} / ${rule.over[1]}`;
  return `${rule.sum.join(" + ")} = ${"is" in rule ? rule.is : rule.isNumber}`;
}

/** What is wrong; "" when nothing is; undefined when a term was not measured. */
function faultOf(rule: Rule, page: ReadonlyMap<string, ReadonlyMap<string, Seen>>): string | undefined {
  const values = termsOf(rule).map((term) => seenOf(page, term));
  if (values.includes(undefined)) return undefined;
  const [first, ...rest] = values as Seen[];
  if ("atMost" in rule) {
    const limit = rest[0]!.max;
    return first!.max <= limit ? "" : `${first!.max} above ${limit}`;
  }
  if ("ratio" in rule) {
    const expected = mean(rest[0]!) / mean(rest[1]!);
    const found = mean(first!);
    const slack = RATIO_TOLERANCE * Math.max(expected, found) + SMALL_RATIO;
    return Math.abs(found - expected) <= slack ? "" : `${found}, not ${expected}`;
  }
  const parts = "is" in rule ? values.slice(0, -1) : values;
  const sum = (parts as Seen[]).reduce((all, one) => all + mean(one), 0);
  const whole = "is" in rule ? mean(values.at(-1)!) : rule.isNumber;
  return Math.abs(sum - whole) <= SUM_TOLERANCE * whole ? "" : `${sum}, not ${whole}`;
}

/** Of one state, or of all added up. */
function seenOf(page: ReadonlyMap<string, ReadonlyMap<string, Seen>>, term: string): Seen | undefined {
  const [metric = "", state] = term.split(/[{}]/);
  const states = page.get(metric);
  if (!states) return undefined;
  if (state !== undefined) return states.get(state);
  const sum = { min: 0, max: 0, total: 0, points: 1 };
  for (const seen of states.values()) {
    sum.min += seen.min;
    sum.max += seen.max;
    sum.total += mean(seen);
  }
  return sum;
}

function mean({ total, points }: Seen): number {
  return total / points;
}
