import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idKeyOf } from "../../template/ids.ts";
import { HEADER } from "../../template/slots.ts";
import { spanIdBytes, type TemplateRequest, templateFile, traceIdBytes } from "../freeze/arbitrary.ts";
import { freezeTemplate } from "../freeze/freeze.ts";
import { type CompiledTotals, FrozenFile } from "../freeze/frozen-file.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { stamp } from "../stamp/stamp.ts";
import { newStampKey } from "../stamp/stamp-key.ts";
import { compileFrozen } from "./compile-frozen.ts";

const TRACES = 60;
const SPANS = 8;

/** Traces of one service, some with roots that leave later. */
function requests(): TemplateRequest<"traces">[] {
  return Array.from({ length: TRACES }, (_, trace) => {
    const spans = Array.from({ length: SPANS }, (_, ordinal) => ({
      traceId: traceIdBytes(trace),
      spanId: spanIdBytes(ordinal, SPANS),
      ...(ordinal > 0 && { parentSpanId: spanIdBytes(0, SPANS) }),
      name: `operation ${ordinal}`,
      startTimeUnixNano: ordinal * 1_000_003,
      endTimeUnixNano: 20_000_000 + trace,
    }));
    const frames = trace % 7 === 0 ? [spans.slice(0, 1), spans.slice(1)] : [spans];
    return frames.map((of) => ({ resourceSpans: [{ scopeSpans: [{ scope: { name: "s" }, spans: of }] }] }));
  }).flat() as TemplateRequest<"traces">[];
}

describe("a compiled file", () => {
  const directory = mkdtempSync(join(tmpdir(), "stampede-compile-"));
  const [plain, compiled] = [join(directory, "plain"), join(directory, "compiled")];
  let totals: CompiledTotals;
  const progress: number[] = [];

  beforeAll(async () => {
    const template = join(directory, "template.pb");
    writeFileSync(template, templateFile("traces", requests()));
    const lateRoots = Array.from({ length: TRACES }, (_, trace) => ({ trace, delayMs: 500 })).filter(
      ({ trace }) => trace % 7 === 0,
    );
    const settings = {
      batchSize: 9,
      maxRequestBytes: 1 << 20,
      seed: 0,
      jitterMs: 10,
      linkLogs: true,
      models: {},
    };
    freezeTemplate("traces", template, plain, { ...settings, lateRoots });
    totals = await compileFrozen(plain, compiled, "zstd-fast", {
      onProgress: (done) => progress.push(done),
      workers: 2,
    });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test("has the records of the plain one, in their places, with their items and late roots", () => {
    const [from, to] = [new FrozenFile(plain), new FrozenFile(compiled)];
    expect(to.batches).toBe(from.batches);
    expect({ ...to.summary, maxRecordBytes: 0 }).toEqual({
      ...from.summary,
      maxRecordBytes: 0,
      compiled: totals,
    });
    expect(to.summary.lateRoots).toBeGreaterThan(0);
    for (let record = 0; record < from.lateRootsEnd(from.batches - 1); record++) {
      expect(to.items(record)).toBe(from.items(record));
      expect(to.isLateRoots(record)).toBe(from.isLateRoots(record));
      if (from.isLateRoots(record)) expect(to.delayMs(record)).toBe(from.delayMs(record));
      else expect(to.lateRootsEnd(record)).toBe(from.lateRootsEnd(record));
    }
    from.close();
    to.close();
  });

  test("gives the same requests under the same keys, compressed", () => {
    const [from, to] = [new FrozenFile(plain), new FrozenFile(compiled)];
    const [one, other] = [from, to].map(({ summary }) => new SendBuffer(summary.maxRecordBytes)) as [
      SendBuffer,
      SendBuffer,
    ];
    for (let batch = 0; batch < from.batches; batch++) {
      const key = { ...newStampKey(), incarnation: 77, pass: 5, batch, baseSteps: 106_000_000_000 };
      from.read(batch, one.bytes);
      to.read(batch, other.bytes);
      stamp(one, idKeyOf(0), key);
      stamp(other, idKeyOf(0), key);
      expect(other.ints[HEADER.plainBytes]).toBe(one.body().length);
      expect(zstdDecompressSync(other.body()).equals(one.body())).toBe(true);
    }
    from.close();
    to.close();
  });

  test("tells what it came to, and how far it was", () => {
    expect(totals.compressed).toBeGreaterThanOrEqual(Math.ceil(TRACES / 9));
    expect(totals.wireBytes).toBeLessThan(totals.plainBytes / 2);
    expect(progress).toEqual(Array.from({ length: totals.records }, (_, at) => at + 1));
  });

  test("that cannot be written leaves nothing behind", async () => {
    await expect(compileFrozen(plain, join(directory, "no", "such", "place"), "zstd-fast")).rejects.toThrow(
      "ENOENT",
    );
  });

  test("that is given up leaves nothing behind", async () => {
    const target = join(directory, "given-up");
    const abort = new AbortController();
    const compiling = compileFrozen(plain, target, "zstd-fast", {
      workers: 1,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error("enough")),
    });
    await expect(compiling).rejects.toThrow("enough");
    expect(readdirSync(directory).filter((name) => name.startsWith("given-up"))).toEqual([]);
  });
});
