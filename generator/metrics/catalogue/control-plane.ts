/**
 * What the components of a Kubernetes control plane measure, scraped by the Collector's prometheus receiver, with names in
 * OpenTelemetry's style.
 *
 * Source: Kubernetes metrics reference; etcd metrics.
 */
import { HTTP_BOUNDS, SLOW_BOUNDS } from "../bounds.ts";
import type { ComponentVitals } from "../carriers/control-plane.ts";
import type { CarrierKind, MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { storage, traffic, whole } from "../number-shape.ts";
import { contribScope } from "./scopes.ts";

const scope = contribScope("prometheusreceiver");
const component = (carrier: CarrierKind) =>
  metricsOf<ComponentVitals>({ type: "k8s_cluster", carrier, scope });

const apiServer = component("apiServer");
const etcd = component("etcd");
const scheduler = component("scheduler");
const controller = component("controller");

const REQUESTS = [
  by("verb", { GET: 0.45, LIST: 0.09, WATCH: 0.14, CREATE: 0.05, UPDATE: 0.16, PATCH: 0.09, DELETE: 0.02 }),
  by("resource", {
    pods: 0.24,
    nodes: 0.09,
    leases: 0.21,
    endpointslices: 0.12,
    configmaps: 0.14,
    secrets: 0.07,
    events: 0.08,
    services: 0.05,
  }),
];
const QUEUES = by("name", {
  deployment: 0.2,
  replicaset: 0.24,
  endpoint_slice: 0.24,
  daemonset: 0.06,
  statefulset: 0.08,
  job: 0.05,
  namespace: 0.03,
  garbage_collector: 0.1,
});

// biome-ignore format: one metric a line
export const CONTROL_PLANE_METRICS: readonly MetricDefinition[] = [
  apiServer.histogram("apiserver.request.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ requests }) => requests, median: [0.004, 0.012], steepness: 2 }, "Duration of requests to the Kubernetes API.", ...REQUESTS),
  etcd.exponential("etcd.disk.wal.fsync.duration", "s", { rate: ({ requests }) => requests, median: [0.0012, 0.004] }, "Duration of fsync calls of the write-ahead log."),
  apiServer.counter("apiserver.requests", "{request}", whole(({ requests }) => requests), "Requests to the Kubernetes API.", ...REQUESTS),
  apiServer.upDown("apiserver.current_inflight_requests", "{request}", whole([2, 12], { spread: 0.5 }), "Requests in flight.", by("request_kind", { readOnly: 0.7, mutating: 0.3 })),
  apiServer.upDown("apiserver.storage.objects", "{object}", whole([800, 4000], { spread: 0.01 }), "Objects in storage.", by("resource", { pods: 0.2, events: 0.4, replicasets: 0.2, secrets: 0.08, configmaps: 0.07, leases: 0.05 })),
  scheduler.histogram("scheduler.pod_scheduling.duration", "s", { bounds: SLOW_BOUNDS, rate: [60, 600], median: [0.02, 0.09], other: { share: 0.04, ratio: 60 } }, "Duration from a pod being seen to its being scheduled."),
  scheduler.exponential("scheduler.scheduling_algorithm.duration", "s", { rate: [60, 600], median: [0.0015, 0.006] }, "Duration of the scheduling algorithm."),
  scheduler.upDown("scheduler.pending_pods", "{pod}", whole([0, 6], { spread: 1 }), "Pods that wait to be scheduled.", by("queue", { active: 0.2, backoff: 0.4, unschedulable: 0.4, gated: 0 })),
  scheduler.counter("scheduler.schedule.attempts", "{attempt}", whole([60, 600]), "Attempts to schedule a pod.", by("result", { scheduled: 0.97, unschedulable: 0.029, error: 0.001 })),
  etcd.counter("etcd.server.proposals.committed", "{proposal}", whole(({ requests }) => requests), "Consensus proposals committed."),
  etcd.counter("etcd.server.proposals.failed", "{proposal}", whole(() => 0), "Consensus proposals failed."),
  etcd.gauge("etcd.mvcc.db.size", "By", storage(({ stored, inUse }) => [stored, inUse], { spread: 0.01 }), "Size of the database.", by("etcd.mvcc.db.size_type", ["allocated", "in_use"])),
  etcd.counter("etcd.network.peer.io", "By", traffic(({ requests }) => [requests * 900, requests * 1100]), "Bytes exchanged with peers.", by("network.io.direction", ["receive", "transmit"])),
  controller.counter("workqueue.adds", "{item}", whole(({ requests }) => requests), "Items added to the controllers' work queues.", QUEUES),
  controller.upDown("workqueue.depth", "{item}", whole([0, 12], { spread: 1 }), "Items in the controllers' work queues.", QUEUES),
  controller.histogram("workqueue.wait.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ requests }) => requests, median: [0.0005, 0.004], steepness: 2 }, "How long items waited in the controllers' work queues.", QUEUES),
  controller.histogram("workqueue.work.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ requests }) => requests, median: [0.004, 0.02], steepness: 2 }, "How long the controllers took for an item.", QUEUES),
];
