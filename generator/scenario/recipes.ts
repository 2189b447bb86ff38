/**
 * Recipes: what a request makes a service do, entry by entry. The same operation has always the same recipe.
 *
 * Requests that only read call only operations that read, and publish nothing; workers do as they do. So the events of
 * a request never lead back to it.
 */
import type { Random } from "../random.ts";
import { type CallPlan, isForward } from "./call-order.ts";
import type { StepKind } from "./domains.ts";
import type { Draft } from "./draft.ts";
import type { Operation, Work } from "./services.ts";
import type { Purpose } from "./statement.ts";
import { handlerName } from "./topics.ts";

const MAX_ENTRIES = 8;

/** Beyond the tables of any domain, for the last one: where what happened is noted. */
const LAST_TABLE = 99;

/** Time of a request that is the program's own, and what a call adds to the work of the callee. */
const OWN_MS = 0.8;
const NETWORK_MS = 0.9;

/** Write the recipes of all operations and workers. Services are taken from the back, so callees have theirs first. */
export function writeRecipes(random: Random, drafts: readonly Draft[], plan: CallPlan): void {
  const backwards = drafts.toSorted((a, b) => (isForward(a, b) ? 1 : -1));
  for (const draft of backwards) {
    const own = random.fork(`recipes ${draft.name}`);
    const count = draft.operations.length;
    for (const [nth, operation] of draft.operations.entries()) {
      const beside = plan.callees.get(draft)!.filter((_, place) => place % count === nth);
      const kitchen = new Kitchen(draft, plan, beside, nth, own.fork(operation.name));
      const front = plan.fronted.get(draft)?.find(({ domain }) => domain === operation.domain);
      const work = front
        ? passOn(kitchen, operation, front, plan.fronted.get(draft)!)
        : serve(kitchen, operation);
      operation.work = work.slice(0, MAX_ENTRIES);
      operation.latencyMs = latencyOf(operation.work);
    }
    draft.calls = [...new Set(draft.operations.flatMap(({ work }) => operationsIn(work)))];
  }
  for (const draft of drafts) {
    for (const [nth, consumer] of draft.consumers.entries()) {
      const own = random.fork(`worker ${draft.name} ${consumer.topic.name}`);
      const asksOutside = draft.domain.endpoints.some(({ external }) => external);
      consumer.work = handle(new Kitchen(draft, plan, [], nth, own), consumer.topic.event, asksOutside);
      consumer.latencyMs = latencyOf(consumer.work);
    }
  }
}

function operationsIn(work: readonly Work[]): Operation[] {
  return work.flatMap((entry) => (entry.kind === "call" ? [entry.operation] : []));
}

function latencyOf(work: readonly Work[]): number {
  return work.reduce((sum, entry) => sum + entryMs(entry), OWN_MS);
}

function entryMs(entry: Work): number {
  switch (entry.kind) {
    case "call":
      return entry.operation.latencyMs + NETWORK_MS;
    case "step":
      return entry.step.latencyMs;
    case "publish":
      return entry.topic.latencyMs;
    default:
      return entry.call.latencyMs;
  }
}

/** What a cook has at hand: the entries that a recipe of a service can have. Each method gives one entry or none. */
class Kitchen {
  readonly #draft: Draft;
  readonly #plan: CallPlan;
  readonly #beside: readonly Draft[];
  readonly #nth: number;
  readonly random: Random;
  #steps = 0;

  /** beside: services to be called whatever the request is about; nth: which of the service's recipes this is. */
  constructor(draft: Draft, plan: CallPlan, beside: readonly Draft[], nth: number, random: Random) {
    this.#draft = draft;
    this.#plan = plan;
    this.#beside = beside;
    this.#nth = nth;
    this.random = random;
  }

  /** A statement to the database, on its first table, second, ... as far as there are as many. */
  database(purpose: Purpose, table = 0): Work[] {
    const { tables } = this.#draft.domain;
    return this.#statement(purpose, tables[Math.min(table, tables.length - 1)]!.name);
  }

  /** A command to the cache. */
  cache(purpose: Purpose): Work[] {
    return this.#statement(purpose, this.#draft.domain.entity);
  }

  #statement(purpose: Purpose, table: string): Work[] {
    const call = this.#draft.databaseCalls.find(
      (each) => each.table === table && each.statement.purpose === purpose,
    );
    return call ? [{ kind: "database", call }] : [];
  }

  /** A step of one of these uses, other ones for other operations, none twice. */
  step(...uses: StepKind["use"][]): Work[] {
    const { steps, domain } = this.#draft;
    const fitting = steps.filter(
      (_, place) => place < domain.steps.length && uses.includes(domain.steps[place]!.use),
    );
    if (this.#steps >= fitting.length) return [];
    return [{ kind: "step", step: fitting[(this.#nth + this.#steps++) % fitting.length]! }];
  }

  /** The step in which a worker acts on an event. */
  handler(event: string): Work[] {
    const step = this.#draft.steps.find(({ name }) => name === handlerName(event));
    return step ? [{ kind: "step", step }] : [];
  }

  /** A request for this verb, where a service further on answers it. */
  verb(verb: string): Work[] {
    const callee = this.#plan.answering(this.#draft, verb);
    const operation = callee?.operations.find(({ endpoint }) => endpoint.verb === verb);
    return operation ? [{ kind: "call", operation }] : [];
  }

  /** Requests for these verbs, then one that reads to each service beside. */
  calls(verbs: readonly string[]): Work[] {
    return [
      ...verbs.flatMap((verb) => this.verb(verb)),
      ...this.#beside.flatMap((draft): Work[] => {
        const reads = draft.operations.filter(({ endpoint }) => endpoint.reads);
        const one = reads.find(({ endpoint }) => endpoint.path === "/ID");
        const operation = this.#nth % 3 === 2 ? reads[0] : (one ?? reads[0]);
        return operation ? [{ kind: "call", operation }] : [];
      }),
    ];
  }

  external(): Work[] {
    const { externalCalls } = this.#draft;
    const call = externalCalls[this.#nth % Math.max(1, externalCalls.length)];
    return call ? [{ kind: "external", call }] : [];
  }

  publish(event: string): Work[] {
    const topic = this.#draft.topics.find((each) => each.event === event);
    return topic ? [{ kind: "publish", topic }] : [];
  }

  /** Entries that are there in some recipes only. */
  maybe(probability: number, entries: () => Work[]): Work[] {
    return this.random.chance(probability) ? entries() : [];
  }
}

/** An entrance lets a request in, passes it on, and for pages asks others for what belongs beside it. */
function passOn(kitchen: Kitchen, { endpoint }: Operation, front: Draft, fronted: readonly Draft[]): Work[] {
  const target = front.operations.find((operation) => operation.endpoint === endpoint);
  const others = fronted.filter((draft) => draft !== front);
  const count = endpoint.reads ? Math.min(others.length, kitchen.random.int(0, 2)) : 0;
  const from = others.length > 0 ? kitchen.random.int(0, others.length - 1) : 0;
  const beside = Array.from({ length: count }, (_, place) => others[(from + place) % others.length]!);
  return [
    ...kitchen.step("begin"),
    ...kitchen.maybe(0.5, () => kitchen.verb("ValidateSession")),
    ...kitchen.cache("join"),
    ...(endpoint.reads ? [] : kitchen.step("change")),
    ...(target ? [{ kind: "call", operation: target } as const] : []),
    ...beside.flatMap(({ operations }): Work[] => {
      const one = operations.find(
        (operation) => operation.endpoint.reads && operation.endpoint.path === "/ID",
      );
      return one ? [{ kind: "call", operation: one }] : [];
    }),
    ...kitchen.calls([]),
    ...(endpoint.reads ? kitchen.step("answer") : []),
  ];
}

function serve(kitchen: Kitchen, { endpoint }: Operation): Work[] {
  const { method, path, event, reads, calls, external } = endpoint;
  const calling = [...kitchen.calls(calls), ...(external ? kitchen.external() : [])];
  const ofOne = path.startsWith("/ID");
  if (reads && method === "GET") {
    if (path === "/ID") return serveOne(kitchen, calling);
    return ofOne ? serveParts(kitchen, calling) : serveList(kitchen, calling);
  }
  if (reads) return compute(kitchen, calling);
  if (method === "DELETE") return [...remove(kitchen, calling), ...kitchen.publish(event)];
  if (method === "POST" && !ofOne) return [...create(kitchen, calling), ...kitchen.publish(event)];
  return [...change(kitchen, calling), ...kitchen.publish(event)];
}

const serveOne = (kitchen: Kitchen, calling: Work[]): Work[] => [
  ...kitchen.cache("one"),
  ...kitchen.database("one"),
  ...kitchen.maybe(0.5, () => kitchen.database("many", 1)),
  ...calling,
  ...kitchen.step("answer"),
  ...kitchen.cache("upsert"),
];

const serveParts = (kitchen: Kitchen, calling: Work[]): Work[] => [
  ...kitchen.step("begin"),
  ...kitchen.database("one"),
  ...kitchen.database("many", 1),
  ...calling,
  ...kitchen.step("answer"),
];

const serveList = (kitchen: Kitchen, calling: Work[]): Work[] => [
  ...kitchen.step("begin"),
  ...kitchen.cache("many"),
  ...kitchen.database("many"),
  ...kitchen.maybe(0.6, () => kitchen.database("count")),
  ...kitchen.maybe(0.4, () => kitchen.database("join")),
  ...calling,
  ...kitchen.step("answer"),
];

const compute = (kitchen: Kitchen, calling: Work[]): Work[] => [
  ...kitchen.cache("many"),
  ...kitchen.database("one"),
  ...kitchen.step("begin", "change"),
  ...calling,
  ...kitchen.step("answer"),
];

/** Publishing comes last, so no more than seven entries may stand before it. */
const create = (kitchen: Kitchen, calling: Work[]): Work[] =>
  [
    ...kitchen.step("begin", "change"),
    ...calling,
    ...kitchen.database("insert"),
    ...kitchen.maybe(0.6, () => kitchen.database("insert", 1)),
    ...kitchen.cache("delete"),
  ].slice(0, MAX_ENTRIES - 1);

const change = (kitchen: Kitchen, calling: Work[]): Work[] =>
  [
    ...kitchen.database("one"),
    ...kitchen.step("begin", "change"),
    ...calling,
    ...kitchen.database("update"),
    ...kitchen.maybe(0.5, () => kitchen.database("upsert", 1)),
    ...kitchen.cache("delete"),
  ].slice(0, MAX_ENTRIES - 1);

const remove = (kitchen: Kitchen, calling: Work[]): Work[] =>
  [
    ...kitchen.database("one"),
    ...kitchen.step("begin", "change"),
    ...calling,
    ...kitchen.database("delete"),
    ...kitchen.cache("delete"),
  ].slice(0, MAX_ENTRIES - 1);

/** A worker acts on an event: looks up, changes its own records or notes the event, at times asks others. */
function handle(kitchen: Kitchen, event: string, asksOutside: boolean): Work[] {
  return [
    ...kitchen.handler(event),
    ...kitchen.database("one"),
    ...kitchen.maybe(0.3, () => kitchen.verb("GetUser")),
    ...(asksOutside ? kitchen.maybe(0.5, () => kitchen.external()) : []),
    ...(kitchen.random.chance(0.6) ? kitchen.database("update") : kitchen.database("insert", LAST_TABLE)),
    ...kitchen.maybe(0.5, () => kitchen.cache("delete")),
  ];
}
