/**
 * A trace of exactly n spans, walked span by span without ever being held: each span gets a budget (itself and all
 * below it), keeps one for itself and deals the rest out to its children. What waits is a stack of a few dozen spans.
 *
 * Order is depth first, so a parent's ordinal is below its children's. Children lie within their parent in time, but
 * workers, which begin after the message was sent and may outlast everybody.
 */
import { mix } from "../../template/mix.ts";
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Operation, Service, ServiceInstance } from "../scenario/services.ts";
import { CLIENT, PRODUCER, SERVER } from "../span-role.ts";
import { Appetites } from "./appetites.ts";
import type { ErrorLaw } from "./error-law.ts";
import { Failures } from "./failures.ts";
import { LARGE_TRACE, Portions } from "./portions.ts";
import { contextOf } from "./recipe-entries.ts";
import { SpanStack } from "./span-stack.ts";
import { Timing } from "./timing.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Operations that a trace is tried on: it gets the one whose usual size is next to its own. */
const CANDIDATES = 3;

/** Traces for which a service's requests go to the same instance, but those whose bits under the mask are zero. */
const CONNECTION_TRACES = 24;
const STRAYS = 7;

/** Share of workers that take several messages at once, and the most that they take. */
const BATCHES = 0.25;
const MAX_BATCH = 9;

export class TraceWalk {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #errors: ErrorLaw;
  readonly #appetites: Appetites;
  readonly #stack = new SpanStack();
  readonly #portions: Portions;
  readonly #failures: Failures;
  readonly #timing: Timing;
  #spanCount = 0;
  #traceWord = 0;
  #traces = 0;

  constructor(scenario: Scenario, random: Random, errors: ErrorLaw) {
    this.#scenario = scenario;
    this.#random = random;
    this.#errors = errors;
    this.#appetites = new Appetites(scenario);
    this.#portions = new Portions(this.#stack, random, this.#appetites, (service) =>
      this.#instanceOf(service),
    );
    this.#failures = new Failures(this.#stack, random.fork("failures"), errors);
    this.#timing = new Timing(this.#stack, random.fork("timing"), this.#appetites);
  }

  /** Random bits that all spans of the trace share: the user, the client. */
  get traceWord(): number {
    return this.#traceWord;
  }

  /** Begin a trace of exactly this many spans, at least 1. */
  begin(spanCount: number): void {
    this.#stack.clear();
    this.#spanCount = spanCount;
    this.#traces++;
    this.#portions.beginTrace(spanCount);
    this.#traceWord = this.#random.word();
    const operation = this.#entranceFor(spanCount);
    const instance = this.#instanceOf(operation.service);
    const root = this.#stack.push(SERVER, instance, undefined, -1, spanCount, this.#traceWord);
    root.operation = operation;
    root.work = operation.work;
    root.served = operation;
    this.#failures.settleRoot(root);
    this.#timing.placeRoot(root, spanCount > LARGE_TRACE);
  }

  /**
   * The next span, or undefined at the end; what explains its failure is known by then. Valid until the next call.
   *
   * ordinal  the place that it gets: 0 for the first, then one more each time; -1 for a root that is not to be sent
   */
  next(ordinal: number): WalkedSpan | undefined {
    if (this.#stack.length === 0) return undefined;
    const span = this.#stack.pop();
    if (ordinal >= 0) this.#errors.count(span.failed);
    if (span.budget > 1) this.#expand(span, ordinal);
    return span;
  }

  /** Push the children of a span, the last one first, so that they come off in order of time. */
  #expand(span: WalkedSpan, ordinal: number): void {
    const first = this.#stack.length;
    if (span.role === CLIENT) this.#expandClient(span, ordinal);
    else if (span.role === PRODUCER) this.#expandProducer(span, ordinal, first);
    else this.#expandWork(span, ordinal, first);
    this.#stack.reverse(first);
  }

  /** A request that was answered has one child: the server's side of it. */
  #expandClient(client: WalkedSpan, ordinal: number): void {
    // Both sides name the same path.
    const server = this.#stack.push(SERVER, client.callee!, client, ordinal, client.budget - 1, client.word);
    server.operation = client.operation;
    server.work = client.operation!.work;
    server.served = client.operation;
    server.caller = client.instance;
    this.#failures.settleServer(server, client.statusCode);
    this.#timing.placeServer(client, server);
  }

  /** A message has the workers that take it up. */
  #expandProducer(producer: WalkedSpan, ordinal: number, first: number): void {
    this.#portions.dealMessage(producer, ordinal);
    this.#failures.settleChildren(producer, ordinal, first);
    for (let place = first; place < this.#stack.length; place++) {
      const consumer = this.#stack.at(place);
      consumer.context = contextOf(producer, consumer);
      if (this.#random.chance(BATCHES)) consumer.messages = this.#random.int(2, MAX_BATCH);
      this.#timing.placeConsumer(producer, consumer);
    }
  }

  /** A server, a worker or a step has what its recipe says. */
  #expandWork(span: WalkedSpan, ordinal: number, first: number): void {
    const stack = this.#stack;
    this.#portions.dealWork(span, ordinal);
    if (span.explained && !span.doomed) {
      const blamed = this.#failures.blame(span, first);
      if (blamed >= 0) this.#portions.stopAfter(span, ordinal, first, blamed);
    }
    for (let place = first; place < stack.length; place++) {
      const child = stack.at(place);
      child.context = contextOf(span, child);
    }
    this.#failures.settleChildren(span, ordinal, first);
    this.#timing.placeChildren(span, first);
    this.#timing.placeNotes(span, first);
  }

  /** An operation of an entrance that makes about as many spans. */
  #entranceFor(spanCount: number): Operation {
    const random = this.#random;
    const service = random.pick(this.#scenario.ingress);
    // Who goes over many things at once changes something.
    const changing = service.exposed.filter(({ endpoint }) => endpoint.method !== "GET");
    const operations = spanCount > LARGE_TRACE && changing.length > 0 ? changing : service.exposed;
    let best = random.pick(operations);
    let distance = this.#distance(best, spanCount);
    for (let candidate = 1; candidate < CANDIDATES; candidate++) {
      const other = random.pick(operations);
      const its = this.#distance(other, spanCount);
      if (its >= distance) continue;
      best = other;
      distance = its;
    }
    return best;
  }

  #distance(operation: Operation, spanCount: number): number {
    const usual = this.#appetites.ofOperation(operation);
    return usual > spanCount ? usual / spanCount : spanCount / usual;
  }

  /** Who takes a request: connections are kept, so a caller stays with one instance for some time. */
  #instanceOf(service: Service): ServiceInstance {
    const { instances } = service;
    const own = this.#spanCount > LARGE_TRACE ? this.#random.word() : mix(this.#traceWord + service.index);
    const strays = (own & STRAYS) === 0;
    const draw = strays ? own : mix(Math.floor(this.#traces / CONNECTION_TRACES) * 7919 + service.index);
    return instances[(draw >>> 8) % instances.length]!;
  }
}
