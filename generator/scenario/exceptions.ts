/**
 * Exceptions: what went wrong where an error begins, the same in the span's event and in the log record of it.
 */
import type { DatabaseCall, ServiceInstance } from "./services.ts";

export interface Exception {
  readonly type: string;
  readonly message: string;
  readonly stackTrace: string;
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
