/**
 * Metrics beyond the catalogue: names made of who measures, what is measured and how, as many as are asked for.
 *
 * Of application and pod metrics the first part is a service, which alone reports them.
 */
import type { MetricType } from "../config.ts";
import { contribScope } from "./catalogue/scopes.ts";
import {
  by,
  type CarrierKind,
  constant,
  DATABASE_BOUNDS,
  type Dimension,
  HTTP_BOUNDS,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  type Scope,
  storage,
  traffic,
  whole,
  wide,
} from "./definition.ts";

/** Who measures what, for one type of metrics. */
interface Vocabulary {
  readonly carrier: CarrierKind;
  readonly scope: Scope;
  /** First part of the name; absent: the names of the services. */
  readonly subjects?: readonly string[];
  readonly objects: readonly string[];
  readonly dimensions: readonly Dimension[];
}

const TECHNICAL: readonly Dimension[] = [
  by("outcome", { success: 1, failure: 0.04 }),
  by("priority", { low: 0.3, normal: 1, high: 0.2 }),
  by("shard", ["0", "1", "2", "3", "4", "5", "6", "7"]),
  by("operation", { read: 1, write: 0.4, list: 0.2, delete: 0.05 }),
];

const COMMERCIAL: readonly Dimension[] = [
  by("outcome", { success: 1, failure: 0.04 }),
  by("sales.channel", { web: 1, mobile: 1.4, partner: 0.2, store: 0.1 }),
  by("customer.tier", { free: 1, pro: 0.5, enterprise: 0.2 }),
  by("sales.region", { emea: 1, amer: 1.2, apac: 0.7 }),
];

const MACHINERY = [
  ...[
    "queue",
    "buffer",
    "cache",
    "connection",
    "session",
    "retry",
    "batch",
    "lock",
    "timer",
    "worker",
    "ticket",
    "page",
  ],
  ...[
    "segment",
    "handle",
    "socket",
    "stream",
    "snapshot",
    "journal",
    "index",
    "watch",
    "lease",
    "event",
    "token",
    "slot",
  ],
];

const MERCHANDISE = [
  ...[
    "items",
    "baskets",
    "discounts",
    "refunds",
    "reservations",
    "invoices",
    "shipments",
    "searches",
    "views",
    "logins",
  ],
  ...[
    "signups",
    "reviews",
    "returns",
    "exports",
    "imports",
    "uploads",
    "subscriptions",
    "renewals",
    "quotes",
    "alerts",
  ],
];

const scraped = contribScope("prometheusreceiver");

const VOCABULARIES: Readonly<Record<MetricType, Vocabulary>> = {
  host_metrics: {
    carrier: "host",
    scope: scraped,
    subjects: [
      ...[
        "kernel",
        "systemd",
        "journald",
        "containerd",
        "chrony",
        "nvme",
        "ext4",
        "xfs",
        "tcp",
        "udp",
        "icmp",
        "arp",
      ],
      ...[
        "netfilter",
        "numa",
        "edac",
        "thermal",
        "slab",
        "zswap",
        "cgroup",
        "softirq",
        "audit",
        "dbus",
        "bonding",
        "raid",
      ],
    ],
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_cluster: {
    carrier: "controller",
    scope: scraped,
    subjects: [
      ...[
        "replicaset_controller",
        "deployment_controller",
        "job_controller",
        "endpointslice_controller",
        "node_lifecycle",
      ],
      ...[
        "garbage_collector",
        "namespace_controller",
        "serviceaccount_controller",
        "attachdetach",
        "disruption",
        "ttl",
      ],
      ...["horizontal_autoscaler", "certificate_signer", "cloud_routes", "cloud_balancer", "admission"],
    ],
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_node: {
    carrier: "node",
    scope: scraped,
    subjects: [
      ...[
        "kubelet",
        "kube_proxy",
        "cni",
        "csi",
        "device_manager",
        "eviction",
        "image_gc",
        "volume_manager",
        "pleg",
      ],
      ...[
        "cadvisor",
        "problem_detector",
        "dns_cache",
        "runtime_shim",
        "pod_workers",
        "topology_manager",
        "secret_manager",
      ],
    ],
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_pod: { carrier: "pod", scope: scraped, objects: MACHINERY, dimensions: TECHNICAL },
  k8s_container: {
    carrier: "container",
    scope: scraped,
    subjects: [
      ...[
        "envoy",
        "pilot_agent",
        "log_shipper",
        "vault_agent",
        "statsd_bridge",
        "config_reloader",
        "health_probe",
      ],
      ...["overlayfs", "seccomp", "pid_one", "cgroup_v2", "netns", "tmpfs", "oom_guard", "shim", "hooks"],
    ],
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  application: {
    carrier: "service",
    scope: { name: "com.example.platform.metrics", version: "2.4.1" },
    objects: MERCHANDISE,
    dimensions: COMMERCIAL,
  },
  runtime: {
    carrier: "service",
    scope: { name: "com.example.platform.runtime", version: "2.4.1" },
    subjects: [
      "heap",
      "stack",
      "allocator",
      "collector",
      "scheduler",
      "loader",
      "compiler",
      "fibers",
      "finalizer",
      "dns",
      "tls",
    ].map((part) => `runtime.${part}`),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  database: {
    carrier: "database",
    scope: contribScope("sqlqueryreceiver"),
    subjects: [
      "planner",
      "executor",
      "wal",
      "vacuum",
      "replication",
      "checkpoint",
      "catalog",
      "bgwriter",
      "locks",
      "storage",
    ].map((part) => `db.server.${part}`),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  messaging: {
    carrier: "broker",
    scope: contribScope("jmxreceiver"),
    subjects: [
      "controller",
      "replica",
      "purgatory",
      "coordinator",
      "log_cleaner",
      "fetcher",
      "quota",
      "network",
      "election",
    ].map((part) => `messaging.broker.${part}`),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
};

type Build = (
  metrics: ReturnType<typeof metricsOf>,
  name: string,
  what: string,
  ...split: Dimension[]
) => MetricDefinition;

/** How things are measured: the last part of the name, and what follows from it. Kinds take turns. */
const MEASURES: readonly (readonly [suffix: string, build: Build])[] = [
  [
    "processed",
    (of, name, what, ...split) =>
      of.counter(
        name,
        "{operation}",
        whole(500, 4e5),
        `Operations on ${what} that were processed.`,
        ...split,
      ),
  ],
  [
    "active",
    (of, name, what, ...split) => of.upDown(name, "{item}", whole(1, 90), `Active ${what}.`, ...split),
  ],
  [
    "utilization",
    (of, name, what, ...split) =>
      of.gauge(name, "1", ratio(0.02, 0.9), `Share of ${what} that is in use.`, ...split),
  ],
  [
    "duration",
    (of, name, what, ...split) =>
      of.histogram(
        name,
        "s",
        { bounds: HTTP_BOUNDS, firstLive: 1, rate: perHour(700, 9000) },
        `Duration of operations on ${what}.`,
        ...split,
      ),
  ],
  [
    "errors",
    (of, name, what, ...split) =>
      of.counter(name, "{error}", whole(0, 300), `Operations on ${what} that failed.`, ...split),
  ],
  [
    "size",
    (of, name, what, ...split) =>
      of.gauge(name, "By", storage(1e6, 9e8), `Memory that ${what} takes.`, ...split),
  ],
  [
    "wait_time",
    (of, name, what, ...split) =>
      of.exponential(
        name,
        "s",
        { scale: 3, offset: -64, rate: perHour(700, 20_000) },
        `Time spent waiting for ${what}.`,
        ...split,
      ),
  ],
  [
    "io",
    (of, name, what, ...split) =>
      of.counter(name, "By", traffic(1e7, 6e9), `Bytes moved for ${what}.`, ...split),
  ],
  [
    "pending",
    (of, name, what, ...split) =>
      of.upDown(name, "{item}", whole(0, 60), `Operations on ${what} that wait.`, ...split),
  ],
  [
    "age",
    (of, name, what, ...split) =>
      of.gauge(name, "s", wide(4, 900), `Age of the oldest of ${what}.`, ...split),
  ],
  [
    "busy_time",
    (of, name, what, ...split) => of.counter(name, "s", wide(30, 2500), `Time spent on ${what}.`, ...split),
  ],
  [
    "limit",
    (of, name, what, ...split) =>
      of.upDown(name, "{item}", constant(128, 4096), `Most ${what} that are allowed.`, ...split),
  ],
  [
    "latency",
    (of, name, what, ...split) =>
      of.histogram(
        name,
        "s",
        { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(700, 20_000) },
        `Latency of operations on ${what}.`,
        ...split,
      ),
  ],
];

/** Metrics of a type without end, their names all different. `services`: names of the scenario's services. */
export function* inventedMetrics(type: MetricType, services: readonly string[]): Generator<MetricDefinition> {
  const { carrier, scope, subjects, objects, dimensions } = VOCABULARIES[type];
  const measuring = subjects ?? services;
  const combinations = measuring.length * objects.length;
  for (let number = 0; ; number++) {
    const [suffix, build] = MEASURES[number % MEASURES.length]!;
    const combination = Math.floor(number / MEASURES.length);
    const subject = measuring[combination % measuring.length]!;
    const object = objects[Math.floor(combination / measuring.length) % objects.length]!;
    const round = Math.floor(combination / combinations);
    const name = `${subject.replaceAll("-", "_")}.${object}${round === 0 ? "" : `_${round + 1}`}.${suffix}`;
    const first = dimensions[number % dimensions.length]!;
    const second = dimensions[(number + 1 + (combination % (dimensions.length - 1))) % dimensions.length]!;
    yield build(
      metricsOf({ type, carrier, scope, ...(subjects ? {} : { only: subject }) }),
      name,
      `${object.replaceAll("_", " ")} in ${subject}`,
      first,
      second,
    );
  }
}
