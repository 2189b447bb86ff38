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

/**
 * What was thrown where this span's failure began, as its process saw it. For a span that failed.
 *
 * Stack traces are long to write, and an exception is asked for by its span, by those above and by the log sample, one
 * right after the other: the last one is kept.
 */
export function exceptionOf(span: WalkedSpan): Exception {
  if (span.cause && !span.doomed) return exceptionOf(span.cause);
  const thrown = span.doomed ?? span.database ?? span.operation ?? span.external ?? span.topic ?? span.step;
  const word = span.doomed ? span.doomedWord : span.word;
  const own = span.doomed ? DATABASE : span.role;
  const isLast =
    last.word === word && last.instance === span.instance && last.thrown === thrown && last.role === own;
  if (!isLast || last.code !== span.statusCode) {
    last.exception = makeException(span);
    last.word = word;
    last.instance = span.instance;
    last.thrown = thrown;
    last.role = own;
    last.code = span.statusCode;
  }
  return last.exception!;
}

const last = {
  word: -1,
  role: -1,
  code: -1,
  instance: undefined as unknown,
  thrown: undefined as unknown,
  exception: undefined as Exception | undefined,
};

function makeException(span: WalkedSpan): Exception {
  const { instance, word } = span;
  if (span.doomed) return fromDatabase(instance, span.doomed, span.doomedWord);
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
