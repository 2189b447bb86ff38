import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Long from "long";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeRequest } from "../../otlp/message/decode.ts";
import { readFrames } from "../frames.ts";
import { readTemplateTraceId } from "../ids.ts";
import { FrameFile } from "./frame-packer.ts";
import { importTraces } from "./import-traces.ts";
import type { ReadRequest } from "./json-requests.ts";
import { ImportNotes } from "./notes.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-traces-"));
  path = join(dir, "out.pb");
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A request with one span of about 1 KB. */
function request(trace: number, span: number, links: number[] = []): ReadRequest {
  const item = {
    traceId: Buffer.alloc(16, trace),
    spanId: Buffer.alloc(8, span),
    name: "n".repeat(1000),
    startTimeUnixNano: Long.fromNumber(span, true),
    links: links.map((to) => ({ traceId: Buffer.alloc(16, to), spanId: Buffer.alloc(8, to) })),
  };
  return {
    signal: "traces",
    request: { resourceSpans: [{ scopeSpans: [{ spans: [item] }] }] },
    place: `file:${span}`,
    position: 0,
  };
}

function run(
  requests: ReadRequest[],
  windowBytes: number,
): { traces: number[][]; links: (number | undefined)[]; notes: string[] } {
  const file = new FrameFile(path);
  const notes = new ImportNotes();
  try {
    importTraces(requests, file, notes, { windowBytes });
  } finally {
    file.close();
  }
  const traces: number[][] = [];
  const links: (number | undefined)[] = [];
  for (const { message } of readFrames(path)) {
    for (const { scopeSpans } of decodeRequest("traces", message).resourceSpans!) {
      for (const span of scopeSpans![0]!.spans!) {
        const trace = readTemplateTraceId(span.traceId!, 0);
        traces[trace] ??= [];
        traces[trace].push(span.startTimeUnixNano!.toNumber());
        for (const link of span.links ?? []) links.push(readTemplateTraceId(link.traceId!, 0));
      }
    }
  }
  return { traces, links, notes: notes.lines() };
}

describe("traces larger than the window of an import", () => {
  test("are gathered while their spans come within it", () => {
    const mixed = Array.from({ length: 60 }, (_, n) => request(1 + Math.floor(n / 6) * 2 + (n % 2), n + 1));
    const { traces } = run(mixed, 20_000);
    expect(traces).toEqual(Array.from({ length: 20 }, () => [0, 2, 4]));
  });

  test("are refused when one comes back after it was written, with both places", () => {
    const requests = [
      request(1, 1),
      ...Array.from({ length: 40 }, (_, n) => request(2 + n, 2 + n)),
      request(1, 99),
    ];
    expect(() => run(requests, 20_000)).toThrow(
      `file:99: trace ${"01".repeat(16)} comes back; its first 1 spans ended at file:1 and are written already; keep the spans of a trace within 20000 bytes of each other`,
    );
  });

  test("may be single, of any size", () => {
    const { traces } = run(
      Array.from({ length: 100 }, (_, n) => request(7, n + 1)),
      20_000,
    );
    expect(traces).toEqual([Array.from({ length: 100 }, (_, n) => n)]);
  });

  test("keep links to what was written before; links far ahead are dropped and told", () => {
    const ids = Array.from({ length: 60 }, (_, n) => n + 1);
    const requests = ids.map((n) => request(n, n, n === 1 ? [60] : n === 50 ? [1] : []));
    const { links, notes } = run(requests, 20_000);
    expect(links).toEqual([0]);
    expect(notes).toEqual([
      "1 span links lead to spans that are not in the file, or far behind in it; they were dropped",
    ]);
  });
});
