/**
 * The exception of a span that failed: the same on its way up through a process, and in the log record of it.
 */
import { type Exception, fromAnswer, fromBroker, fromDatabase, thrownBy } from "../scenario/exceptions.ts";
import { CLIENT, DATABASE, EXTERNAL, PRODUCER } from "../span-role.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Whether a span has an exception event: all that failed, but clients that were answered and report the code. */
export function hasException({ failed, role, statusCode }: WalkedSpan): boolean {
  return failed && !((role === CLIENT || role === EXTERNAL) && statusCode !== 0);
}

/** What was thrown where this span's failure began, as its process saw it. For a span that failed. */
export function exceptionOf(span: WalkedSpan): Exception {
  const { instance, word } = span;
  if (span.doomed) return fromDatabase(instance, span.doomed, span.doomedWord);
  if (span.cause) return exceptionOf(span.cause);
  switch (span.role) {
    case DATABASE:
      return fromDatabase(instance, span.database!, word);
    case CLIENT:
      return fromAnswer(instance, span.operation!, span.statusCode, word);
    case EXTERNAL:
      return fromAnswer(instance, span.external!, span.statusCode, word);
    case PRODUCER:
      return fromBroker(instance, span.topic!, word);
    default:
      return thrownBy(instance, word);
  }
}
