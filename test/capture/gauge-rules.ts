/**
 * Gauges of one thing that say something of each other: a usage its limit, parts their whole, a ratio its terms.
 */

/** Which resource and point attributes make one thing. */
export const THINGS = {
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

export type Thing = keyof typeof THINGS;

/** `metric` or `metric{state}`: one state of it. Without braces, the states are added up. */
export type GaugeRule =
  | { of: Thing; atMost: readonly [string, string] }
  | { of: Thing; sum: readonly string[]; is: string }
  | { of: Thing; sum: readonly string[]; isNumber: number }
  | { of: Thing; ratio: string; over: readonly [string, string] };

export const GAUGE_RULES: readonly GaugeRule[] = [
  ...["container", "k8s.pod", "k8s.node"].flatMap((prefix): GaugeRule[] => {
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

/** Without the state. */
export function metricOf(term: string): string {
  return term.replace(/\{.*/, "");
}

export function termsOf(rule: GaugeRule): readonly string[] {
  if ("atMost" in rule) return rule.atMost;
  if ("ratio" in rule) return [rule.ratio, ...rule.over];
  return "is" in rule ? [...rule.sum, rule.is] : rule.sum;
}

export function textOf(rule: GaugeRule): string {
  if ("atMost" in rule) return `${rule.atMost[0]} <= ${rule.atMost[1]}`;
  if ("ratio" in rule) return `${rule.ratio} = ${rule.over[0]} / ${rule.over[1]}`;
  return `${rule.sum.join(" + ")} = ${"is" in rule ? rule.is : rule.isNumber}`;
}
