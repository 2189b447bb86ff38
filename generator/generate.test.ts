import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { decodeRequest } from "../otlp/message/decode.ts";
import { parseOtlpJson } from "../otlp/message/json.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { readFrames } from "../template/frames.ts";
import { metadataSchema } from "../template/metadata.ts";
import { generatorConfigSchema } from "./config.ts";
import { type GenerateOptions, type GenerateProgress, generate } from "./generate.ts";

const CREATED_AT = "2026-01-02T03:04:05.000Z";

const root = mkdtempSync(join(tmpdir(), "stampede-generate-"));
afterAll(() => rmSync(root, { recursive: true }));
let directories = 0;
const freshDirectory = () => join(root, String(directories++));

type Input = Parameters<typeof generatorConfigSchema.parse>[0];

const SMALL: Input = {
  seed: 7,
  traces: { count: 60, spans: { high_span_traces: { count: 1, span_count: 3000 } } },
  metrics: { metric_count: 60, timeseries_per_metric: { min: 5, max: 20, default: 10 } },
  logs: { count: 900 },
};

function small(outputDir: string, options: Partial<GenerateOptions> = {}, input: Input = SMALL) {
  return generate(generatorConfigSchema.parse(input), { outputDir, createdAt: CREATED_AT, ...options });
}

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("generate", () => {
  test("describes its files in metadata.yaml: hashes, bytes, frames, items", async () => {
    const directory = freshDirectory();
    const metadata = await small(directory);
    const written = metadataSchema.parse(parse(readFileSync(join(directory, "metadata.yaml"), "utf8")));
    expect(written).toEqual(JSON.parse(JSON.stringify(metadata)));
    expect([written.createdAt, written.seed, written.format]).toEqual([CREATED_AT, 7, 1]);
    expect(generatorConfigSchema.parse(written.config)).toEqual(generatorConfigSchema.parse(SMALL));
    for (const signal of SIGNALS) {
      const entry = written.signals[signal]!;
      const path = join(directory, entry.file);
      expect(sha256(path)).toBe(entry.sha256);
      expect(readFileSync(path).length).toBe(entry.bytes);
      expect([...readFrames(path)].length).toBe(entry.frames);
    }
    expect(written.signals.logs!.items).toBe(900);
    expect(written.signals.traces).toMatchObject({ traces: 61, maxSpansPerTrace: 3000 });
    expect(Object.keys(written.metrics).length).toBe(60);
    expect(readdirSync(directory).toSorted()).toEqual([
      "metadata.yaml",
      "telemetry-logs.pb",
      "telemetry-metrics.pb",
      "telemetry-traces.pb",
    ]);
  });

  test("writes twins in OTLP/JSON that hold the same requests, one a line", async () => {
    const directory = freshDirectory();
    await small(directory, { json: true });
    for (const signal of SIGNALS) {
      const lines = readFileSync(join(directory, `telemetry-${signal}.json`), "utf8")
        .trimEnd()
        .split("\n");
      let line = 0;
      for (const { message } of readFrames(join(directory, `telemetry-${signal}.pb`))) {
        expect(parseOtlpJson(signal, lines[line++]!)).toEqual(decodeRequest(signal, message));
      }
      expect(lines.length).toBe(line);
    }
  });

  test("writes no file for a signal of which nothing is asked, and removes that of an earlier set", async () => {
    const directory = freshDirectory();
    await small(directory, { json: true });
    const { signals } = await small(
      directory,
      {},
      { seed: 7, traces: { count: 5 }, metrics: { metric_count: 0 }, logs: { count: 0 } },
    );
    expect(Object.keys(signals)).toEqual(["traces"]);
    expect(readdirSync(directory).toSorted()).toEqual(["metadata.yaml", "telemetry-traces.pb"]);
  });

  test("changes no file when it is interrupted", async () => {
    const directory = freshDirectory();
    mkdirSync(directory);
    writeFileSync(join(directory, "telemetry-traces.pb"), "earlier");
    const abort = new AbortController();
    const onProgress = ({ signal }: GenerateProgress) => {
      if (signal === "traces") abort.abort(new Error("enough"));
    };
    await expect(small(directory, { abort: abort.signal, onProgress, json: true })).rejects.toThrow("enough");
    expect(readdirSync(directory)).toEqual(["telemetry-traces.pb"]);
    expect(readFileSync(join(directory, "telemetry-traces.pb"), "utf8")).toBe("earlier");
  });

  test("says what stands in the way when it cannot write", async () => {
    const directory = freshDirectory();
    writeFileSync(directory, "a file, no directory");
    await expect(small(directory)).rejects.toThrow("is a file, a directory is needed");
  });

  test("tells how far it is, ending with all items", async () => {
    const last = new Map<string, number>();
    const { signals } = await small(freshDirectory(), {
      onProgress: ({ signal, items }) => last.set(signal, items),
    });
    expect(Object.fromEntries(last)).toEqual(
      Object.fromEntries(Object.entries(signals).map(([signal, entry]) => [signal, entry!.items])),
    );
  });

  test("writes the same traces and logs whatever is asked of metrics", async () => {
    const all = await small(freshDirectory());
    const without = await small(freshDirectory(), {}, {
      ...(SMALL as object),
      metrics: { metric_count: 0 },
    } as Input);
    expect(without.signals).toEqual({ traces: all.signals.traces, logs: all.signals.logs });
  });
});
