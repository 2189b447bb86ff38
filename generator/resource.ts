/**
 * Resources of services and hosts: who a span, a log record or a metric point comes from.
 */

import { ProtoWriter } from "../otlp/message/writer.ts";
import { type Attributes, type AttributeValue, encodeAttributes } from "./attributes.ts";
import type { Node, Pod } from "./scenario/infrastructure.ts";
import type { Detected } from "./scenario/languages/language.ts";
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

/**
 * All attributes of one process of a service: what its SDK says of itself, what the detectors of its language find, what
 * the Collector beside it adds about the pod and the cloud. The same in all signals.
 */
export function serviceAttributes(instance: ServiceInstance): Attributes {
  const { service, pod } = instance;
  const { sdk, sdkVersion, distro } = service.language;
  const { cluster, zone } = pod.node;
  const { spec, id } = pod.containers[0]!;
  return {
    "service.name": service.name,
    "service.namespace": service.namespace,
    "service.version": instance.version,
    "service.instance.id": instance.id,
    "deployment.environment.name": "production",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.language": sdk,
    "telemetry.sdk.version": sdkVersion,
    ...(distro && { "telemetry.distro.name": distro.name, "telemetry.distro.version": distro.version }),
    ...detectedAttributes(instance),
    "host.name": pod.node.name,
    "container.id": id,
    "container.image.name": spec.image,
    "container.image.tags": [spec.tag],
    ...podAttributes(pod),
    "k8s.pod.ip": pod.ip,
    "cloud.provider": "aws",
    "cloud.platform": "aws_eks",
    "cloud.account.id": cluster.accountId,
    "cloud.region": cluster.region,
    "cloud.availability_zone": zone,
  };
}

/** What the detectors of the language find out about process, host and operating system. */
function detectedAttributes({ service, pod }: ServiceInstance): Attributes {
  const { language, name } = service;
  const { arch, os } = pod.node;
  const look = language.process(name);
  const found: Record<Detected, AttributeValue> = {
    "process.pid": look.pid,
    "process.owner": look.owner,
    "process.executable.name": look.executable,
    "process.executable.path": look.path,
    "process.command": look.path,
    "process.command_args": [look.path, ...look.arguments],
    "process.runtime.name": language.runtime.name,
    "process.runtime.version": language.runtime.version,
    "process.runtime.description": language.runtime.description
      .replace("{arch}", arch)
      .replace("{machine}", arch === "amd64" ? "x86_64" : "aarch64"),
    "host.arch": arch,
    "os.type": os.type,
    "os.name": os.name,
    "os.version": os.version,
    "os.description": os.description,
  };
  return Object.fromEntries(language.detected.map((key) => [key, found[key]]));
}

/** Used for one result at a time; results are copied out of it. */
const scratch = new ProtoWriter();

/** Field 1 (`resource`) of ResourceSpans, ResourceMetrics or ResourceLogs, with its tag. The result is the caller's. */
export function encodeResource(attributes: Attributes): Uint8Array {
  const encoded = encodeAttributes(1, attributes);
  scratch.reset();
  scratch.begin(1, 2);
  scratch.raw(encoded);
  scratch.end();
  return scratch.finish().slice();
}

/** Thousands of processes have the same few libraries. */
const knownScopes = new Map<string, Uint8Array>();

/** Field 1 (`scope`) of ScopeSpans, ScopeMetrics or ScopeLogs, with its tag. One result for equal scopes: not to be changed. */
export function encodeScope(name: string, version: string): Uint8Array {
  const key = `${name} ${version}`;
  let scope = knownScopes.get(key);
  if (!scope) {
    scratch.reset();
    scratch.begin(1);
    scratch.string(1, name);
    if (version) scratch.string(2, version);
    scratch.end();
    scope = scratch.finish().slice();
    knownScopes.set(key, scope);
  }
  return scope;
}
