/** Processes of services, as their own SDKs describe them. */
import { SCHEMA_URL, serviceAttributes } from "../../resource.ts";
import type { Service, ServiceInstance } from "../../scenario/services.ts";
import type { Scope } from "../definition.ts";
import type { Estate } from "../estate.ts";
import { serviceLoad } from "../vitals/service-load.ts";
import { type ServiceSplits, splitsOf } from "../vitals/service-splits.ts";
import { type Split, scaled } from "../vitals/split.ts";
import { type Carrier, lazyCarrier } from "./carrier.ts";

/** What is known of one process. CPU in cores, memory in bytes. */
export interface ServiceVitals extends ServiceSplits {
  readonly cpuUsage: number;
  readonly cpuLimit: number;
  readonly memoryRss: number;
  readonly memoryLimit: number;
  /** All requests per hour that it answers. */
  readonly requests: number;
}

/** errorRate: share of requests that fail. */
export function* serviceCarriers(estate: Estate, errorRate: number): Generator<Carrier> {
  const load = serviceLoad(estate.scenario);
  // All processes of a service have the same lists.
  const known = new Map(
    estate.scenario.services.map((service) => {
      const isIngress = estate.scenario.ingress.includes(service);
      return [service, splitsOf(service, load, isIngress, errorRate)] as const;
    }),
  );
  for (const { instance, replica } of estate.instances()) {
    const splits = known.get(instance.service)!;
    const vitals = (): ServiceVitals => vitalsOf(estate, instance, replica, splits);
    yield lazyCarrier(serviceAttributes(instance), vitals, {
      schemaUrl: SCHEMA_URL,
      subjects: [instance.service.name, `language:${instance.service.language.sdk}`],
      lists: listsOf(splits),
      libraries: librariesOf(instance.service),
    });
  }
}

/** The libraries that trace the same things, as they measure them too. */
function librariesOf(service: Service): Carrier["libraries"] {
  const { libraries, operations, databaseCalls, topics, consumers } = service;
  const scope = (place: number | undefined): Scope => libraries[place ?? 0]!;
  return {
    httpServer: scope(operations.find(({ protocol }) => protocol === "http")?.library),
    rpcServer: scope(operations.find(({ protocol }) => protocol === "grpc")?.library),
    httpClient: scope(service.clientLibrary),
    rpcClient: scope(service.rpcClientLibrary),
    database: scope(databaseCalls[0]?.library),
    messaging: scope((topics[0] ?? consumers[0])?.library),
  };
}

const lists = new WeakMap<ServiceSplits, Carrier["lists"]>();

/** The values of each split under the name of the split. */
function listsOf(splits: ServiceSplits): Carrier["lists"] {
  let known = lists.get(splits);
  if (!known) {
    known = Object.fromEntries(
      Object.entries(splits).map(([name, { values }]: [string, Split]) => [name, values]),
    );
    lists.set(splits, known);
  }
  return known;
}

function vitalsOf(
  estate: Estate,
  instance: ServiceInstance,
  replica: number,
  splits: ServiceSplits,
): ServiceVitals {
  const { pod } = instance;
  const { containers } = estate.vitals({ pod, replica });
  const { cpuUsage, memoryRss, spec } = containers[0]!;
  // Balancers are fair, not exact.
  const factor = 0.92 + 0.16 * estate.fork(`share ${instance.service.name}/${replica}`).float();
  const own = Object.fromEntries(
    Object.entries(splits).map(([name, split]: [string, Split]) => [name, scaled(split, factor)]),
  ) as unknown as ServiceSplits;
  return {
    ...own,
    cpuUsage,
    cpuLimit: spec.cpuLimit,
    memoryRss,
    memoryLimit: spec.memoryLimitBytes,
    requests: sum(own.httpServer.rates) + sum(own.rpcServer.rates),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
