/**
 * The exception of a span that failed: the same on its way up through a process, and in the log record of it.
 */
import { type ExceptionOrigin, emptyOrigin, makeException, type OriginRecord } from "../exception-origin.ts";
import type { Exception } from "../scenario/exceptions.ts";
import { CLIENT, DATABASE, EXTERNAL, PRODUCER } from "../span-role.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Whether a span has an exception event: all that failed, but clients that were answered and report the code. */
export function hasException({ failed, role, statusCode }: WalkedSpan): boolean {
  return failed && !((role === CLIENT || role === EXTERNAL) && statusCode !== 0);
}

/**
 * Where this span's failure began, as its process saw it. For a span that failed.
 *
 * into  one to be overwritten, when it is needed no more
 */
export function originOf(span: WalkedSpan, into: OriginRecord = emptyOrigin()): OriginRecord {
  if (span.cause && !span.doomed) return originOf(span.cause, into);
  const { doomed, role } = span;
  into.role = doomed ? DATABASE : role;
  into.instance = span.instance;
  into.served = span.served;
  into.subject = doomed ?? subjectOf(span);
  into.statusCode = doomed ? 0 : span.statusCode;
  into.word = doomed ? span.doomedWord : span.word;
  return into;
}

function subjectOf(span: WalkedSpan): ExceptionOrigin["subject"] {
  switch (span.role) {
    case CLIENT:
      return span.operation;
    case PRODUCER:
      return span.topic;
    default:
      return span.external ?? span.database ?? span.step;
  }
}

/**
 * What was thrown where this span's failure began. For a span that failed.
 *
 * Stack traces are long to write, and an exception is asked for by its span and by those above, one right after the
 * other: the last one is kept.
 */
export function exceptionOf(span: WalkedSpan): Exception {
  const origin = originOf(span);
  if (!last || !isSame(last.origin, origin)) last = { origin, exception: makeException(origin) };
  return last.exception;
}

let last: { readonly origin: ExceptionOrigin; readonly exception: Exception } | undefined;

function isSame(a: ExceptionOrigin, b: ExceptionOrigin): boolean {
  return (
    a.word === b.word &&
    a.instance === b.instance &&
    a.served === b.served &&
    a.subject === b.subject &&
    a.role === b.role &&
    a.statusCode === b.statusCode
  );
}
