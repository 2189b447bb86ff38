/** Everything the catalogue knows, by the type of config under which it is chosen. In each, all kinds stand near the front. */
import type { MetricType } from "../../config.ts";
import type { MetricDefinition } from "../definition.ts";
import { DATABASE_SERVER_METRICS, MESSAGING_SERVER_METRICS } from "./backend.ts";
import { HOST_METRICS } from "./host.ts";
import { CLUSTER_METRICS, CONTAINER_METRICS, NODE_METRICS, POD_METRICS } from "./kubernetes.ts";
import {
  APPLICATION_METRICS,
  DATABASE_CLIENT_METRICS,
  MESSAGING_CLIENT_METRICS,
  RUNTIME_METRICS,
} from "./service.ts";

export const CATALOGUE: Readonly<Record<MetricType, readonly MetricDefinition[]>> = {
  host_metrics: HOST_METRICS,
  k8s_cluster: CLUSTER_METRICS,
  k8s_node: NODE_METRICS,
  k8s_pod: POD_METRICS,
  k8s_container: CONTAINER_METRICS,
  application: APPLICATION_METRICS,
  runtime: RUNTIME_METRICS,
  database: [...DATABASE_CLIENT_METRICS, ...DATABASE_SERVER_METRICS],
  messaging: [...MESSAGING_CLIENT_METRICS, ...MESSAGING_SERVER_METRICS],
};
