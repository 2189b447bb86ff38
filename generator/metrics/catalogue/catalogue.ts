/** Everything the catalogue knows, by the type of config under which it is chosen. In each, all kinds stand near the front. */
import type { MetricType } from "../../config.ts";
import type { MetricDefinition } from "../definition.ts";
import { APPLICATION_METRICS } from "./application.ts";
import { CLUSTER_METRICS } from "./cluster.ts";
import { CONTAINER_METRICS } from "./container.ts";
import { CONTROL_PLANE_METRICS } from "./control-plane.ts";
import { DATABASE_METRICS } from "./database.ts";
import { HOST_METRICS } from "./host.ts";
import { MESSAGING_METRICS } from "./messaging.ts";
import { NODE_METRICS } from "./node.ts";
import { POD_METRICS } from "./pod.ts";
import { PROCESS_METRICS } from "./process.ts";
import { RUNTIME_METRICS } from "./runtime.ts";

export const CATALOGUE: Readonly<Record<MetricType, readonly MetricDefinition[]>> = {
  host_metrics: [...HOST_METRICS, ...PROCESS_METRICS],
  k8s_cluster: [...CLUSTER_METRICS, ...CONTROL_PLANE_METRICS],
  k8s_node: NODE_METRICS,
  k8s_pod: POD_METRICS,
  k8s_container: CONTAINER_METRICS,
  application: APPLICATION_METRICS,
  runtime: RUNTIME_METRICS,
  database: DATABASE_METRICS,
  messaging: MESSAGING_METRICS,
};
