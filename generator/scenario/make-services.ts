/**
 * Draws the services of a run: what each one is, then what it offers, then what each request makes it do.
 *
 * Each draws from forks named after it, so one service more does not change what the others are.
 */
import type { Random } from "../random.ts";
import { makeDatabaseCalls, makeExternalCalls, makeStep } from "./backends.ts";
import { BATCH_STEPS } from "./batch-steps.ts";
import { planCalls } from "./call-order.ts";
import { domainOf } from "./domains.ts";
import { type Draft, libraryIndex, NO_INDEX, numberAll } from "./draft.ts";
import type { Pod } from "./infrastructure.ts";
import { LANGUAGES } from "./languages.ts";
import { exposedOf, makeOperations } from "./operations.ts";
import { writeRecipes } from "./recipes.ts";
import type { Service } from "./services.ts";
import { makeConsumers, makeTopics } from "./topics.ts";

/** What a service is to be, before it is drawn. */
export interface ServiceSeat {
  readonly name: string;
  readonly namespace: string;
  readonly pods: readonly Pod[];
}

/** Draw the services, in the order of the seats. `ingress` holds the names of those at which traces begin. */
export function makeServices(
  random: Random,
  seats: readonly ServiceSeat[],
  ingress: ReadonlySet<string>,
): Service[] {
  const labels = new Set<string>();
  const isAlone = seats.every(({ name }) => ingress.has(name));
  const drafts = seats.map((seat, index) =>
    makeService(random.fork(`service ${seat.name}`), seat, index, ingress.has(seat.name), isAlone, labels),
  );
  for (const draft of drafts) makeTopics(random.fork(`topics ${draft.name}`), draft);
  for (const draft of drafts) {
    for (const topic of draft.topics) makeConsumers(random.fork(`workers ${topic.name}`), topic, drafts);
  }
  const plan = planCalls(random, drafts);
  for (const draft of drafts) {
    const own = random.fork(`operations ${draft.name}`);
    draft.operations = makeOperations(own, draft, plan.fronted.get(draft) ?? []);
    if (draft.isIngress) draft.exposed = exposedOf(draft.operations);
  }
  writeRecipes(random, drafts, plan);
  numberAll(drafts);
  return drafts;
}

/** isAlone: whether there are only entrances, so that each has to have something to tell. */
function makeService(
  own: Random,
  seat: ServiceSeat,
  index: number,
  isIngress: boolean,
  isAlone: boolean,
  labels: Set<string>,
): Draft {
  const language = LANGUAGES[index % LANGUAGES.length]!;
  const domain = domainOf(seat.name, isIngress && !isAlone);
  const protocol = !isIngress && (index % 5 === 1 || index % 5 === 3) ? "grpc" : "http";
  const version = seat.pods[0]?.deployment.containers[0]?.tag ?? "1.0.0";
  const draft: Draft = {
    index,
    name: seat.name,
    namespace: seat.namespace,
    version,
    language,
    domain,
    protocol,
    port: language.ports[protocol],
    isIngress,
    isAlone,
    label: labelOf(seat.name, domain.collection, labels),
    instances: [],
    operations: [],
    exposed: [],
    databaseCalls: [],
    steps: [],
    externalCalls: [],
    topics: [],
    consumers: [],
    calls: [],
    libraries: [],
    tracer: 0,
    clientLibrary: 0,
    rpcClientLibrary: 0,
  };
  draft.clientLibrary = libraryIndex(draft.libraries, language.client);
  draft.rpcClientLibrary = libraryIndex(draft.libraries, language.rpcClient);
  draft.tracer = libraryIndex(draft.libraries, { name: seat.name, version });
  draft.instances = seat.pods.map((pod) => ({
    index: NO_INDEX,
    service: draft,
    id: own.uuid(),
    version: pod.deployment.containers[0]!.tag,
    pod,
  }));
  draft.steps = [
    ...domain.steps.map(({ name, module }) => makeStep(own, draft, name, module)),
    ...BATCH_STEPS.map(([name, module]) => makeStep(own.fork(name), draft, name, module)),
  ];
  draft.databaseCalls = makeDatabaseCalls(own, draft);
  draft.externalCalls = makeExternalCalls(own, draft);
  return draft;
}

/** The collection of the domain; for the second service about the same things the service's own name. */
function labelOf(name: string, collection: string, taken: Set<string>): string {
  const slug = `s_${name.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`
    .replace(/^s_(?=[a-z])/, "")
    .replace(/_+$/, "");
  let label = taken.has(collection) ? slug : collection;
  for (let number = 2; taken.has(label); number++) label = `${slug}_${number}`;
  taken.add(label);
  return label;
}
