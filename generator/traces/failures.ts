/**
 * How spans end: well, refused, or failed, and what explains a failure.
 *
 * Errors are decided from above, as a parent is written before its children, and told as if they came from below: a
 * server that fails picks the child that explains it, the child does the same, down to where the error began. What is
 * not picked and fails nevertheless is handled by its parent: it tries again, or goes on without.
 */
import type { Random } from "../random.ts";
import { codeOf, EXTERNAL_FAILURES, failuresOf, isServerFault, refusalsOf } from "../scenario/outcomes.ts";
import type { Operation } from "../scenario/services.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, SERVER, STEP } from "../span-role.ts";
import { AT_TOP, type ErrorLaw, WITHIN } from "./error-law.ts";
import { statementOf } from "./recipe-entries.ts";
import type { SpanStack } from "./span-stack.ts";
import { RETRY, type WalkedSpan } from "./walked-span.ts";

/** How likely a failure comes from below, where there is something below. */
const EXPLAINED = 0.75;

/** How likely a request that fails while its caller goes on well is sent again. */
const RETRIED = 0.6;

/** Requests that are refused do little: no more spans than this. */
const REFUSED_SPANS = 4;

/** How likely an entrance answers with the refusal that it got itself. */
const REFUSAL_PASSED_ON = 0.7;

/** Shares of requests from outside that are refused: at the door, and after some work. */
const REFUSED_AT_DOOR = 0.25;
const REFUSED_LATE = 0.02;
const DOOR_SPANS = 3;

/** How many times as gladly a request is blamed for a code that speaks of others. */
const OTHERS = 8;

/** Spans that a request may forgo by failing early, where nothing in front of the failure can have more below it. */
const FORGONE_SPANS = 4;

/** How gladly a child is taken to explain a failure, by role. */
const BLAME: Readonly<Record<number, number>> = {
  [CLIENT]: 4,
  [EXTERNAL]: 3,
  [DATABASE]: 3,
  [STEP]: 2,
  [PRODUCER]: 1,
};

const INTERNAL_ERROR = 500;

/** gRPC's UNAVAILABLE: what a client says when nobody answers. Over HTTP there is no code then. */
const GRPC_UNAVAILABLE = 14;
const GRPC_DEADLINE_EXCEEDED = 4;

/** HTTP codes that an entrance answers with for a gRPC code. */
const HTTP_OF_GRPC: Readonly<Record<number, number>> = {
  3: 400,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 422,
  10: 409,
  16: 401,
};

export class Failures {
  readonly #stack: SpanStack;
  readonly #random: Random;
  readonly #errors: ErrorLaw;

  constructor(stack: SpanStack, random: Random, errors: ErrorLaw) {
    this.#stack = stack;
    this.#random = random;
    this.#errors = errors;
  }

  /** Decide how a request from outside ends. */
  settleRoot(root: WalkedSpan): void {
    const operation = root.operation!;
    if (this.#errors.begins(AT_TOP)) {
      this.#failServer(root, codeOf(failuresOf(operation), root.word));
      // Nobody else is to blame: no bad gateway, no timeout.
      if (!root.explained) root.statusCode = INTERNAL_ERROR;
    } else if (this.#random.chance(root.budget <= DOOR_SPANS ? REFUSED_AT_DOOR : REFUSED_LATE)) {
      root.statusCode = codeOf(refusalsOf(operation), root.word);
    } else root.statusCode = successOf(operation);
  }

  /** Decide how the server's side of a request ends: as its client was told. */
  settleServer(server: WalkedSpan, code: number): void {
    if (isServerFault(server.operation!.protocol, code)) this.#failServer(server, code);
    else server.statusCode = code;
  }

  /** Decide how the children from `first` on end; one of them may explain a failure of their parent. */
  settleChildren(span: WalkedSpan, ordinal: number, first: number): void {
    const stack = this.#stack;
    for (let place = first; place < stack.length; place++) {
      const child = stack.at(place);
      if (child.role === CLIENT) place += this.#settleClient(span, ordinal, place, child);
      else this.#settleChild(span, child);
    }
    if (span.doomed) span.cause = stack.at(first);
    if (span.parent < 0 && span.role === SERVER && !span.failed) this.#passRefusalOn(span, first);
  }

  #failServer(server: WalkedSpan, code: number): void {
    server.failed = true;
    server.statusCode = code;
    server.explained = this.#isExplained(server) || (server.budget > 1 && isOfOthers(server));
  }

  #isExplained(span: WalkedSpan): boolean {
    // Where errors are the rule, they come from below as a rule.
    return span.budget > 1 && this.#random.chance(Math.max(EXPLAINED, this.#errors.rate));
  }

  #settleChild(parent: WalkedSpan, child: WalkedSpan): void {
    const { role } = child;
    if (role === CONSUMER) {
      child.failed = this.#errors.begins(AT_TOP);
      child.explained = child.failed && this.#isExplained(child);
      return;
    }
    child.failed = child.mustFail || this.#errors.begins(WITHIN);
    // A message that was taken up had been sent.
    if (role === PRODUCER && child.budget > 1 && this.#errors.rate < 1) child.failed = false;
    if (role === EXTERNAL) child.statusCode = child.failed ? codeOf(EXTERNAL_FAILURES, child.word) : 200;
    else if (role === STEP && child.failed && this.#isExplained(child)) this.#doom(parent, child);
  }

  /** Choose the child that the failure of a span came from. Returns its place, or -1 when none can be blamed. */
  blame(span: WalkedSpan, first: number): number {
    const stack = this.#stack;
    let behind = 0;
    for (let place = first; place < stack.length; place++) behind += stack.at(place).budget;
    let sum = 0;
    let blamed = -1;
    let canGrow = false;
    for (let place = first; place < stack.length; place++) {
      const child = stack.at(place);
      behind -= child.budget;
      canGrow ||= child.appetite > 0;
      if (child.role === CONSUMER || (child.role === PRODUCER && child.budget > 1)) continue;
      // What stands behind it will not happen: somebody must be able to take its budget.
      if (behind > FORGONE_SPANS && !canGrow) continue;
      const isRequest = child.role === CLIENT || child.role === EXTERNAL;
      const weight = BLAME[child.role]! * (isRequest && isOfOthers(span) ? OTHERS : 1);
      sum += weight;
      // Each is kept with its share of those so far, so each is as likely as its weight says.
      if (this.#random.float() * sum < weight) blamed = place;
    }
    if (blamed < 0) span.explained = false;
    else {
      span.cause = stack.at(blamed);
      span.cause.mustFail = true;
    }
    return blamed;
  }

  /** Decide about a step with something below it, which fails because of a statement: name it now, it gets its span later. */
  #doom(parent: WalkedSpan, step: WalkedSpan): void {
    const call = statementOf(parent);
    if (!call) return;
    step.explained = true;
    step.doomed = call;
    step.doomedWord = this.#random.word();
  }

  /** Returns how many spans it put behind the client. */
  #settleClient(parent: WalkedSpan, ordinal: number, place: number, client: WalkedSpan): number {
    const operation = client.operation!;
    client.failed = client.mustFail || this.#errors.begins(WITHIN);
    if (!client.failed) {
      client.statusCode = successOf(operation);
      return 0;
    }
    if (client.mustFail) {
      client.statusCode = codeOf(failuresOf(operation), client.word);
      return client.budget <= 3 ? this.#exhaust(parent, ordinal, place, client) : 0;
    }
    if (this.#errors.rate < 1) {
      if (client.budget > 2 && this.#random.chance(RETRIED))
        return this.#tryAgain(parent, ordinal, place, client);
      if (client.budget <= REFUSED_SPANS) {
        client.statusCode = codeOf(refusalsOf(operation), client.word);
        return 0;
      }
    }
    client.statusCode = codeOf(failuresOf(operation), client.word);
    return 0;
  }

  /** The request gets no answer; it is sent once more and goes well. */
  #tryAgain(parent: WalkedSpan, ordinal: number, place: number, client: WalkedSpan): number {
    const again = this.#repeat(parent, ordinal, place, client, client.budget - 1);
    again.statusCode = successOf(again.operation!);
    again.note = RETRY;
    client.budget = 1;
    client.statusCode = unanswered(client.operation!);
    return 1;
  }

  /** No attempt gets an answer, and there is none after the last; each takes one span of the budget. */
  #exhaust(parent: WalkedSpan, ordinal: number, place: number, client: WalkedSpan): number {
    const attempts = client.budget;
    client.budget = 1;
    client.statusCode = unanswered(client.operation!);
    let last = client;
    for (let attempt = 1; attempt < attempts; attempt++) {
      last = this.#repeat(parent, ordinal, place + attempt - 1, last, 1);
      last.failed = true;
      last.mustFail = true;
      last.statusCode = unanswered(last.operation!);
    }
    parent.cause = last;
    return attempts - 1;
  }

  /** The same request once more, behind the one at this place. */
  #repeat(
    parent: WalkedSpan,
    ordinal: number,
    place: number,
    client: WalkedSpan,
    budget: number,
  ): WalkedSpan {
    const stack = this.#stack;
    const again = stack.push(CLIENT, client.instance, parent, ordinal, budget, client.word);
    again.operation = client.operation;
    again.callee = client.callee;
    again.context = client.context;
    again.resends = client.resends + 1;
    stack.sink(place + 1);
    return again;
  }

  /** An entrance may answer with what it was told by the last service that it asked. */
  #passRefusalOn(root: WalkedSpan, first: number): void {
    const stack = this.#stack;
    for (let place = stack.length - 1; place >= first; place--) {
      const child = stack.at(place);
      if (child.role !== CLIENT) continue;
      if (!child.failed) return;
      const { protocol } = child.operation!;
      const code = protocol === "grpc" ? HTTP_OF_GRPC[child.statusCode] : child.statusCode;
      if (code && code >= 400 && code < 500 && this.#random.chance(REFUSAL_PASSED_ON)) root.statusCode = code;
      return;
    }
  }
}

/** Whether a server's code says that somebody whom it asked did not answer well. */
function isOfOthers({ role, operation, statusCode }: WalkedSpan): boolean {
  if (role !== SERVER) return false;
  return operation!.protocol === "grpc"
    ? statusCode === GRPC_UNAVAILABLE || statusCode === GRPC_DEADLINE_EXCEEDED
    : statusCode > INTERNAL_ERROR;
}

function successOf(operation: Operation): number {
  return operation.protocol === "grpc" ? 0 : operation.successCode;
}

/** What a client that got no answer has for a code. */
function unanswered({ protocol }: Operation): number {
  return protocol === "grpc" ? GRPC_UNAVAILABLE : 0;
}
