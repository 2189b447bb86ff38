/**
 * Recipes: what a request makes a service do, entry by entry. The same operation has always the same recipe.
 *
 * Requests that only read call only operations that read, and publish nothing; workers do as they do. So the events of
 * a request never lead back to it.
 */
import type { Random } from "../random.ts";
import { type CallPlan, isForward } from "./call-order.ts";
import type { Purpose } from "./databases.ts";
import type { Draft } from "./draft.ts";
import type { Consumer, DatabaseCall, Operation, Work } from "./services.ts";

const MAX_ENTRIES = 8;

/** Time of a request that is the program's own, and what a call adds to the work of the callee. */
const OWN_MS = 0.8;
const NETWORK_MS = 0.9;

/** Write the recipes of all operations and workers. Services are taken from the back, so callees have theirs first. */
export function writeRecipes(random: Random, drafts: readonly Draft[], plan: CallPlan): void {
  const backwards = drafts.toSorted((a, b) => (isForward(a, b) ? 1 : -1));
  for (const draft of backwards) {
    const callees = plan.callees.get(draft)!;
    const own = random.fork(`recipes ${draft.name}`);
    for (const [nth, operation] of draft.operations.entries()) {
      const chosen = shareOf(callees, nth, draft.operations.length);
      const kitchen = new Kitchen(draft, chosen, nth, own.fork(operation.name));
      const front = plan.fronted.get(draft)?.find(({ domain }) => domain === operation.domain);
      operation.work = (
        front ? passOn(kitchen, operation, front, plan.fronted.get(draft)!) : serve(kitchen, operation)
      ).slice(0, MAX_ENTRIES);
      operation.latencyMs = latencyOf(operation.work);
    }
    draft.calls = [...new Set(draft.operations.flatMap(({ work }) => operationsIn(work)))];
  }
  for (const draft of drafts) {
    for (const [nth, consumer] of draft.consumers.entries()) {
      const own = random.fork(`worker ${draft.name} ${consumer.topic.name}`);
      const callees = plan.callees.get(draft)!.slice(nth, nth + 1);
      consumer.work = handle(new Kitchen(draft, callees, nth, own), consumer).slice(0, MAX_ENTRIES);
      consumer.latencyMs = latencyOf(consumer.work);
    }
  }
}

/** The callees of the nth of `count` operations: each callee is called by one operation at least. */
function shareOf(callees: readonly Draft[], nth: number, count: number): Draft[] {
  const places = new Set<number>();
  for (let offset = 0; offset < Math.min(3, callees.length); offset++)
    places.add((nth + offset) % callees.length);
  for (let place = nth; place < callees.length; place += count) places.add(place);
  return [...places].map((place) => callees[place]!);
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
  readonly #callees: readonly Draft[];
  readonly #nth: number;
  readonly random: Random;
  #steps = 0;

  constructor(draft: Draft, callees: readonly Draft[], nth: number, random: Random) {
    this.#draft = draft;
    this.#callees = callees;
    this.#nth = nth;
    this.random = random;
  }

  get callees(): number {
    return this.#callees.length;
  }

  /** A statement to the database, on its first table, second, ... as far as there are as many. */
  database(purpose: Purpose, table = 0): Work[] {
    const tables = this.#draft.domain.tables;
    return this.#statement(purpose, tables[Math.min(table, tables.length - 1)]!.name);
  }

  /** A command to the cache. */
  cache(purpose: Purpose): Work[] {
    return this.#statement(purpose, this.#draft.domain.entity);
  }

  #statement(purpose: Purpose, table: string): Work[] {
    const fits = (call: DatabaseCall): boolean => call.table === table && call.statement.purpose === purpose;
    const call = this.#draft.databaseCalls.find(fits);
    return call ? [{ kind: "database", call }] : [];
  }

  /** The next step of the program, other ones for other operations. */
  step(use: "read" | "write"): Work[] {
    const { steps, domain } = this.#draft;
    const fitting = steps.filter((_, place) => {
      const its = domain.steps[place]!.use;
      return its === use || its === "both";
    });
    if (fitting.length === 0) return [];
    return [{ kind: "step", step: fitting[(this.#nth + this.#steps++) % fitting.length]! }];
  }

  /** A request to the callee at this place, one that reads or one that changes something. */
  call(use: "read" | "write", callee: number): Work[] {
    const draft = this.#callees[callee];
    if (!draft) return [];
    const reads = draft.operations.filter(isRead);
    const writes = draft.operations.filter((operation) => !isRead(operation));
    const fitting = use === "write" && writes.length > 0 ? writes : reads;
    if (fitting.length === 0) return [];
    return [{ kind: "call", operation: fitting[(this.#nth + callee) % fitting.length]! }];
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

const isRead = ({ endpoint }: Operation): boolean => endpoint.method === "GET";

/** An entrance lets a request in, passes it on, and for pages asks others for what belongs beside it. */
function passOn(kitchen: Kitchen, operation: Operation, front: Draft, fronted: readonly Draft[]): Work[] {
  const target = front.operations.find(({ endpoint }) => endpoint === operation.endpoint);
  const others = fronted.filter((draft) => draft !== front);
  const beside = isRead(operation)
    ? others.slice(0, kitchen.random.int(0, 2)).flatMap((draft): Work[] => {
        const read = draft.operations.find(
          ({ endpoint }) => endpoint.method === "GET" && endpoint.path === "/ID",
        );
        return read ? [{ kind: "call", operation: read }] : [];
      })
    : [];
  const use = isRead(operation) ? "read" : "write";
  return [
    ...kitchen.step(use),
    ...kitchen.cache("join"),
    ...(target ? [{ kind: "call", operation: target } as const] : []),
    ...beside,
    ...kitchen.call("read", 0),
    ...kitchen.step(use),
  ];
}

function serve(kitchen: Kitchen, operation: Operation): Work[] {
  const { method, path, event } = operation.endpoint;
  if (method === "GET") {
    if (path === "/ID") return serveOne(kitchen);
    return path.startsWith("/ID") ? serveParts(kitchen) : serveList(kitchen);
  }
  const changes = method === "DELETE" ? remove(kitchen) : method !== "POST" ? update(kitchen) : undefined;
  return [
    ...(changes ?? (path.startsWith("/ID") ? act(kitchen) : create(kitchen))),
    ...kitchen.publish(event),
  ];
}

const serveOne = (kitchen: Kitchen): Work[] => [
  ...kitchen.cache("one"),
  ...kitchen.database("one"),
  ...kitchen.call("read", 0),
  ...kitchen.maybe(0.5, () => kitchen.database("many", 1)),
  ...kitchen.step("read"),
  ...kitchen.cache("upsert"),
];

const serveParts = (kitchen: Kitchen): Work[] => [
  ...kitchen.database("one"),
  ...kitchen.database("many", 1),
  ...kitchen.maybe(0.5, () => kitchen.call("read", 0)),
  ...kitchen.step("read"),
];

const serveList = (kitchen: Kitchen): Work[] => [
  ...kitchen.cache("many"),
  ...kitchen.database("many"),
  ...kitchen.maybe(0.6, () => kitchen.database("count")),
  ...kitchen.maybe(0.4, () => kitchen.database("join")),
  ...kitchen.maybe(0.5, () => kitchen.call("read", 0)),
  ...kitchen.step("read"),
];

const create = (kitchen: Kitchen): Work[] => [
  ...kitchen.step("write"),
  ...kitchen.call("read", 0),
  ...kitchen.call("write", 1),
  ...kitchen.maybe(0.5, () => kitchen.external()),
  ...kitchen.database("insert"),
  ...kitchen.maybe(0.6, () => kitchen.database("insert", 1)),
  ...kitchen.cache("delete"),
];

const act = (kitchen: Kitchen): Work[] => [
  ...kitchen.database("one"),
  ...kitchen.step("write"),
  ...kitchen.call("write", 0),
  ...kitchen.maybe(0.4, () => kitchen.external()),
  ...kitchen.database("update"),
  ...kitchen.maybe(0.5, () => kitchen.database("upsert", 1)),
  ...kitchen.cache("delete"),
];

const update = (kitchen: Kitchen): Work[] => [
  ...kitchen.step("write"),
  ...kitchen.database("one"),
  ...kitchen.maybe(0.5, () => kitchen.call("read", 0)),
  ...kitchen.database("update"),
  ...kitchen.cache("delete"),
];

const remove = (kitchen: Kitchen): Work[] => [
  ...kitchen.database("one"),
  ...kitchen.step("write"),
  ...kitchen.database("delete"),
  ...kitchen.cache("delete"),
];

/** A worker takes note of an event: looks up, changes its own records, at times tells a host outside. */
function handle(kitchen: Kitchen, _consumer: Consumer): Work[] {
  return [
    ...kitchen.step("write"),
    ...kitchen.database("one"),
    ...kitchen.maybe(0.4, () => kitchen.call("read", 0)),
    ...kitchen.maybe(0.3, () => kitchen.external()),
    ...kitchen.database(kitchen.random.chance(0.5) ? "update" : "insert"),
    ...kitchen.cache("delete"),
  ];
}
