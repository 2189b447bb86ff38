/**
 * The scenario: the one world that traces, metrics and logs of a run are drawn from.
 */
import { type GeneratorConfig, serviceNamesOf } from "../config.ts";
import type { Random } from "../random.ts";
import { buildInfrastructure, type Infrastructure } from "./infrastructure.ts";
import { makeServices } from "./make-services.ts";
import type {
  Consumer,
  DatabaseCall,
  ExternalCall,
  Operation,
  Service,
  ServiceInstance,
  Step,
  Topic,
} from "./services.ts";

const PODS_PER_NODE = 6;
const MIN_NODES = 3;

export interface Scenario {
  readonly infrastructure: Infrastructure;
  readonly services: readonly Service[];
  /** All of all services; `index` is the place here. */
  readonly instances: readonly ServiceInstance[];
  readonly operations: readonly Operation[];
  readonly databaseCalls: readonly DatabaseCall[];
  readonly steps: readonly Step[];
  readonly externalCalls: readonly ExternalCall[];
  readonly topics: readonly Topic[];
  readonly consumers: readonly Consumer[];
  /** Services at which traces begin. */
  readonly ingress: readonly Service[];
}

/** Draw the scenario of a config. It depends on the services' part of the config and the seed, not on counts. */
export function buildScenario(config: GeneratorConfig, random: Random): Scenario {
  const { instances, ingress, namespaces, namespace_assignments } = config.traces.services;
  const names = serviceNamesOf(config);
  const seats = names.map((name, index) => ({
    name,
    namespace: namespace_assignments[name] ?? namespaces[index % namespaces.length]!,
    instances,
  }));
  const infrastructure = buildInfrastructure(random.fork("infrastructure"), {
    nodes: Math.max(MIN_NODES, Math.ceil((names.length * instances) / PODS_PER_NODE)),
    services: seats,
  });
  const ingressNames = new Set(ingress.single ? [ingress.service ?? names[0]!] : (ingress.services ?? names));
  const services = makeServices(
    random.fork("services"),
    seats.map(({ name, namespace }) => ({
      name,
      namespace,
      pods: infrastructure.podsOfService.get(name) ?? [],
    })),
    ingressNames,
  );
  const topics = services.flatMap((service) => service.topics);
  return {
    infrastructure,
    services,
    instances: services.flatMap((service) => service.instances),
    operations: services.flatMap((service) => service.operations),
    databaseCalls: services.flatMap((service) => service.databaseCalls),
    steps: services.flatMap((service) => service.steps),
    externalCalls: services.flatMap((service) => service.externalCalls),
    topics,
    consumers: topics.flatMap((topic) => topic.consumers),
    ingress: services.filter(({ name }) => ingressNames.has(name)),
  };
}
