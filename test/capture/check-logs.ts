/**
 * Log records: times in their text are their own times, ids in their text their own ids, and the spans they belong to came.
 */
import { type AttributeTypes, textsOf } from "./attributes.ts";
import type { TraceCheck } from "./check-traces.ts";
import type { DataCheck } from "./data-check.ts";
import type { LogRecord, LogsRequest, Received } from "./requests.ts";
import { TEXT_TIME_FORMATS, textTimes } from "./text-times.ts";
import { nanos, type TimeWindow } from "./time-window.ts";
import type { Violations } from "./violations.ts";

export interface LogCounts {
  requests: number;
  records: number;
  /** Records with the ids of a span. */
  linked: number;
  /** Times in texts, by format. */
  textTimes: Record<string, number>;
  /** Trace and span ids in texts. */
  textIds: number;
  /** Linked records whose span was not looked for, since their pass was cut off. */
  tail: number;
}

/** Ids in text, as loggers write them: trace_id=..., "trace_id":"...", traceId: ... */
const TRACE_ID = /\btrace_?id["']?[=: ]+["']?([0-9a-f]{32})\b/gi;
const SPAN_ID = /\bspan_?id["']?[=: ]+["']?([0-9a-f]{16})\b/gi;

export class LogCheck {
  readonly counts: LogCounts = {
    requests: 0,
    records: 0,
    linked: 0,
    textTimes: Object.fromEntries(TEXT_TIME_FORMATS.map((name) => [name, 0])),
    textIds: 0,
    tail: 0,
  };
  readonly #tail: bigint;
  readonly #window: TimeWindow;
  readonly #types: AttributeTypes;
  readonly #violations: Violations;
  readonly #data: DataCheck | undefined;
  readonly #links: { traceId: string; spanId: string; time: bigint }[] = [];
  #lastTime = 0n;

  /** tail: records of the last so many ns may name spans that a cut run did not send any more */
  constructor(
    tail: bigint,
    window: TimeWindow,
    types: AttributeTypes,
    violations: Violations,
    data?: DataCheck,
  ) {
    this.#data = data;
    this.#tail = tail;
    this.#window = window;
    this.#types = types;
    this.#violations = violations;
  }

  add({ request, file, line, writtenBy }: Received<LogsRequest>): void {
    this.counts.requests++;
    const where = () => `${file}:${line}`;
    this.#window.begin(writtenBy);
    for (const { resource = {}, scopeLogs } of request.resourceLogs ?? []) {
      this.#types.check(resource, where);
      this.#data?.resource("logs", resource, where);
      for (const { scope, logRecords } of scopeLogs ?? []) {
        if (scope) this.#types.check(scope, where);
        for (const record of logRecords ?? []) {
          const example = () => `${where()}: ${JSON.stringify(record).slice(0, 400)}`;
          this.#addRecord(record, example);
          this.#data?.record(record, resource, scope, example);
        }
      }
    }
    this.#window.end(where);
  }

  /** Look for the spans of linked records among all that came. */
  finish(traces: TraceCheck): void {
    for (const { traceId, spanId, time } of this.#links) {
      if (traces.has(traceId, spanId)) continue;
      if (this.#tail > 0n && time >= this.#lastTime - this.#tail) this.counts.tail++;
      else this.#violations.add("a record names a span that was not received", () => `${traceId} ${spanId}`);
    }
  }

  #addRecord(record: LogRecord, where: () => string): void {
    this.counts.records++;
    this.#types.check(record, where);
    const time = nanos(record.timeUnixNano);
    const observed = nanos(record.observedTimeUnixNano);
    this.#window.add(time, where);
    this.#window.add(observed, where);
    this.#window.checkMoment(time, where);
    if (observed < time) this.#violations.add("a record was observed before it happened", where);
    if (time > this.#lastTime) this.#lastTime = time;
    const { traceId = "", spanId = "" } = record;
    if ((traceId === "") !== (spanId === "")) this.#violations.add("a record has one of two ids", where);
    if (traceId !== "") {
      this.counts.linked++;
      this.#links.push({ traceId, spanId, time });
    }
    for (const text of textsOf(record.body)) this.#checkText(text, record, time, where);
    for (const { value } of record.attributes ?? []) {
      for (const text of textsOf(value)) this.#checkText(text, record, time, where);
    }
  }

  #checkText(text: string, record: LogRecord, time: bigint, where: () => string): void {
    for (const { format, found, expected } of textTimes(text, time)) {
      this.counts.textTimes[format]!++;
      if (found === expected) continue;
      const example = () => `${found} is not ${expected} (${time}) in ${where()}`;
      this.#violations.add("a time in text is not the record's", example);
    }
    for (const [, id] of text.matchAll(TRACE_ID)) this.#checkTextId(id!, record.traceId, where);
    for (const [, id] of text.matchAll(SPAN_ID)) this.#checkTextId(id!, record.spanId, where);
  }

  #checkTextId(found: string, expected: string | undefined, where: () => string): void {
    // A record without ids may say so in its text, as loggers do outside of a span: all zeros.
    if (!expected && /^0+$/.test(found)) return;
    this.counts.textIds++;
    if (found !== expected) {
      this.#violations.add("an id in text is not the record's", () => `${found} in ${where()}`);
    }
  }
}
