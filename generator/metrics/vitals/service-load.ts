/**
 * How often each thing in the scenario happens: what comes in at the entrances, followed through the recipes to every call,
 * statement and message behind. So a server counts as many requests as its callers have sent.
 */
import type { Scenario } from "../../scenario/scenario.ts";
import type { Consumer, Operation, Service, Work } from "../../scenario/services.ts";

/** Per hour, over all instances of a service; by the places in the scenario's lists. */
export interface ServiceLoad {
  readonly operations: Float64Array;
  readonly databaseCalls: Float64Array;
  readonly externalCalls: Float64Array;
  readonly steps: Float64Array;
  readonly topics: Float64Array;
  readonly consumers: Float64Array;
  /** What a service asks of others. */
  readonly calls: ReadonlyMap<Service, ReadonlyMap<Operation, number>>;
}

/** Requests from outside that one process at an entrance answers in an hour. */
const PER_INSTANCE = 9000;

/** How much more often than changes things are looked at. */
const READS = 5;

type Worker = Operation | Consumer;

export function serviceLoad(scenario: Scenario): ServiceLoad {
  const calls = new Map<Service, Map<Operation, number>>(
    scenario.services.map((service) => [service, new Map()]),
  );
  const load = {
    operations: new Float64Array(scenario.operations.length),
    databaseCalls: new Float64Array(scenario.databaseCalls.length),
    externalCalls: new Float64Array(scenario.externalCalls.length),
    steps: new Float64Array(scenario.steps.length),
    topics: new Float64Array(scenario.topics.length),
    consumers: new Float64Array(scenario.consumers.length),
    calls,
  };
  const rateOf = (worker: Worker): number =>
    isOperation(worker) ? load.operations[worker.index]! : load.consumers[worker.index]!;
  for (const service of scenario.ingress) enter(service, load.operations);
  for (const worker of callersFirst(scenario)) {
    const rate = rateOf(worker);
    for (const work of worker.work) {
      switch (work.kind) {
        case "database":
          load.databaseCalls[work.call.index]! += rate;
          break;
        case "external":
          load.externalCalls[work.call.index]! += rate;
          break;
        case "step":
          load.steps[work.step.index]! += rate;
          break;
        case "call": {
          const made = calls.get(worker.service)!;
          made.set(work.operation, (made.get(work.operation) ?? 0) + rate);
          load.operations[work.operation.index]! += rate;
          break;
        }
        case "publish":
          load.topics[work.topic.index]! += rate;
          for (const consumer of work.topic.consumers) load.consumers[consumer.index]! += rate;
      }
    }
  }
  return load;
}

/** Requests from outside, dealt out over what an entrance offers. */
function enter({ exposed, instances }: Service, rates: Float64Array): void {
  const weight = ({ endpoint }: Operation): number => (endpoint.method === "GET" ? READS : 1);
  const total = exposed.reduce((sum, operation) => sum + weight(operation), 0);
  for (const operation of exposed) {
    rates[operation.index]! += (PER_INSTANCE * instances.length * weight(operation)) / total;
  }
}

/** Everything that works, whoever causes work before whom it causes it for. What runs in a circle is cut somewhere. */
function callersFirst(scenario: Scenario): Worker[] {
  const seen = new Set<Worker>();
  const lastFirst: Worker[] = [];
  const visit = (worker: Worker): void => {
    if (seen.has(worker)) return;
    seen.add(worker);
    for (const work of worker.work) for (const next of causedBy(work)) visit(next);
    lastFirst.push(worker);
  };
  for (const worker of [...scenario.operations, ...scenario.consumers]) visit(worker);
  return lastFirst.toReversed();
}

function causedBy(work: Work): readonly Worker[] {
  if (work.kind === "call") return [work.operation];
  return work.kind === "publish" ? work.topic.consumers : [];
}

function isOperation(worker: Worker): worker is Operation {
  return "protocol" in worker;
}
