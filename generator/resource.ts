/**
 * Resources of services and hosts: who a span, a log record or a metric point comes from.
 */

import { ProtoWriter } from "../otlp/message/writer.ts";
import { type Attributes, encodeAttributes } from "./attributes.ts";
import type { Node, Pod } from "./scenario/infrastructure.ts";
import type { ServiceInstance } from "./scenario/services.ts";

/** The conventions that stable names follow. */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0";

/** Attributes of the machine a pod or a host log lives on. */
export function hostAttributes(node: Node): Attributes {
  return { "host.name": node.name, "host.id": node.hostId, "host.arch": node.arch, "os.type": node.os.type };
}

/** Attributes that Kubernetes gives a pod. */
export function podAttributes(pod: Pod): Attributes {
  return {
    "k8s.cluster.name": pod.node.cluster.name,
    "k8s.namespace.name": pod.deployment.namespace.name,
    "k8s.deployment.name": pod.deployment.name,
    "k8s.pod.name": pod.name,
    "k8s.pod.uid": pod.uid,
    "k8s.node.name": pod.node.name,
    "k8s.container.name": pod.deployment.containers[0]!.name,
  };
}

/** All attributes of one process of a service. */
export function serviceAttributes(instance: ServiceInstance): Attributes {
  const { service, pod } = instance;
  return {
    "service.name": service.name,
    "service.namespace": service.namespace,
    "service.version": service.version,
    "service.instance.id": instance.id,
    "deployment.environment.name": "production",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": service.language.sdk,
    "telemetry.sdk.version": service.language.sdkVersion,
    "process.runtime.name": service.language.runtime.name,
    "process.runtime.version": service.language.runtime.version,
    "host.name": pod.node.name,
    ...podAttributes(pod),
  };
}

/** Field 1 (`resource`) of ResourceSpans, ResourceMetrics or ResourceLogs, with its tag. The result is the caller's. */
export function encodeResource(attributes: Attributes): Uint8Array {
  const writer = new ProtoWriter();
  writer.begin(1, 2);
  writer.raw(encodeAttributes(1, attributes));
  writer.end();
  return writer.finish();
}

/** Field 1 (`scope`) of ScopeSpans, ScopeMetrics or ScopeLogs, with its tag. The result is the caller's. */
export function encodeScope(name: string, version: string): Uint8Array {
  const writer = new ProtoWriter();
  writer.begin(1);
  writer.string(1, name);
  if (version) writer.string(2, version);
  writer.end();
  return writer.finish();
}
