/**
 * What an exception is made from: some words, where the exception itself is kilobytes of stack trace. Samples keep these.
 */
import { type Exception, fromAnswer, fromBroker, fromDatabase, thrownBy } from "./scenario/exceptions.ts";
import type { DatabaseCall, ExternalCall, Operation, ServiceInstance, Topic } from "./scenario/services.ts";
import { CLIENT, DATABASE, EXTERNAL, PRODUCER, type SpanRole } from "./span-role.ts";

/** Where something was thrown. The same origin gives the same exception. */
export interface ExceptionOrigin {
  /** Of the span that it was thrown at. */
  readonly role: SpanRole;
  readonly instance: ServiceInstance;
  /** What a DATABASE, CLIENT, EXTERNAL or PRODUCER did; others throw exceptions of their own. */
  readonly subject: DatabaseCall | Operation | ExternalCall | Topic | undefined;
  /** HTTP or gRPC code of the answer; 0: no answer came, or none was waited for. */
  readonly statusCode: number;
  readonly word: number;
}

/** Write the exception out. */
export function makeException({ role, instance, subject, statusCode, word }: ExceptionOrigin): Exception {
  switch (role) {
    case DATABASE:
      return fromDatabase(instance, subject as DatabaseCall, word);
    case CLIENT:
    case EXTERNAL:
      return fromAnswer(instance, subject as Operation | ExternalCall, statusCode, word);
    case PRODUCER:
      return fromBroker(instance, subject as Topic, word);
    default:
      return thrownBy(instance, word);
  }
}
