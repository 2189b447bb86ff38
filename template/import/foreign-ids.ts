/** Ids of foreign files as keys of maps, and the template ids that take their place. */
import { SPAN_ID_BYTES, TRACE_ID_BYTES, writeTemplateSpanId, writeTemplateTraceId } from "../ids.ts";

/** An id as latin1; undefined when it has another length or is all zero, which OTLP reads as absent. */
export function idText(id: Uint8Array | undefined, bytes: number): string | undefined {
  if (id === undefined || id.length !== bytes || id.every((byte) => byte === 0)) return undefined;
  return Buffer.from(id).toString("latin1");
}

/** An id, as bytes or latin1, in lower-case hex; an absent one is the empty text. */
export function hexOf(id: Uint8Array | string | undefined): string {
  if (id === undefined) return "";
  return (typeof id === "string" ? Buffer.from(id, "latin1") : Buffer.from(id)).toString("hex");
}

/** The template id of a trace, 16 bytes of its own. */
export function templateTraceId(ordinal: number): Uint8Array {
  const id = new Uint8Array(TRACE_ID_BYTES);
  writeTemplateTraceId(id, 0, ordinal);
  return id;
}

/** The template id of a span, 8 bytes of its own. */
export function templateSpanId(ordinal: number, spanCount: number): Uint8Array {
  const id = new Uint8Array(SPAN_ID_BYTES);
  writeTemplateSpanId(id, 0, ordinal, spanCount);
  return id;
}
