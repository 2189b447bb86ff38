/**
 * Words that invented metrics are made of, by type: plausible for what reports them.
 */
import type { MetricType } from "../config.ts";
import { contribScope } from "./catalogue/scopes.ts";
import { by, type CarrierKind, type Dimension, type Scope } from "./definition.ts";

/** Who measures what, for one type of metrics. */
export interface Vocabulary {
  readonly carrier: CarrierKind;
  readonly scope: Scope;
  /** First part of the name; absent: the names of the services. */
  readonly subjects?: readonly string[];
  readonly objects: readonly string[];
  readonly dimensions: readonly Dimension[];
}

const TECHNICAL: readonly Dimension[] = [
  by("outcome", { success: 1, failure: 0.04 }),
  by("work.priority", { low: 0.3, normal: 1, high: 0.2 }),
  by("shard", ["0", "1", "2", "3", "4", "5", "6", "7"]),
  by("operation", { read: 1, write: 0.4, list: 0.2, delete: 0.05 }),
];

const COMMERCIAL: readonly Dimension[] = [
  by("outcome", { success: 1, failure: 0.04 }),
  by("sales.channel", { web: 1, mobile: 1.4, partner: 0.2, store: 0.1 }),
  by("customer.tier", { free: 1, pro: 0.5, enterprise: 0.2 }),
  by("sales.region", { emea: 1, amer: 1.2, apac: 0.7 }),
];

const MACHINERY = words(
  "queue buffer cache connection session retry batch lock timer worker ticket page segment",
  "handle socket stream snapshot journal index watch lease event token slot",
);

const MERCHANDISE = words(
  "items baskets discounts refunds reservations invoices shipments searches views logins",
  "signups reviews returns exports imports uploads subscriptions renewals quotes alerts",
);

const scraped = contribScope("prometheusreceiver");

export const VOCABULARIES: Readonly<Record<MetricType, Vocabulary>> = {
  host_metrics: {
    carrier: "host",
    scope: scraped,
    subjects: words(
      "kernel systemd journald containerd chrony nvme ext4 xfs tcp udp icmp arp netfilter numa",
      "edac thermal slab zswap cgroup softirq audit dbus bonding raid",
    ),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_cluster: {
    carrier: "controller",
    scope: scraped,
    subjects: words(
      "replicaset_controller deployment_controller job_controller endpointslice_controller",
      "node_lifecycle garbage_collector namespace_controller serviceaccount_controller",
      "attachdetach disruption ttl horizontal_autoscaler certificate_signer cloud_routes",
      "cloud_balancer admission",
    ),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_node: {
    carrier: "node",
    scope: scraped,
    subjects: words(
      "kubelet kube_proxy cni csi device_manager eviction image_gc volume_manager pleg cadvisor",
      "problem_detector dns_cache runtime_shim pod_workers topology_manager secret_manager",
    ),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  k8s_pod: { carrier: "pod", scope: scraped, objects: MACHINERY, dimensions: TECHNICAL },
  k8s_container: {
    carrier: "container",
    scope: scraped,
    subjects: words(
      "envoy pilot_agent log_shipper vault_agent statsd_bridge config_reloader health_probe",
      "overlayfs seccomp pid_one cgroup_v2 netns tmpfs oom_guard shim hooks",
    ),
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
    subjects: words("heap stack allocator collector scheduler loader compiler fibers finalizer dns tls").map(
      (part) => `runtime.${part}`,
    ),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  database: {
    carrier: "database",
    scope: contribScope("sqlqueryreceiver"),
    subjects: words("planner executor wal vacuum replication checkpoint catalog bgwriter locks storage").map(
      (part) => `db.server.${part}`,
    ),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
  messaging: {
    carrier: "broker",
    scope: contribScope("jmxreceiver"),
    subjects: words(
      "controller replica purgatory coordinator log_cleaner fetcher quota network election",
    ).map((part) => `messaging.broker.${part}`),
    objects: MACHINERY,
    dimensions: TECHNICAL,
  },
};

function words(...lines: string[]): string[] {
  return lines.flatMap((line) => line.split(" "));
}
