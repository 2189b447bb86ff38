/**
 * What an exception is made from: some words, where the exception itself is kilobytes of stack trace. Samples keep these.
 */
import { type Exception, fromAnswer, fromBroker, fromDatabase, thrownBy } from "./scenario/exceptions.ts";
import type { Served } from "./scenario/program-stack.ts";
import type {
  DatabaseCall,
  ExternalCall,
  Operation,
  ServiceInstance,
  Step,
  Topic,
} from "./scenario/services.ts";
import { CLIENT, DATABASE, EXTERNAL, PRODUCER, SERVER, type SpanRole } from "./span-role.ts";

/** Where something was thrown. The same origin gives the same exception. */
export interface ExceptionOrigin {
  /** Of the span that it was thrown at. */
  readonly role: SpanRole;
  readonly instance: ServiceInstance;
  /** What its process was at. */
  readonly served: Served | undefined;
  /** What a DATABASE, CLIENT, EXTERNAL, PRODUCER or STEP did; others throw exceptions of their own. */
  readonly subject: DatabaseCall | Operation | ExternalCall | Topic | Step | undefined;
  /** HTTP or gRPC code of the answer; 0: no answer came, or none was waited for. */
  readonly statusCode: number;
  readonly word: number;
}

/** An origin to be filled in. */
export type OriginRecord = { -readonly [Key in keyof ExceptionOrigin]: ExceptionOrigin[Key] };

/** An origin with nothing in it. */
export function emptyOrigin(): OriginRecord {
  return {
    role: SERVER,
    instance: undefined as unknown as ServiceInstance,
    served: undefined,
    subject: undefined,
    statusCode: 0,
    word: 0,
  };
}

/** Write the exception out. */
export function makeException(origin: ExceptionOrigin): Exception {
  const { role, instance, served, subject, statusCode, word } = origin;
  switch (role) {
    case DATABASE:
      return fromDatabase(instance, subject as DatabaseCall, word, served);
    case CLIENT:
    case EXTERNAL:
      return fromAnswer(instance, subject as Operation | ExternalCall, statusCode, word, served);
    case PRODUCER:
      return fromBroker(instance, subject as Topic, word, served);
    default:
      return thrownBy(instance, word, served, subject as Step | undefined);
  }
}
