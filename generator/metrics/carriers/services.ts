/** Processes of services, as their own SDKs describe them. */
import { SCHEMA_URL, serviceAttributes } from "../../resource.ts";
import type { Service, ServiceInstance } from "../../scenario/services.ts";
import type { Scope } from "../definition.ts";
import type { Estate } from "../estate.ts";
import { type ServiceSplits, splitsOf } from "../vitals/service-splits.ts";
import { type Split, scaled } from "../vitals/split.ts";
import {
  type Carrier,
  type CarrierLengths,
  type CarrierLibraries,
  type CarrierLists,
  LazyCarrier,
  lengthsOf,
} from "./carrier.ts";

/** What is known of one process. CPU in cores, memory in bytes. */
export interface ServiceVitals extends ServiceSplits {
  readonly cpuUsage: number;
  readonly cpuLimit: number;
  readonly memoryRss: number;
  readonly memoryLimit: number;
  /** All requests per hour that it answers. */
  readonly requests: number;
}

/** Services whose splits are kept over the rounds; a thousand services' would be most of the memory of a run. */
const KEPT_SERVICES = 64;

/** errorRate: share of requests that fail. */
export function* serviceCarriers(estate: Estate, errorRate: number): Generator<Carrier> {
  const { load } = estate;
  const { ingress } = estate.scenario;
  const kept = new Map<Service, Known>();
  // What few services have takes many rounds over all of them: lengths tell who has nothing, without its lists.
  const lengths = new Map<Service, CarrierLengths>();
  const knownOf = (service: Service): Known => {
    let known = kept.get(service);
    if (!known) {
      const splits = splitsOf(service, load, ingress.includes(service), errorRate);
      known = { splits, lists: listsOf(splits) };
      if (kept.size < KEPT_SERVICES) kept.set(service, known);
      if (!lengths.has(service)) lengths.set(service, lengthsOf(known.lists));
    }
    return known;
  };
  for (const seat of estate.instances()) {
    const { service } = seat;
    // Made once for lists and vitals of a process, kept or not.
    let known: Known | undefined;
    const get = (): Known => {
      known ??= knownOf(service);
      return known;
    };
    yield new LazyCarrier(
      [service.name, `language:${service.language.sdk}`],
      {
        attributes: () => serviceAttributes(seat.instance),
        vitals: () => vitalsOf(estate, seat.instance, seat.replica, get().splits),
        lists: () => get().lists,
        lengths: () => lengths.get(service),
        libraries: () => librariesOf(service),
      },
      SCHEMA_URL,
    );
  }
}

/** What all processes of a service have in common. */
interface Known {
  readonly splits: ServiceSplits;
  readonly lists: CarrierLists;
}

/** The libraries that trace the same things, as they measure them too. */
function librariesOf(service: Service): CarrierLibraries {
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

/** The values of each split under the name of the split. */
function listsOf(splits: ServiceSplits): CarrierLists {
  return Object.fromEntries(
    Object.entries(splits).map(([name, { values }]: [string, Split]) => [name, values]),
  );
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
