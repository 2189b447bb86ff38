/**
 * Exceptions: what went wrong where an error begins, the same in the span's event and in the log record of it. All
 * follows from the place and one random word: the same word, the same exception.
 */
import { type DatabaseFailure, databaseFailuresOf } from "./database-failures.ts";
import { GRPC_CODES } from "./grpc-codes.ts";
import { type Cause, type Frame, pascal, type Stack, type Thrown } from "./languages/language.ts";
import {
  addressOf,
  type DatabaseCall,
  type ExternalCall,
  type Operation,
  type Service,
  type ServiceInstance,
  type Topic,
  type Work,
} from "./services.ts";
import { fillIn, hashOf, idOf, mix } from "./wording.ts";

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
  INTERNAL: "internal error, request {id}",
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

/** An exception of the program's own: a failure of its domain, or an error of its language, at times wrapped. */
export function thrownBy(instance: ServiceInstance, word: number): Exception {
  const { service } = instance;
  const { language, domain } = service;
  const bits = mix(word ^ 0x7468_726f);
  const { endpoint } = pick(service.operations, bits >>> 3);
  if ((bits & 255) < DOMAIN_SHARE) {
    const failure = pick(domain.failures, bits >>> 8);
    const thrown = { type: language.domainFailure(service.name, failure.name), message: failure.message };
    return exception(instance, word, thrown, stackOf(instance, bits, endpoint.verb));
  }
  const error = pick(language.runtimeErrors, bits >>> 12);
  const stack = stackOf(instance, bits, endpoint.verb);
  if (bits >>> 24 >= WRAPPED_SHARE) return exception(instance, word, error, stack);
  const thrown = {
    type: language.domainFailure(service.name, `${pascal(domain.entity.replaceAll("_", "-"))}Processing`),
    message: `could not ${wordsOf(endpoint.verb)} ({id})`,
  };
  const above = { ...stack, own: stack.own.slice(1) };
  const below = { ...stack, own: stack.own.slice(0, 1), outer: [] };
  return exception(instance, word, thrown, above, {}, { thrown: error, message: "", stack: below });
}

/** What the language's driver throws when a statement fails. */
export function fromDatabase(instance: ServiceInstance, call: DatabaseCall, word: number): DatabaseException {
  const { language } = instance.service;
  const { name, port } = call.system;
  const bits = mix(word ^ 0x6461_7461);
  const failure = failureOf(call, bits);
  const frames = language.frames.database[name] ?? language.frames.database.other;
  const given = { table: call.table, database: call.database, host: call.address, port: String(port) };
  const verb = verbDoing(instance.service, call, bits);
  const stack = stackOf(instance, bits, verb, frames, `${instance.service.domain.entity}-repository`);
  return {
    ...exception(instance, word, language.databaseError(name, failure), stack, given),
    code: failure.code,
  };
}

/** What the language's client throws for an answer. statusCode: HTTP or gRPC, by the callee's protocol; 0: no answer came. */
export function fromAnswer(
  instance: ServiceInstance,
  callee: Operation | ExternalCall,
  statusCode: number,
  word: number,
): Exception {
  const { language } = instance.service;
  const bits = mix(word ^ 0x616e_7377);
  const verb = verbDoing(instance.service, callee, bits);
  if ("host" in callee) {
    const target = `https://${callee.host}${callee.path.replace("ID", idOf(instance.service.domain, word))}`;
    const given = { target, host: callee.host, port: "443" };
    const stack = stackOf(instance, bits, verb, language.frames.httpClient, "provider-client");
    return exception(instance, word, language.httpError(statusCode), stack, given);
  }
  const host = addressOf(callee.service);
  const { domain, protocol, pathParts } = callee;
  const id = idOf(domain, word);
  const given = {
    target: `http://${host}:${callee.service.port}${pathParts.join(id)}`,
    host,
    port: String(callee.service.port),
    id,
    entity: domain.entity,
    state: pick(domain.states, bits >>> 4),
  };
  const client = `${domain.entity}-client`;
  if (protocol === "http") {
    const stack = stackOf(instance, bits, verb, language.frames.httpClient, client);
    return exception(instance, word, language.httpError(statusCode), stack, given);
  }
  const code = GRPC_CODES[statusCode || 14]!;
  const thrown = language.rpcError(code, RPC_DETAILS[code] ?? "unexpected answer");
  const stack = stackOf(instance, bits, verb, language.frames.rpcClient, client);
  return exception(instance, word, thrown, stack, given);
}

/** What the language's client throws when an event cannot be published or fetched. */
export function fromBroker(instance: ServiceInstance, topic: Topic, word: number): Exception {
  const { language } = instance.service;
  const bits = mix(word ^ 0x6272_6f6b);
  const given = {
    topic: topic.name,
    partition: String(bits % topic.partitions),
    host: topic.address,
    port: String(topic.port),
  };
  const verb = verbDoing(instance.service, topic, bits);
  const stack = stackOf(instance, bits, verb, language.frames.broker, "event-publisher");
  return exception(instance, word, pick(language.brokerErrors[topic.system], bits >>> 8), stack, given);
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

/**
 * Library frames, two to four of the program's own, and those of the server below them.
 *
 * module  what of the program uses the library; absent: the program itself throws, in one of its steps
 */
function stackOf(
  instance: ServiceInstance,
  bits: number,
  verb: string,
  inner: readonly string[] = [],
  module?: string,
): Stack {
  const { language, steps, domain, protocol } = instance.service;
  const doing = wordsOf(verb);
  const own: Frame[] = [];
  if (module) own.push(frameOf(instance, module, doing));
  else {
    const { functionName, file, line } = steps[(bits >>> 11) % domain.steps.length]!;
    own.push({ functionName, file, line: line + 3 + ((bits >>> 20) & 7) });
  }
  own.push(frameOf(instance, `${domain.entity}-service`, doing));
  own.push(
    frameOf(instance, `${domain.entity}-${protocol === "grpc" ? "grpc-service" : "controller"}`, doing),
  );
  return { inner, own, outer: language.frames[protocol] };
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

/** By service: the verbs of the operations that have a thing in their recipe. */
const verbs = new WeakMap<Service, Map<object, readonly string[]>>();

/** One of the verbs that send this statement, call this operation or host, publish to this topic; any, if none does. */
function verbDoing(service: Service, thing: object, bits: number): string {
  let byThing = verbs.get(service);
  if (!byThing) {
    byThing = new Map();
    verbs.set(service, byThing);
  }
  let fitting = byThing.get(thing);
  if (!fitting) {
    const doing = service.operations.filter(({ work }) => work.some((entry) => thingOf(entry) === thing));
    fitting = (doing.length > 0 ? doing : service.operations).map(({ endpoint }) => endpoint.verb);
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

/** A place in the program whose line follows from its name. There are few, and stack traces are full of them: kept. */
function frameOf({ service: { name, language } }: ServiceInstance, module: string, verb: string): Frame {
  const key = `${language.sdk} ${name} ${module} ${verb}`;
  let frame = frames.get(key);
  if (!frame) {
    const path = module.replaceAll("_", "-");
    const functionName = language.functionName(name, path, verb);
    frame = { functionName, file: language.file(name, path), line: 28 + (hashOf(functionName) % 260) };
    frames.set(key, frame);
  }
  return frame;
}

const frames = new Map<string, Frame>();

/** GetOrder -> get order */
function wordsOf(verb: string): string {
  return verb.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();
}

function pick<T>(items: readonly T[], bits: number): T {
  return items[bits % items.length]!;
}
