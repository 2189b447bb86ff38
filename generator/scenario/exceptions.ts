/**
 * Exceptions: what went wrong where an error begins, the same in the span's event and in the log record of it.
 */
import type { DatabaseCall, ExternalCall, Operation, ServiceInstance, Topic } from "./services.ts";
import { fillIn, mix } from "./wording.ts";

export interface Exception {
  readonly type: string;
  readonly message: string;
  readonly stackTrace: string;
}

/** What a database answered; `code` is `db.response.status_code`. */
export interface DatabaseException extends Exception {
  readonly code: string;
}

/** An exception of the program's own: a failure of its domain, or an error of its language. The same word, the same exception. */
export function thrownBy(instance: ServiceInstance, word: number): Exception {
  return exceptionOf(instance, word);
}

/** What the language's driver throws when a statement fails. */
export function fromDatabase(instance: ServiceInstance, call: DatabaseCall, word: number): DatabaseException {
  return { ...exceptionOf(instance, word, call), code: call.system.failure.code };
}

/** What the language's client throws for an answer. statusCode: HTTP or gRPC, by the callee's protocol; 0: no answer came. */
export function fromAnswer(
  instance: ServiceInstance,
  callee: Operation | ExternalCall,
  statusCode: number,
  word: number,
): Exception {
  void callee;
  void statusCode;
  return exceptionOf(instance, word);
}

/** What the language's client throws when an event cannot be published or fetched. */
export function fromBroker(instance: ServiceInstance, topic: Topic, word: number): Exception {
  void topic;
  return exceptionOf(instance, word);
}

/**
 * The exception of a failure, chosen by its random word.
 *
 * database  the statement that failed, if it was one: then the message is the database's
 */
export function exceptionOf(instance: ServiceInstance, word: number, database?: DatabaseCall): Exception {
  const { service } = instance;
  const { language, steps } = service;
  const { type, message } =
    database?.system.failure ?? language.exceptions[word % language.exceptions.length]!;
  const frames = [0, 1, 2].map((depth) => {
    const step = steps[((word >>> 8) + depth * 3) % steps.length]!;
    return { functionName: step.functionName, file: step.file, line: step.line + depth * 11 };
  });
  return { type, message, stackTrace: language.stackTrace(type, message, frames) };
}
void fillIn;
void mix;
