/**
 * An extra of the check that only Stampede's own traces allow: their ids tell which incarnation, pass and place they come from
 * and how many spans each must have, so that spans without children are missed too.
 */
import { idKeyOf, originOf, SpanDecoder } from "../../template/ids.ts";
import type { TraceCheck } from "./check-traces.ts";
import type { Violations } from "./violations.ts";

export interface OriginCounts {
  /** 12 hex digits each, as reports show them. */
  incarnations: string[];
  /** Passes begun by the incarnation that began most. */
  passes: number;
  completeTraces: number;
  incompleteTraces: number;
}

/** Decode the ids of all traces with the key of `seed`. */
export function countOrigins(traces: TraceCheck, seed: number, violations: Violations): OriginCounts {
  const key = idKeyOf(seed);
  const decoder = new SpanDecoder();
  const incarnations = new Set<string>();
  const counts = { passes: 0, completeTraces: 0, incompleteTraces: 0 };
  for (const traceId of traces.traceIds) {
    const id = Buffer.from(traceId, "hex");
    const { incarnation, pass } = originOf(key, id);
    incarnations.add(incarnation.toString(16).padStart(12, "0"));
    counts.passes = Math.max(counts.passes, pass + 1);
    decoder.enter(id, 0);
    let spans = 0;
    let expected = 0;
    for (const spanId of traces.spanIds(traceId)) {
      spans++;
      if (!decoder.read(Buffer.from(spanId, "hex"), 0)) {
        violations.add("a span id is not of its trace", () => `${traceId} ${spanId}`);
      }
      expected = decoder.spanCount;
    }
    if (spans === expected) counts.completeTraces++;
    else counts.incompleteTraces++;
  }
  for (const [from, to] of traces.linkedTraces()) {
    const [own, linked] = [from, to].map((id) => originOf(key, Buffer.from(id, "hex")));
    if (own!.incarnation === linked!.incarnation && own!.pass === linked!.pass) continue;
    violations.add("a link names a trace of another pass", () => `${from} ${to}`);
  }
  return { incarnations: [...incarnations].sort(), ...counts };
}
