/**
 * A trace of exactly n spans, walked span by span without ever being held: each span gets a budget (itself and all
 * below it), keeps one for itself and deals the rest out to its children. What waits is a stack of a few dozen spans.
 *
 * Order is depth first, so a parent's ordinal is below its children's; children lie within their parent in time.
 */
import type { Random } from "../random.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type {
  DatabaseCall,
  ExternalCall,
  Operation,
  Service,
  ServiceInstance,
  Step,
} from "../scenario/services.ts";
import { CLIENT, DATABASE, EXTERNAL, SERVER, type SpanRole, STEP } from "../span-role.ts";
import type { ErrorLaw } from "./error-law.ts";

/** No error; an error that begins here; an error that came up from a child. */
export const FINE = 0;
export const FAILED = 1;
export const CHILD_FAILED = 2;

/** One span of the walk. Objects are used again: valid during the call that hands it out. */
export interface WalkedSpan {
  role: SpanRole;
  instance: ServiceInstance;
  /** The endpoint that serves (SERVER) or is called (CLIENT). */
  operation: Operation | undefined;
  database: DatabaseCall | undefined;
  external: ExternalCall | undefined;
  step: Step | undefined;
  /** Who called (SERVER below another service), else undefined. */
  caller: ServiceInstance | undefined;
  /** Who is called (CLIENT). */
  callee: ServiceInstance | undefined;
  /** Ordinal of the parent, -1 for a root. */
  parent: number;
  depth: number;
  /** Nanoseconds from the start of the trace. */
  start: number;
  end: number;
  /** Spans below and at this one. */
  budget: number;
  /** HTTP status; 0 when no answer came. */
  statusCode: number;
  failure: typeof FINE | typeof FAILED | typeof CHILD_FAILED;
  /** A failure above that this one is to explain. */
  mustFail: boolean;
  /** Random bits for whatever varies from span to span. */
  word: number;
}

/** Past this many spans a trace is a batch run: instances change within it, and leaf services call again. */
const LARGE_TRACE = 1000;

const MS = 1e6;
const MAX_TRACE_NS = 120_000 * MS;
const MAX_SMALL_TRACE_NS = 20_000 * MS;

/** Codes that servers fail with, and codes that they refuse with while being well themselves. */
const SERVER_ERRORS = [500, 500, 502, 503, 504] as const;
const REFUSALS = [400, 401, 404, 409, 429] as const;
const REFUSAL_SHARE = 0.03;

/** How likely a failure comes from a child, when there is one that could have failed. */
const CHAIN_SHARE = 0.65;

export class TraceWalk {
  readonly #scenario: Scenario;
  readonly #random: Random;
  readonly #errors: ErrorLaw;
  readonly #allOperations: readonly Operation[];
  /** Waiting spans; those past #top are free to be used again. */
  readonly #stack: WalkedSpan[] = [];
  #top = 0;
  /** The span that was handed out last; takes the next one's place on the stack. */
  #spare: WalkedSpan = emptySpan();
  #spanCount = 0;
  #traceWord = 0;

  constructor(scenario: Scenario, random: Random, errors: ErrorLaw) {
    this.#scenario = scenario;
    this.#random = random;
    this.#errors = errors;
    this.#allOperations = scenario.services.flatMap(({ operations }) => operations);
  }

  /** Random bits that all spans of the trace share: the user, the client. */
  get traceWord(): number {
    return this.#traceWord;
  }

  /** Begin a trace of exactly this many spans, at least 1. */
  begin(spanCount: number): void {
    const random = this.#random;
    this.#top = 0;
    this.#spanCount = spanCount;
    this.#traceWord = random.word();
    const service = random.pick(this.#scenario.ingress);
    const operation = random.pick(service.operations);
    const root = this.#push(SERVER, this.#instanceOf(service), -1, 0, spanCount);
    root.operation = operation;
    const usual = operation.latencyMs * MS * (0.4 + spanCount / 25) * random.skewed();
    root.end = Math.floor(Math.min(usual, spanCount > LARGE_TRACE ? MAX_TRACE_NS : MAX_SMALL_TRACE_NS));
    this.#settle(root);
  }

  /** The next span, or undefined at the end. `ordinal` is the place it gets: 0 for the first, then one more each time. */
  next(ordinal: number): WalkedSpan | undefined {
    if (this.#top === 0) return undefined;
    // The span moves out of the stack (its place is filled by its children), so swap it with a spare one.
    const span = this.#stack[--this.#top]!;
    this.#stack[this.#top] = this.#spare;
    this.#spare = span;
    this.#errors.count(isFailure(span));
    if (span.budget > 1) this.#expand(span, ordinal);
    return span;
  }

  /** Push the children of a span, the last one first, so that they come off in order of time. */
  #expand(span: WalkedSpan, ordinal: number): void {
    const first = this.#top;
    if (span.role === CLIENT) this.#expandClient(span, ordinal);
    else this.#expandWork(span, ordinal);
    for (let low = first, high = this.#top - 1; low < high; low++, high--) {
      const swapped = this.#stack[low]!;
      this.#stack[low] = this.#stack[high]!;
      this.#stack[high] = swapped;
    }
  }

  /** A request that was sent has one child: the server's side of it. */
  #expandClient(span: WalkedSpan, ordinal: number): void {
    const server = this.#push(SERVER, span.callee!, ordinal, span.depth + 1, span.budget - 1);
    server.operation = span.operation;
    server.caller = span.instance;
    server.word = span.word; // both sides name the same path
    const network = Math.floor(Math.min((span.end - span.start) * 0.08, 1.5 * MS * this.#random.float()));
    server.start = span.start + network;
    server.end = span.end - network;
    server.statusCode = span.statusCode || span.operation!.successCode;
    server.mustFail = span.failure === CHILD_FAILED;
    this.#settle(server);
  }

  /** A server's work: calls, statements, steps, one after the other or side by side. */
  #expandWork(span: WalkedSpan, ordinal: number): void {
    const random = this.#random;
    const first = this.#top;
    let left = span.budget - 1;
    const children = Math.min(left, random.int(2, 6));
    const share = left / children;
    for (let child = 1; left > 0; child++) {
      const drawn = Math.round(share * (0.4 + 1.2 * random.float()));
      const size = child >= children ? left : Math.max(1, Math.min(drawn, left));
      this.#pushWork(span, ordinal, size);
      left -= size;
    }
    if (span.failure === CHILD_FAILED)
      this.#stack[first + random.int(0, this.#top - first - 1)]!.mustFail = true;
    if (random.chance(0.2)) this.#placeSideBySide(span, first);
    else this.#placeInTurn(span, first);
    for (let at = first; at < this.#top; at++) this.#settle(this.#stack[at]!);
  }

  /** One child of a server or step, of this many spans, its time still open. */
  #pushWork(parent: WalkedSpan, ordinal: number, size: number): void {
    const random = this.#random;
    const { instance, depth } = parent;
    const { service } = instance;
    const kind = random.float();
    if (size > 1) {
      const calls =
        service.calls.length === 0 && this.#spanCount > LARGE_TRACE ? this.#allOperations : service.calls;
      if (calls.length > 0 && kind < 0.75) {
        const client = this.#push(CLIENT, instance, ordinal, depth + 1, size);
        client.operation = random.pick(calls);
        client.callee = this.#instanceOf(client.operation.service);
        return;
      }
    } else if (kind < 0.6) {
      this.#push(DATABASE, instance, ordinal, depth + 1, 1).database = random.pick(service.databaseCalls);
      return;
    } else if (kind < 0.7) {
      this.#push(EXTERNAL, instance, ordinal, depth + 1, 1).external = random.pick(service.externalCalls);
      return;
    }
    this.#push(STEP, instance, ordinal, depth + 1, size).step = random.pick(service.steps);
  }

  /** Children one after the other, with some time of the parent's own between them. */
  #placeInTurn(parent: WalkedSpan, first: number): void {
    const random = this.#random;
    const whole = parent.end - parent.start;
    let weights = 0;
    for (let at = first; at < this.#top; at++) {
      const child = this.#stack[at]!;
      // The weight waits in `end` until the sum of all is known.
      child.end = Math.sqrt(child.budget) * (0.3 + random.float());
      weights += child.end;
    }
    const busy = whole * 0.88;
    const pause = (whole - busy) / (this.#top - first + 1);
    let clock = parent.start + pause;
    for (let at = first; at < this.#top; at++) {
      const child = this.#stack[at]!;
      const length = (busy * child.end) / weights;
      child.start = Math.floor(clock);
      child.end = Math.min(parent.end, Math.floor(clock + length));
      clock += length + pause;
    }
  }

  /** Children that begin together. */
  #placeSideBySide(parent: WalkedSpan, first: number): void {
    const whole = parent.end - parent.start;
    for (let at = first; at < this.#top; at++) {
      const child = this.#stack[at]!;
      child.start = parent.start + Math.floor(whole * 0.03 * (1 + at - first) * this.#random.float());
      child.end = child.start + Math.floor((parent.end - child.start) * (0.2 + 0.75 * this.#random.float()));
    }
  }

  /** Decide how a span ends, once it is known whether it must fail. */
  #settle(span: WalkedSpan): void {
    // A server that was called fails exactly when its caller sees it fail: the two sides tell one story.
    const begins = !(span.role === SERVER && span.caller) && !span.mustFail && this.#errors.begins();
    if (span.mustFail || begins) {
      // Where errors are the rule, they come from below as a rule: a call that fails by itself has a server that is well.
      const share = Math.max(CHAIN_SHARE, this.#errors.rate);
      span.failure = span.budget > 1 && this.#random.chance(share) ? CHILD_FAILED : FAILED;
    }
    if (span.role === CLIENT || span.role === EXTERNAL) this.#settleRequest(span);
    else if (span.role === SERVER) this.#settleServer(span);
  }

  #settleServer(span: WalkedSpan): void {
    if (span.failure !== FINE) {
      if (span.statusCode < 500) span.statusCode = this.#random.pick(SERVER_ERRORS);
    } else if (span.parent < 0) {
      const refused = this.#random.chance(REFUSAL_SHARE);
      span.statusCode = refused ? this.#random.pick(REFUSALS) : span.operation!.successCode;
    } else if (span.statusCode === 0) span.statusCode = span.operation!.successCode;
  }

  /** A failed request: the server failed, it refused while being well, or no answer came. */
  #settleRequest(span: WalkedSpan): void {
    if (span.failure === CHILD_FAILED) span.statusCode = this.#random.pick(SERVER_ERRORS);
    else if (span.failure === FAILED)
      span.statusCode = this.#random.chance(0.5) ? this.#random.pick(REFUSALS) : 0;
    else span.statusCode = span.operation?.successCode ?? 200;
  }

  #instanceOf(service: Service): ServiceInstance {
    const { instances } = service;
    const draw =
      this.#spanCount > LARGE_TRACE ? this.#random.word() : (this.#traceWord >>> 4) + service.index * 7;
    return instances[draw % instances.length]!;
  }

  #push(
    role: SpanRole,
    instance: ServiceInstance,
    parent: number,
    depth: number,
    budget: number,
  ): WalkedSpan {
    if (this.#top === this.#stack.length) this.#stack.push(emptySpan());
    const span = this.#stack[this.#top++]!;
    span.role = role;
    span.instance = instance;
    span.operation = undefined;
    span.database = undefined;
    span.external = undefined;
    span.step = undefined;
    span.caller = undefined;
    span.callee = undefined;
    span.parent = parent;
    span.depth = depth;
    span.start = 0;
    span.end = 0;
    span.budget = budget;
    span.statusCode = 0;
    span.failure = FINE;
    span.mustFail = false;
    span.word = this.#random.word();
    return span;
  }
}

/** Whether a span has the status Error. */
export function isFailure(span: WalkedSpan): boolean {
  return span.failure !== FINE;
}

function emptySpan(): WalkedSpan {
  return {
    role: SERVER,
    instance: undefined as unknown as ServiceInstance,
    operation: undefined,
    database: undefined,
    external: undefined,
    step: undefined,
    caller: undefined,
    callee: undefined,
    parent: -1,
    depth: 0,
    start: 0,
    end: 0,
    budget: 0,
    statusCode: 0,
    failure: FINE,
    mustFail: false,
    word: 0,
  };
}
