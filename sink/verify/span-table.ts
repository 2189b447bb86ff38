import { fixed64Offset, idOffset } from "../../otlp/message/expect.ts";
import { ItemCursor } from "../../otlp/message/items.ts";
import { FieldCursor } from "../../otlp/message/wire.ts";
import { IntColumn } from "./columns.ts";

/**
 * Where the spans of one request keep what verification looks at: offsets into the body, one row a span.
 *
 * Filled in one go before anything is checked, so that a body which turns out broken half way leaves no trace in the
 * state. Reused from request to request; valid until the next `fill`.
 */
export class SpanTable {
  /** Rows. */
  length = 0;
  /** Offset of the 16 bytes of the trace id; -1 when absent or of another length. */
  readonly traceId = new IntColumn();
  /** Offset of the 8 bytes of the span id; -1 when absent or of another length. */
  readonly spanId = new IntColumn();
  /** Offset of the 8 bytes of the parent's id; -1 for a root, -2 when it has another length. */
  readonly parentId = new IntColumn();
  /** Offset of start_time_unix_nano; -1 when absent. */
  readonly start = new IntColumn();
  /** Offset of end_time_unix_nano; -1 when absent. */
  readonly end = new IntColumn();

  readonly #items = new ItemCursor();
  readonly #span = new FieldCursor();

  /** Read an ExportTraceServiceRequest. Throws WireError. */
  fill(body: Uint8Array): void {
    const items = this.#items;
    this.length = 0;
    items.enter(body);
    while (items.next()) this.#add(body, items.from, items.to);
  }

  #add(body: Uint8Array, from: number, to: number): void {
    const span = this.#span;
    let [traceId, spanId, parentId, start, end] = [-1, -1, -1, -1, -1];
    span.enter(body, from, to);
    while (span.next()) {
      switch (span.field) {
        case 1:
          traceId = idOffset(span, 16, -1);
          break;
        case 2:
          spanId = idOffset(span, 8, -1);
          break;
        case 4:
          parentId = span.to === span.from ? -1 : idOffset(span, 8, -2);
          break;
        case 7:
          start = fixed64Offset(span);
          break;
        case 8:
          end = fixed64Offset(span);
          break;
      }
    }
    const row = this.length++;
    this.traceId.set(row, traceId);
    this.spanId.set(row, spanId);
    this.parentId.set(row, parentId);
    this.start.set(row, start);
    this.end.set(row, end);
  }
}
