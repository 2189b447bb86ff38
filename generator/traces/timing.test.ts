import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { buildScenario } from "../scenario/scenario.ts";
import { byTrace, writeAndRead } from "./decoded-spans.ts";
import { ErrorLaw } from "./error-law.ts";
import { TraceWalk } from "./walk.ts";

const CONSUMER = 5;
const MS = 1e6;

/** Durations of all spans of traces of this size, in ns. */
function durationsOf(services: number, traces: number, spanCount: number): number[] {
  const random = new Random(5);
  const scenario = buildScenario(
    generatorConfigSchema.parse({ traces: { services: { count: services } } }),
    random,
  );
  const walk = new TraceWalk(scenario, random.fork("walk"), new ErrorLaw(random.fork("errors"), 0.02));
  const durations: number[] = [];
  for (let trace = 0; trace < traces; trace++) {
    walk.begin(spanCount);
    for (let ordinal = 0; ordinal < spanCount; ordinal++) {
      const { start, end } = walk.next(ordinal)!;
      durations.push(end - start);
    }
  }
  return durations;
}

describe("durations", () => {
  test.each([
    ["single spans of 200 services", 200, 20_000, 1],
    ["usual traces", 14, 4000, 15],
    ["traces that take as long as any", 5, 30, 2000],
  ])("of %s are neither rounded nor cut to a bound", (_name, services, traces, spanCount) => {
    const durations = durationsOf(services, traces, spanCount);
    // One in a million is whole by chance.
    expect(durations.filter((duration) => duration % MS === 0).length).toBeLessThanOrEqual(1);
    const long = durations.filter((duration) => duration > 50 * MS);
    expect(new Set(long).size).toBe(long.length);
    // Short ones meet by chance, but at no place in particular.
    const often = Math.max(
      ...[...Map.groupBy(durations, (duration) => duration).values()].map((own) => own.length),
    );
    expect(often).toBeLessThan(8);
  });
});

describe("workers", () => {
  test("begin after 2 ms to some seconds, mostly soon; some are done while the request goes on, others come late", async () => {
    const { spans } = await writeAndRead({ count: 4000, services: { count: 14 } });
    const waits: number[] = [];
    let within = 0;
    for (const own of byTrace(spans).values()) {
      const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
      const end = byOrdinal.get(0)!.end;
      for (const worker of own.filter(({ kind }) => kind === CONSUMER)) {
        waits.push((worker.start - byOrdinal.get(worker.parent)!.end) / MS);
        if (worker.end < end) within++;
      }
    }
    waits.sort((a, b) => a - b);
    expect(waits.length).toBeGreaterThan(200);
    expect(waits[0]!).toBeGreaterThan(2);
    expect(waits[waits.length >> 1]!).toBeLessThan(15);
    expect(waits.at(-1)!).toBeGreaterThan(500);
    expect(waits.at(-1)!).toBeLessThan(8000);
    expect(within / waits.length).toBeGreaterThan(0.08);
    expect(within / waits.length).toBeLessThan(0.5);
  });
});
