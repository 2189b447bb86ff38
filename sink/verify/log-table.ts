import { fixed64Offset, idOffset } from "../../otlp/message/expect.ts";
import { ItemCursor } from "../../otlp/message/items.ts";
import { FieldCursor } from "../../otlp/message/wire.ts";
import { IntColumn } from "./columns.ts";

/** The log records of one request, as SpanTable does it for spans: offsets into the body, one row a record. */
export class LogTable {
  /** Rows. */
  length = 0;
  /** Offset of time_unix_nano; -1 when absent. */
  readonly time = new IntColumn();
  /** Offset of observed_time_unix_nano; -1 when absent. */
  readonly observed = new IntColumn();
  /** Offset of the 16 bytes of the trace id; -1 when absent, -2 when it has another length. */
  readonly traceId = new IntColumn();
  /** Offset of the 8 bytes of the span id; -1 when absent, -2 when it has another length. */
  readonly spanId = new IntColumn();

  readonly #items = new ItemCursor();
  readonly #record = new FieldCursor();

  /** Read an ExportLogsServiceRequest. Throws WireError. */
  fill(body: Uint8Array): void {
    const items = this.#items;
    this.length = 0;
    items.enter(body);
    while (items.next()) this.#add(body, items.from, items.to);
  }

  #add(body: Uint8Array, from: number, to: number): void {
    const record = this.#record;
    let [time, observed, traceId, spanId] = [-1, -1, -1, -1];
    record.enter(body, from, to);
    while (record.next()) {
      switch (record.field) {
        case 1:
          time = fixed64Offset(record);
          break;
        case 9:
          traceId = record.to === record.from ? -1 : idOffset(record, 16, -2);
          break;
        case 10:
          spanId = record.to === record.from ? -1 : idOffset(record, 8, -2);
          break;
        case 11:
          observed = fixed64Offset(record);
          break;
      }
    }
    const row = this.length++;
    this.time.set(row, time);
    this.observed.set(row, observed);
    this.traceId.set(row, traceId);
    this.spanId.set(row, spanId);
  }
}
