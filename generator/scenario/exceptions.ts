/**
 * Exceptions: what went wrong where an error begins, the same in the span's event and in the log record of it. All
 * follows from the place and one random word: the same word, the same exception.
 */

import { GRPC_CODES } from "../../otlp/grpc-codes.ts";
import { type DatabaseFailure, databaseFailuresOf } from "./database-failures.ts";
import type { Failure } from "./domains.ts";
import { type Cause, pascal, type Stack, type Thrown } from "./languages/language.ts";
import { type Part, type Served, stackOf, wordsOf } from "./program-stack.ts";
import { externalUrlOf, pathOf } from "./request-facts.ts";
import {
  addressOf,
  type DatabaseCall,
  type ExternalCall,
  type Operation,
  type Service,
  type ServiceInstance,
  type Step,
  type Topic,
  type Work,
} from "./services.ts";
import { fillIn, idOf, mix } from "./wording.ts";

export interface Exception {
  /** One of few: also the span's `error.type`. */
  readonly type: string;
  readonly message: string;
  readonly stackTrace: string;
}

/** What a database answered; `code` is `db.response.status_code`. */
export interface DatabaseException extends Exception {
  readonly code: string;
}

/** Of the program's own failures, how many are those of its domain; the others are errors of the language. In 256ths. */
const DOMAIN_SHARE = 176;

/** Of the errors of the language, how many are wrapped in one that says what was being done. In 256ths. */
const WRAPPED_SHARE = 140;

/** Details of gRPC answers, as servers give them. */
const RPC_DETAILS: Readonly<Record<string, string>> = {
  UNAVAILABLE:
    "connections to all backends failing; last error: connect to {host}:{port}: Connection refused",
  DEADLINE_EXCEEDED: "Deadline exceeded after 1.99{n}s",
  INTERNAL: "internal server error",
  UNKNOWN: "Application error processing RPC",
  NOT_FOUND: "{entity} {id} not found",
  INVALID_ARGUMENT: "invalid value for field {entity}.quantity",
  ALREADY_EXISTS: "{entity} {id} already exists",
  FAILED_PRECONDITION: "{entity} {id} is {state}",
  ABORTED: "{entity} {id} was changed concurrently",
  PERMISSION_DENIED: "caller may not access {entity} {id}",
  UNAUTHENTICATED: "token expired",
  RESOURCE_EXHAUSTED: "received more than {count} requests in 60 s",
};

/**
 * An exception of the program's own: a failure of its domain, or an error of its language, at times wrapped.
 *
 * served  what the process is at; absent: any of its operations
 * step    the part of the program that throws; absent: the endpoint itself, or a part that the recipe has
 */
export function thrownBy(instance: ServiceInstance, word: number, served?: Served, step?: Step): Exception {
  const { service } = instance;
  const { language } = service;
  const bits = mix(word ^ 0x7468_726f);
  const doing = served ?? pick(service.operations, bits >>> 3);
  const failures = failuresDuring(service, doing, step);
  if (failures.length > 0 && (bits & 255) < DOMAIN_SHARE) {
    const failure = pick(failures, bits >>> 8);
    const thrown = { type: language.domainFailure(service.name, failure.name), message: failure.message };
    return exception(instance, word, thrown, stackOf(service, doing, step && inside(step), bits));
  }
  const error = pick(language.runtimeErrors, bits >>> 12);
  const within = step ?? stepOf(doing, bits >>> 11);
  const stack = stackOf(service, doing, within && inside(within), bits);
  if (bits >>> 24 >= WRAPPED_SHARE || stack.own.length === 1) return exception(instance, word, error, stack);
  return wrapped(instance, word, doing, error, stack);
}

/** An error of the language in an exception that says what was being done. */
function wrapped(
  instance: ServiceInstance,
  word: number,
  doing: Served,
  error: Thrown,
  stack: Stack,
): Exception {
  const { name, language, domain } = instance.service;
  const attempted = "topic" in doing ? `handle ${doing.topic.event}` : wordsOf(doing.endpoint.verb);
  const thrown = {
    type: language.domainFailure(name, `${pascal(domain.entity.replaceAll("_", "-"))}Processing`),
    message: `could not ${attempted}${isAboutOne(doing) ? " ({id})" : ""}`,
  };
  const above = { ...stack, own: stack.own.slice(1) };
  const below = { ...stack, own: stack.own.slice(0, 1), outer: [] };
  return exception(instance, word, thrown, above, {}, { thrown: error, message: "", stack: below });
}

const inside = (step: Step): Part => ({ kind: "step", step });

/** What the language's driver throws when a statement fails. */
export function fromDatabase(
  instance: ServiceInstance,
  call: DatabaseCall,
  word: number,
  served?: Served,
): DatabaseException {
  const { service } = instance;
  const bits = mix(word ^ 0x6461_7461);
  const failure = failureOf(call, bits);
  const given = {
    table: call.table,
    database: call.database,
    host: call.address,
    port: String(call.system.port),
  };
  const stack = stackOf(service, served ?? serverOf(service, call, bits), { kind: "database", call }, bits);
  return {
    ...exception(instance, word, service.language.databaseError(call.system.name, failure), stack, given),
    code: failure.code,
  };
}

/** Type and code of what `fromDatabase` gives for the same word, without a stack trace. */
export function refusalOf(
  { service }: ServiceInstance,
  call: DatabaseCall,
  word: number,
): Pick<DatabaseException, "type" | "code"> {
  const failure = failureOf(call, mix(word ^ 0x6461_7461));
  return { type: service.language.databaseError(call.system.name, failure).type, code: failure.code };
}

/** What the language's client throws for an answer. statusCode: HTTP or gRPC, by the callee's protocol; 0: no answer came. */
export function fromAnswer(
  instance: ServiceInstance,
  callee: Operation | ExternalCall,
  statusCode: number,
  word: number,
  served?: Served,
): Exception {
  const { service } = instance;
  const { language } = service;
  const bits = mix(word ^ 0x616e_7377);
  const doing = served ?? serverOf(service, callee, bits);
  const answered = statusCode !== 0;
  if ("host" in callee) {
    const { host, method } = callee;
    const given = { target: externalUrlOf(callee, word), host, port: "443" };
    const stack = stackOf(service, doing, { kind: "external", call: callee, answered }, bits);
    return exception(instance, word, language.httpError(statusCode, method), stack, given);
  }
  const stack = stackOf(service, doing, { kind: "call", operation: callee, answered }, bits);
  const host = addressOf(callee.service);
  const { domain } = callee;
  const port = String(callee.service.port);
  if (callee.protocol === "http") {
    const given = { target: `http://${host}:${port}${pathOf(callee, word)}`, host, port };
    return exception(instance, word, language.httpError(statusCode, callee.method), stack, given);
  }
  const code = GRPC_CODES[statusCode || 14]!;
  const given = {
    host,
    port,
    id: idOf(domain, word),
    entity: domain.entity,
    state: pick(domain.states, bits >>> 4),
  };
  const thrown = language.rpcError(code, RPC_DETAILS[code] ?? "unexpected answer");
  return exception(instance, word, thrown, stack, given);
}

/** What the language's client throws when an event cannot be published. */
export function fromBroker(
  instance: ServiceInstance,
  topic: Topic,
  word: number,
  served?: Served,
): Exception {
  const { service } = instance;
  const bits = mix(word ^ 0x6272_6f6b);
  const given = {
    topic: topic.name,
    partition: String(bits % topic.partitions),
    host: topic.address,
    port: String(topic.port),
  };
  const stack = stackOf(service, served ?? serverOf(service, topic, bits), { kind: "publish", topic }, bits);
  const thrown = pick(service.language.brokerErrors[topic.system], bits >>> 8);
  return exception(instance, word, thrown, stack, given);
}

function exception(
  instance: ServiceInstance,
  word: number,
  thrown: Thrown,
  stack: Stack,
  given: Readonly<Record<string, string>> = {},
  cause?: Cause,
): Exception {
  const { language, domain } = instance.service;
  const message = fillIn(thrown.message, domain, word, given);
  const below = cause && { ...cause, message: fillIn(cause.thrown.message, domain, word, given) };
  return {
    type: thrown.type,
    message: message || thrown.type,
    stackTrace: language.print(thrown, message, stack, below),
  };
}

/** One of the failures of a statement, as often as its weight says. */
function failureOf({ system, statement }: DatabaseCall, bits: number): DatabaseFailure {
  const failures = databaseFailuresOf(system.name, statement.purpose);
  let target = bits % failures.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = failures.find(({ weight }) => {
    target -= weight;
    return target < 0;
  });
  return chosen!.failure;
}

/** By service: what it is at when it uses a thing. */
const servers = new WeakMap<Service, Map<object, readonly Served[]>>();

/** One of those whose recipe has this statement, operation, host or topic; any operation, if none has. */
function serverOf(service: Service, thing: object, bits: number): Served {
  let byThing = servers.get(service);
  if (!byThing) {
    byThing = new Map();
    servers.set(service, byThing);
  }
  let fitting = byThing.get(thing);
  if (!fitting) {
    const all: readonly Served[] = [...service.operations, ...service.consumers];
    const using = all.filter(({ work }) => work.some((entry) => thingOf(entry) === thing));
    fitting = using.length > 0 ? using : service.operations;
    byThing.set(thing, fitting);
  }
  return pick(fitting, bits >>> 3);
}

function thingOf(entry: Work): object {
  switch (entry.kind) {
    case "call":
      return entry.operation;
    case "step":
      return entry.step;
    case "publish":
      return entry.topic;
    default:
      return entry.call;
  }
}

/**
 * Failures of the domain that can come of it: who looks things up meets no conflict, who asks for many does not miss one,
 * and what shapes the answer finds nothing wrong with the request.
 */
function failuresDuring(
  { domain, steps }: Service,
  served: Served,
  step: Step | undefined,
): readonly Failure[] {
  const kind = step && domain.steps[steps.indexOf(step)];
  if (kind?.use === "answer") return [];
  if ("endpoint" in served && !served.endpoint.reads) return domain.failures;
  const { failuresOfReading } = domain;
  return isAboutOne(served)
    ? failuresOfReading
    : failuresOfReading.filter(({ message }) => !message.includes("{id}"));
}

/** Whether it has a thing, and so an id, that it is about. */
function isAboutOne(served: Served): boolean {
  return "topic" in served || !served.endpoint.reads || served.endpoint.path.includes("ID");
}

/** One of the steps of a recipe. */
function stepOf({ work }: Served, bits: number): Step | undefined {
  const steps = work.flatMap((entry) => (entry.kind === "step" ? [entry.step] : []));
  return steps.length > 0 ? pick(steps, bits) : undefined;
}

function pick<T>(items: readonly T[], bits: number): T {
  return items[bits % items.length]!;
}
