import { NEVER_SENT_ORDINAL } from "../../template/ids.ts";
import type { Findings } from "./findings.ts";
import { compareTimes, timeMs } from "./nanos.ts";
import { SpanTable } from "./span-table.ts";
import type { TimeCheck } from "./time-check.ts";
import type { TraceLedger } from "./trace-ledger.ts";
import { MAX_SPAN_COUNT, type TraceReader } from "./trace-reader.ts";

/** Judges spans: ids, parents, times; and enters them in the ledger of traces. */
export class SpanCheck {
  /** Spans without a parent, and spans whose parent is never sent by design (rootless traces). */
  roots = 0;
  neverSentParents = 0;
  /** Spans of traces that were given up to save memory. */
  unverifiable = 0;

  readonly #table = new SpanTable();
  readonly #reader: TraceReader;
  readonly #ledger: TraceLedger;
  readonly #times: TimeCheck;
  readonly #findings: Findings;

  constructor(reader: TraceReader, ledger: TraceLedger, times: TimeCheck, findings: Findings) {
    this.#reader = reader;
    this.#ledger = ledger;
    this.#times = times;
    this.#findings = findings;
  }

  /**
   * Judge one ExportTraceServiceRequest.
   *
   * now    milliseconds since the epoch, for the age of the spans
   * clock  milliseconds since verification began, for the order of arrival
   *
   * Throws WireError, and then nothing of the body counts.
   */
  check(body: Uint8Array, now: number, clock: number): void {
    const table = this.#table;
    table.fill(body);
    for (let row = 0; row < table.length; row++) this.#checkSpan(body, row, now, clock);
    this.#ledger.keepBounded(table.length);
  }

  #checkSpan(body: Uint8Array, row: number, now: number, clock: number): void {
    const [start, end] = [this.#table.start.data[row]!, this.#table.end.data[row]!];
    if (compareTimes(body, start, end) > 0) this.#findings.add("invertedTimes", () => this.#name(body, row));
    this.#times.check(timeMs(body, end), now, "a span");

    const traceAt = this.#table.traceId.data[row]!;
    const spanAt = this.#table.spanId.data[row]!;
    if (traceAt < 0 || spanAt < 0) {
      this.#findings.add("invalidIds", () => `a span: ${this.#name(body, row)}`);
      return;
    }
    const { spans } = this.#reader;
    if (!this.#reader.read(body, traceAt) || !isSpan(spans, body, spanAt)) {
      this.#findings.add("foreignSpans", () => this.#name(body, row));
      return;
    }
    const { ordinal: span, spanCount } = spans;
    const parent = this.#parentOf(body, row, span, spanCount);
    this.#enter(body, row, span, spanCount, parent, clock);
  }

  /** Ordinal of the parent; -1 when there is none to wait for. */
  #parentOf(body: Uint8Array, row: number, span: number, spanCount: number): number {
    const at = this.#table.parentId.data[row]!;
    if (at === -1) {
      this.roots++;
      return -1;
    }
    const { spans } = this.#reader;
    if (at >= 0 && spans.read(body, at)) {
      if (spans.ordinal >= NEVER_SENT_ORDINAL) {
        this.neverSentParents++;
        return -1;
      }
      if (spans.spanCount === spanCount && spans.ordinal !== span) return spans.ordinal;
    }
    this.#findings.add("brokenParents", () => this.#name(body, row));
    return -1;
  }

  #enter(
    body: Uint8Array,
    row: number,
    span: number,
    spanCount: number,
    parent: number,
    clock: number,
  ): void {
    const { incarnation: id, pass, ordinal } = this.#reader;
    const incarnation = this.#ledger.incarnation(id, clock);
    switch (incarnation.addSpan(pass, ordinal, span, spanCount, parent, clock)) {
      case "duplicate":
        this.#findings.add("duplicateSpans", () => `${this.#name(body, row)}, ${place(this.#reader, span)}`);
        break;
      case "contradiction":
        this.#findings.add(
          "contradictingSpans",
          () => `${this.#name(body, row)}, ${place(this.#reader, span)}`,
        );
        break;
      case "unverifiable":
        this.unverifiable++;
        break;
    }
  }

  #name(body: Uint8Array, row: number): string {
    const trace = hex(body, this.#table.traceId.data[row]!, 16);
    return `trace ${trace} span ${hex(body, this.#table.spanId.data[row]!, 8)}`;
  }
}

/** True when the 8 bytes name a span that is sent; the decoder then holds it. */
function isSpan(decoder: TraceReader["spans"], body: Uint8Array, at: number): boolean {
  return decoder.read(body, at) && decoder.ordinal < decoder.spanCount && decoder.spanCount <= MAX_SPAN_COUNT;
}

function place(reader: TraceReader, span: number): string {
  const incarnation = reader.incarnation.toString(16).padStart(12, "0");
  return `which is span ${span} of trace ${reader.ordinal} in pass ${reader.pass} of ${incarnation}`;
}

/** Bytes in hex; "none" for an offset below 0. */
export function hex(body: Uint8Array, at: number, length: number): string {
  return at < 0 ? "none" : Buffer.from(body.subarray(at, at + length)).toString("hex");
}
