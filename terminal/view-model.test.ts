import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneLine, plainText, renderRows } from "./cell.ts";
import { progressLine } from "./progress-line.ts";
import type { Sample, SignalSample } from "./sample.ts";
import { viewModel } from "./view-model.ts";

const HEADLINE = { command: "replay", destination: "localhost:4317, grpc, gzip" };
const HISTORY = Array.from({ length: 60 }, (_, second) =>
  second < 30 ? second * 33_000 : 990_000 + (second % 7) * 4000,
);

function signal(rate: number, sent: number, trouble: Partial<SignalSample> = {}): SignalSample {
  return {
    rate,
    intended: sent,
    sent,
    accepted: sent,
    rejected: 0,
    failed: 0,
    inDoubt: 0,
    unsent: 0,
    ...trouble,
  };
}

const GOOD: Sample = {
  elapsedMs: 62_300,
  remainingMs: 537_700,
  targetRate: 1_000_000,
  signals: {
    traces: signal(512_340, 31_508_200),
    metrics: signal(300_100, 18_400_000),
    logs: signal(185_040, 11_230_400),
  },
  latencyMs: { p50: 3.21, p99: 41.7 },
  lagMs: 0,
  inFlight: 12,
  cpuShare: 0.83,
  rssBytes: 71_300_000,
  retried: 0,
  errors: [],
  processes: 4,
};

const BAD: Sample = {
  ...GOOD,
  signals: {
    traces: signal(212_340, 31_508_200, {
      accepted: 31_386_200,
      failed: 1200,
      inDoubt: 300,
      rejected: 120_500,
      unsent: 2_000_000,
    }),
    logs: signal(185_040, 11_230_400),
  },
  lagMs: 12_340,
  retried: 17,
  errors: [
    {
      code: "UNAVAILABLE",
      count: 1414,
      message: "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:4317",
    },
    { code: "429", count: 3, message: "slow\u001B[31m down\n" },
    { code: "503", count: 2, message: "" },
    { code: "reset", count: 1, message: "" },
  ],
  processes: 1,
};

const view = (sample: Sample, columns: number, history: readonly number[] = HISTORY) =>
  viewModel(HEADLINE, sample, history, columns);

describe("the live view", () => {
  test("at 80 columns without colour", () => {
    expect(renderRows(view(GOOD, 80), false)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip                    01:02 of 10:00

        rate       997 k/s    of 1.00 M/s  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  99.7 %
                   ▃▃▃▄▄▄▄▄▅▅▅▅▆▆▆▆▆▇▇▇▇███████████████████████████████  peak 1.01 M/s

                      rate/s          sent      accepted rejected failed  doubt unsent
        traces         512 k    31,508,200    31,508,200        0      0      0      0
        metrics        300 k    18,400,000    18,400,000        0      0      0      0
        logs           185 k    11,230,400    11,230,400        0      0      0      0
        total          997 k    61,138,600    61,138,600        0      0      0      0

        latency    p50 3.21 ms   p99 41.7 ms   lag 0 ms
        requests   in flight 12   retried 0
        process    cpu 83 %   memory 71.3 MB   4 processes"
    `);
  });

  test("at 80 columns when things go wrong", () => {
    expect(renderRows(view(BAD, 80), false)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip                    01:02 of 10:00

        rate       397 k/s    of 1.00 M/s  ━━━━━━━━━━━━━━─────────────────────  39.7 %
                   ▃▃▃▄▄▄▄▄▅▅▅▅▆▆▆▆▆▇▇▇▇███████████████████████████████  peak 1.01 M/s

                      rate/s          sent      accepted rejected failed  doubt unsent
        traces         212 k    31,508,200    31,386,200  120,500  1,200    300 2.00 M
        logs           185 k    11,230,400    11,230,400        0      0      0      0
        total          397 k    42,738,600    42,616,600  120,500  1,200    300 2.00 M

        latency    p50 3.21 ms   p99 41.7 ms   lag 12.3 s
        requests   in flight 12   retried 17
        process    cpu 83 %   memory 71.3 MB

            1,414  UNAVAILABLE  No connection established. Last error: connect ECONNR…
                3  429  slow [31m down
                2  503
                   and 1 more kind of error"
    `);
  });

  test("at 120 columns without colour", () => {
    expect(renderRows(view(GOOD, 120), false)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip                                                            01:02 of 10:00

        rate       997 k/s    of 1.00 M/s  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  99.7 %
                   ▁▁▁▂▂▂▂▃▃▃▃▄▄▄▄▄▅▅▅▅▆▆▆▆▆▇▇▇▇███████████████████████████████  peak 1.01 M/s

                           rate/s               sent           accepted      rejected      failed       doubt      unsent
        traces              512 k         31,508,200         31,508,200             0           0           0           0
        metrics             300 k         18,400,000         18,400,000             0           0           0           0
        logs                185 k         11,230,400         11,230,400             0           0           0           0
        total               997 k         61,138,600         61,138,600             0           0           0           0

        latency    p50 3.21 ms   p99 41.7 ms   lag 0 ms
        requests   in flight 12   retried 0
        process    cpu 83 %   memory 71.3 MB   4 processes"
    `);
  });

  test.each([
    ["well, 80", GOOD, 80],
    ["badly, 80", BAD, 80],
    ["well, 120", GOOD, 120],
    ["badly, 120", BAD, 120],
  ])("with colour, going %s", (_, sample, columns) => {
    expect(renderRows(view(sample, columns), true)).toMatchSnapshot();
  });

  test("as fast as the target takes it, one signal, first second", () => {
    const first: Sample = {
      ...GOOD,
      targetRate: 0,
      elapsedMs: 400,
      signals: { logs: signal(0, 0) },
      latencyMs: { p50: Number.NaN, p99: Number.NaN },
      processes: 1,
    };
    delete first.remainingMs;
    expect(renderRows(view(first, 80, [0]), false)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip                             00:00

        rate       0/s        as fast as the target takes it
                                                                      ▁  peak 0/s

                      rate/s          sent      accepted rejected failed  doubt unsent
        logs               0             0             0        0      0      0      0

        latency    p50 -   p99 -   lag 0 ms
        requests   in flight 12   retried 0
        process    cpu 83 %   memory 71.3 MB"
    `);
  });

  test("colour adds codes and nothing else, and there are none without", () => {
    for (const sample of [GOOD, BAD]) {
      const plain = renderRows(view(sample, 100), false);
      expect(plain).not.toContain("\u001B");
      const stripped = renderRows(view(sample, 100), true).replace(/\u001B\[\d+m/g, "");
      expect(stripped.split("\n").map((line) => line.trimEnd())).toEqual(plain.split("\n"));
    }
  });

  test("no row is wider than the terminal, whatever the numbers", () => {
    const count = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 1e13 }));
    const counts = fc.record({
      rate: fc.double({ min: 0, max: 2e7, noNaN: true }),
      intended: count,
      sent: count,
      accepted: count,
      rejected: count,
      failed: count,
      inDoubt: count,
      unsent: count,
    });
    const error = fc.record({ code: fc.string(), count, message: fc.string({ maxLength: 300 }) });
    fc.assert(
      fc.property(
        fc.record({
          elapsedMs: fc.nat(1e9),
          targetRate: fc.oneof(fc.constant(0), fc.integer({ min: 1000, max: 2e7 })),
          signals: fc.record({ traces: counts, metrics: counts, logs: counts }, { requiredKeys: [] }),
          latencyMs: fc.record({
            p50: fc.double({ min: 0, max: 1e5 }),
            p99: fc.double({ min: 0, max: 1e5 }),
          }),
          lagMs: fc.nat(1e6),
          inFlight: fc.nat(1e4),
          cpuShare: fc.double({ min: 0, max: 64, noNaN: true }),
          rssBytes: fc.nat(1e9),
          retried: fc.nat(1e6),
          errors: fc.array(error, { maxLength: 6 }),
          processes: fc.integer({ min: 1, max: 100 }),
        }),
        fc.array(fc.double({ min: 0, max: 2e7 }), { maxLength: 60 }),
        fc.integer({ min: 80, max: 200 }),
        (sample, history, columns) => {
          for (const row of viewModel(HEADLINE, sample, history, columns)) {
            expect(plainText(row).trimEnd().length).toBeLessThanOrEqual(columns);
          }
        },
      ),
    );
  });
});

describe("a line for logs", () => {
  test("when all is well", () => {
    expect(progressLine(GOOD)).toBe(
      "01:02 997 k/s of 1.00 M/s, sent 61,138,600, accepted 61,138,600, p50 3.21 ms, p99 41.7 ms, lag 0 ms, cpu 83 %, memory 71.3 MB",
    );
  });

  test("when things go wrong, every kind of loss is named", () => {
    const line = progressLine(BAD);
    expect(line).toContain("rejected 120,500, failed 1,200, in doubt 300, unsent 2,000,000, retried 17");
    expect(line).toContain("most frequent error: UNAVAILABLE No connection established");
    expect(line).not.toContain("\n");
  });
});

test("text from a target loses its control characters and its excess", () => {
  expect(oneLine("a\u001B[2Jb\r\nc", 80)).toBe("a [2Jb c");
  expect(oneLine("abcdef", 4)).toBe("abc…");
  expect(oneLine("abcdef", 0)).toBe("");
});
