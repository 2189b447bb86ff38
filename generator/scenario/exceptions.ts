/**
 * Exceptions: what went wrong where an error begins, the same in the span's event and in the log record of it. All
 * follows from the place and one random word: the same word, the same exception.
 */
import { DATABASE_FAILURES } from "./database-failures.ts";
import { GRPC_CODES } from "./grpc-codes.ts";
import type { Frame, LibraryFrames, Stack, Thrown } from "./languages/language.ts";
import type { DatabaseCall, ExternalCall, Operation, ServiceInstance, Topic } from "./services.ts";
import { addressOf } from "./services.ts";
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

/** How many failures have another one below them, in 256ths. */
const CAUSE_SHARE = 90;

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

/** An exception of the program's own: a failure of its domain, or an error of its language. */
export function thrownBy(instance: ServiceInstance, word: number): Exception {
  const { language, domain, name } = instance.service;
  const bits = mix(word ^ 0x7468_726f);
  if ((bits & 255) >= DOMAIN_SHARE) {
    const thrown = pick(language.runtimeErrors, bits >>> 8);
    return exception(instance, word, thrown, stackOf(instance, bits, []));
  }
  const failure = pick(domain.failures, bits >>> 8);
  const thrown = { type: language.domainFailure(name, failure.name), message: failure.message };
  const stack = stackOf(instance, bits, []);
  if (bits >>> 24 >= CAUSE_SHARE) return exception(instance, word, thrown, stack);
  const cause = pick(language.runtimeErrors, bits >>> 12);
  return exception(instance, word, thrown, stack, cause, stackOf(instance, mix(bits), []));
}

/** What the language's driver throws when a statement fails. */
export function fromDatabase(instance: ServiceInstance, call: DatabaseCall, word: number): DatabaseException {
  const { language } = instance.service;
  const { name, port } = call.system;
  const bits = mix(word ^ 0x6461_7461);
  // The likeliest first: the smaller of two draws.
  const failures = DATABASE_FAILURES[name]!.filter(
    ({ kind }) => kind !== "duplicate" || call.statement.purpose === "insert",
  );
  const failure = failures[Math.min((bits & 0xffff) % failures.length, (bits >>> 16) % failures.length)]!;
  const frames = language.frames.database[name] ?? language.frames.database.other;
  const given = { table: call.table, database: call.database, host: call.address, port: String(port) };
  const stack = stackOf(instance, bits, frames, `${instance.service.domain.entity}-repository`);
  return {
    ...exception(instance, word, language.databaseError(name, failure), stack, undefined, undefined, given),
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
  if ("host" in callee) {
    const target = `https://${callee.host}${callee.path.replace("ID", idOf(instance.service.domain, word))}`;
    const given = { target, host: callee.host, port: "443" };
    const stack = stackOf(instance, bits, language.frames.httpClient, "provider-client");
    return exception(instance, word, language.httpError(statusCode), stack, undefined, undefined, given);
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
    const stack = stackOf(instance, bits, language.frames.httpClient, client);
    return exception(instance, word, language.httpError(statusCode), stack, undefined, undefined, given);
  }
  const code = GRPC_CODES[statusCode || 14]!;
  const thrown = language.rpcError(code, RPC_DETAILS[code] ?? "unexpected answer");
  const stack = stackOf(instance, bits, language.frames.rpcClient, client);
  return exception(instance, word, thrown, stack, undefined, undefined, given);
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
  const stack = stackOf(instance, bits, language.frames.broker, "event-publisher");
  return exception(
    instance,
    word,
    pick(language.brokerErrors[topic.system], bits >>> 8),
    stack,
    undefined,
    undefined,
    given,
  );
}

/** @deprecated Use the function that says where the exception comes from. */
export function exceptionOf(instance: ServiceInstance, word: number, database?: DatabaseCall): Exception {
  return database ? fromDatabase(instance, database, word) : thrownBy(instance, word);
}

function exception(
  instance: ServiceInstance,
  word: number,
  thrown: Thrown,
  stack: Stack,
  cause?: Thrown,
  causeStack?: Stack,
  given: Readonly<Record<string, string>> = {},
): Exception {
  const { language, domain } = instance.service;
  const message = fillIn(thrown.message, domain, word, given);
  const below =
    cause && causeStack
      ? { thrown: cause, message: fillIn(cause.message, domain, word, given), stack: causeStack }
      : undefined;
  const stackTrace = language.print(thrown, message, stack, below);
  return { type: thrown.type, message: message || thrown.type, stackTrace };
}

/** Library frames, two to four of the program's own, and those of the server below them. */
function stackOf(instance: ServiceInstance, bits: number, inner: readonly string[], module?: string): Stack {
  const { service } = instance;
  const { language, steps, operations, domain, protocol } = service;
  const verb = wordsOf(operations.length > 0 ? pick(operations, bits >>> 3).endpoint.verb : "Handle");
  const own: Frame[] = [];
  if (module) own.push(frameOf(instance, module, verb));
  if (!module || (bits & 0x40) !== 0) {
    const { functionName, file, line } = pick(steps, bits >>> 11);
    own.push({ functionName, file, line: line + 3 + ((bits >>> 20) & 7) });
  }
  own.push(frameOf(instance, `${domain.entity}-service`, verb));
  own.push(
    frameOf(
      instance,
      protocol === "grpc" ? `${domain.entity}-grpc-service` : `${domain.entity}-controller`,
      verb,
    ),
  );
  const frames: LibraryFrames = language.frames;
  return { inner, own, outer: frames[protocol] };
}

/** A place in the program whose line follows from its name. */
function frameOf({ service: { name, language } }: ServiceInstance, module: string, verb: string): Frame {
  const functionName = language.functionName(name, module.replaceAll("_", "-"), verb);
  return { functionName, file: language.file(name, module.replaceAll("_", "-")), line: lineOf(functionName) };
}

const lines = new Map<string, number>();

function lineOf(functionName: string): number {
  let line = lines.get(functionName);
  if (line === undefined) {
    let hash = 0;
    for (let at = 0; at < functionName.length; at++) hash = mix(hash ^ functionName.charCodeAt(at));
    line = 28 + (hash % 260);
    lines.set(functionName, line);
  }
  return line;
}

/** GetOrder -> get order */
function wordsOf(verb: string): string {
  return verb.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();
}

function pick<T>(items: readonly T[], bits: number): T {
  return items[bits % items.length]!;
}
