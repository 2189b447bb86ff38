import { NEVER_SENT_ORDINAL } from "../../template/ids.ts";
import type { Findings } from "./findings.ts";
import { LogTable } from "./log-table.ts";
import { timeMs } from "./nanos.ts";
import { hex } from "./span-check.ts";
import type { TimeCheck } from "./time-check.ts";
import type { TraceLedger } from "./trace-ledger.ts";
import type { TraceReader } from "./trace-reader.ts";

/** Judges log records: times, and whether the trace they point to is one of ours. */
export class LogCheck {
  /** Records with a trace id of ours, and records without any. */
  linked = 0;
  unlinked = 0;

  readonly #table = new LogTable();
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

  /** Judge one ExportLogsServiceRequest; arguments and errors as for spans. */
  check(body: Uint8Array, now: number, clock: number): void {
    const table = this.#table;
    table.fill(body);
    for (let row = 0; row < table.length; row++) {
      const time = table.time.data[row]!;
      const observed = table.observed.data[row]!;
      // A record without a time of its own counts from when it was observed (logs data model, "Timestamp").
      this.#times.check(timeMs(body, time) || timeMs(body, observed), now, "a log record");
      this.#checkLink(body, table.traceId.data[row]!, table.spanId.data[row]!, clock);
    }
  }

  #checkLink(body: Uint8Array, traceAt: number, spanAt: number, clock: number): void {
    if ((traceAt === -1 && spanAt === -1) || (isZero(body, traceAt, 16) && isZero(body, spanAt, 8))) {
      this.unlinked++;
      return;
    }
    if (traceAt < 0 || spanAt === -2) {
      this.#findings.add("invalidIds", () => "a log record");
      return;
    }
    const reader = this.#reader;
    if (!reader.read(body, traceAt) || (spanAt >= 0 && !isSpan(reader, body, spanAt))) {
      const name = () => `trace ${hex(body, traceAt, 16)} span ${hex(body, spanAt, 8)}`;
      this.#findings.add("foreignLogs", name);
      return;
    }
    this.linked++;
    this.#ledger.incarnation(reader.incarnation, clock).addLink(reader.pass, reader.ordinal, clock);
  }
}

/** Whether an id is there and all zeros: as good as none, says logs.proto, and what stands where the replayer takes a link away. */
function isZero(body: Uint8Array, at: number, length: number): boolean {
  if (at < 0) return false;
  for (let byte = at; byte < at + length; byte++) if (body[byte] !== 0) return false;
  return true;
}

function isSpan({ spans }: TraceReader, body: Uint8Array, at: number): boolean {
  return spans.read(body, at) && spans.ordinal < NEVER_SENT_ORDINAL;
}
