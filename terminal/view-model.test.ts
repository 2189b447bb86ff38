import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cell, cutRow, oneLine, plainText, renderRows } from "./cell.ts";
import { progressLine } from "./progress-line.ts";
import { RateHistory } from "./rate-history.ts";
import { anySample, BAD, GOOD, historyOf, NO_LATENCY, signalSample } from "./sample.cases.ts";
import type { Sample } from "./sample.ts";
import { viewModel } from "./view-model.ts";

const HEADLINE = { command: "replay", destination: "localhost:4317, grpc, gzip" };

const view = (sample: Sample, columns: number, rows = 50, history = historyOf()) =>
  viewModel(HEADLINE, sample, history, { columns, rows });
const textOf = (...args: Parameters<typeof view>) => renderRows(view(...args), false);

describe("the live view without colour", () => {
  test("at 80 columns and 24 rows, all is there", () => {
    expect(textOf(GOOD, 80, 24)).toMatchInlineSnapshot(`
      "
        stampede replay → localhost:4317, grpc, gzip     08:58 left, ends by duration

        run        01:02 of 10:00        ━━━╸───────────────────────────────   10.4 %
        rate       997 k/s of 1.00 M/s   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   99.7 %
        last 01:00                                 ▂▃▅▆██████████▂████  peak 1.01 M/s
                                              ▂▃▅▆████████████████████  2 s a column
                                        ▁▂▄▅▇█████████████████████████

                      rate/s         sent     accepted rejected failed  doubt unsent
        traces         512 k   31,508,200   31,508,200        0      0      0      0
        metrics        300 k   18,400,000   18,400,000        0      0      0      0
        logs           185 k   11,230,400   11,230,400        0      0      0      0
        total          997 k   61,138,600   61,138,600        0      0      0      0

        last 10 s        p50      p90      p99  run p99   wire/s  ratio    compressed
        traces       3.21 ms  12.4 ms  41.7 ms  44.0 ms  25.6 MB  8.0 x          once
        metrics      3.21 ms  12.4 ms  41.7 ms  44.0 ms  15.0 MB  8.0 x          once
        logs         3.21 ms  12.4 ms  41.7 ms  44.0 ms  9.25 MB  8.0 x          once
        total        3.21 ms  12.4 ms  41.7 ms  44.0 ms  49.9 MB  8.0 x          once

        requests   in flight 12   retried 0   lag 0 ms
        process    cpu 83 %   memory 71.3 MB   4 processes"
    `);
  });

  test("at 80 columns and 24 rows when things go wrong, errors take the room of what is well", () => {
    expect(textOf(BAD, 80, 24)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip     08:58 left, ends by duration
        run        01:02 of 10:00        ━━━╸───────────────────────────────   10.4 %
        rate       397 k/s of 1.00 M/s   ━━━━━━━━━━━━━━─────────────────────   39.7 %
        last 01:00                      ▁▁▁▂▂▃▃▄▄▅▅▆▆▇▇██████████▆████  peak 1.01 M/s
                      rate/s         sent     accepted rejected failed  doubt unsent
        traces         212 k   31,508,200   31,386,200  120,500  1,200    300 2.00 M
        logs           185 k   11,230,400   11,230,400        0      0      0      0
        total          397 k   42,738,600   42,616,600  120,500  1,200    300 2.00 M
        last 10 s        p50      p90      p99  run p99   wire/s  ratio    compressed
        total        3.21 ms  12.4 ms  41.7 ms  44.0 ms  19.9 MB  8.0 x     47 % once
        requests   in flight 12   retried 17   lag 12.3 s   at worst 30.0 s
        process    cpu 83 %   memory 71.3 MB
        2 targets          requests/s        accepted    rejected    failed     doubt
        10.0.0.1:4317             210      21,000,000     120,500         0         0
        10.0.0.2:4317             190      21,616,600           0     1,200       300
        errors     UNAVAILABLE  1,414  12.2/s  No connection established. Last error…
                   429              3     0/s  slow [31m down
                   503              2     0/s
                   and 1 more kind"
    `);
  });

  test("at 200 columns the tables are one, and addresses stand beside", () => {
    expect(textOf(BAD, 200)).toMatchInlineSnapshot(`
      "
        stampede replay → localhost:4317, grpc, gzip                                                                                                                             08:58 left, ends by duration

        run        01:02 of 10:00        ━━━━━━━━━━━━━━━━───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────   10.4 %
        rate       397 k/s of 1.00 M/s   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸─────────────────────────────────────────────────────────────────────────────────────────────   39.7 %
        last 01:00                                                                                                                                      ▁▂▃▄▄▅▆▇█████▇██████▇██████▇ █████▇███  peak 1.01 M/s
                                                                                                                                             ▁▁▂▃▄▄▅▆▇██████████████████████████████▄█████████  1 s a column
                                                                                                                                  ▁▁▂▂▃▄▅▅▆▇██████████████████████████████████████████████████

                     items ──────────────────────────────────────────────────────────────────────────────  latency, last 10 s ───────────────────────────  on the wire ─────────────────────────
                         rate/s            sent        accepted    rejected    failed     doubt    unsent         p50         p90         p99     run p99      wire/s     ratio       compressed
        traces            212 k      31,508,200      31,386,200     120,500     1,200       300 2,000,000     3.21 ms     12.4 ms     41.7 ms     44.0 ms     10.6 MB     8.0 x        63 % once
        logs              185 k      11,230,400      11,230,400           0         0         0         0     3.21 ms     12.4 ms     41.7 ms     44.0 ms     9.25 MB         -               no
        total             397 k      42,738,600      42,616,600     120,500     1,200       300 2,000,000     3.21 ms     12.4 ms     41.7 ms     44.0 ms     19.9 MB     8.0 x        47 % once

        requests   in flight 12   retried 17   lag 12.3 s   at worst 30.0 s         2 targets             requests/s           accepted       rejected       failed        doubt
        process    cpu 83 %   memory 71.3 MB                                        10.0.0.1:4317                210         21,000,000        120,500            0            0
                                                                                    10.0.0.2:4317                190         21,616,600              0        1,200          300

        errors     UNAVAILABLE  1,414  12.2/s  No connection established. Last error: connect ECONNREFUSED 127.0.0.1:4317
                   429              3     0/s  slow [31m down
                   503              2     0/s
                   reset            1     0/s"
    `);
  });

  test("in 15 rows the most important is shown", () => {
    expect(textOf(BAD, 80, 15)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, grpc, gzip     08:58 left, ends by duration
        run        01:02 of 10:00        ━━━╸───────────────────────────────   10.4 %
        rate       397 k/s of 1.00 M/s   ━━━━━━━━━━━━━━─────────────────────   39.7 %
        last 01:00                      ▁▁▁▂▂▃▃▄▄▅▅▆▆▇▇██████████▆████  peak 1.01 M/s
                      rate/s         sent     accepted rejected failed  doubt unsent
        traces         212 k   31,508,200   31,386,200  120,500  1,200    300 2.00 M
        logs           185 k   11,230,400   11,230,400        0      0      0      0
        total          397 k   42,738,600   42,616,600  120,500  1,200    300 2.00 M
        requests   in flight 12   retried 17   lag 12.3 s   at worst 30.0 s
        process    cpu 83 %   memory 71.3 MB
        errors     UNAVAILABLE  1,414  12.2/s  No connection established. Last error…
                   429              3     0/s  slow [31m down
                   503              2     0/s
                   and 1 more kind"
    `);
  });

  test("at 45 columns there are fewer figures instead of wrapped lines", () => {
    expect(textOf(BAD, 45, 24)).toMatchInlineSnapshot(`
      "  stampede replay → localhost:4317, g…
        run       01:02 of 10:00   10.4 %
        rate      397 k/s of 1.00 M/s   39.7 %
                       ▁▂▃▄▆▇████▇█  peak 1.01 M/s
                     rate/s     accepted rejected
        traces        212 k   31,386,200  120,500
        logs          185 k   11,230,400        0
        total         397 k   42,616,600  120,500
        last 10 s        p50       p99    wire/s
        total        3.21 ms   41.7 ms   19.9 MB
        requests  in flight 12   retried 17   lag
        process   cpu 83 %   memory 71.3 MB
        2 targets        requests/s      accepted
        10.0.0.1:4317           210    21,000,000
        10.0.0.2:4317           190    21,616,600
        errors    UNAVAILABLE  1,414  12.2/s  No …
                  429              3     0/s  slo…
                  503              2     0/s
                  and 1 more kind"
    `);
  });

  test("as fast as the target takes it, one signal, first second", () => {
    const { remainingMs: _, share: __, ...endless } = GOOD;
    const logs = signalSample(0, 0, { recentMs: NO_LATENCY, runMs: NO_LATENCY });
    const first: Sample = {
      ...endless,
      endsBy: "nothing: stop it with Ctrl-C",
      targetRate: 0,
      elapsedMs: 400,
      signals: { logs },
      total: logs,
      processes: 1,
    };
    expect(textOf(first, 80, 24, new RateHistory())).toMatchInlineSnapshot(`
      "
        stampede replay → localhost:4317, grpc, gzip

        run        00:00  ends by nothing: stop it with Ctrl-C
        rate       0/s  as fast as the target takes it
        last 00:00                                                      peak 0/s
                                                                        1 s a column


                      rate/s         sent     accepted rejected failed  doubt unsent
        logs               0            0            0        0      0      0      0

        last 10 s        p50      p90      p99  run p99   wire/s  ratio    compressed
        logs               -        -        -        -      0 B      -            no

        requests   in flight 12   retried 0   lag 0 ms
        process    cpu 83 %   memory 71.3 MB"
    `);
  });

  test("at the end all figures are of the whole run; briefly, where the ledger follows", () => {
    const over: Sample = { ...GOOD, elapsedMs: 600_000, isOver: true };
    expect(textOf(over, 80, 24)).toMatchInlineSnapshot(`
      "
        stampede replay → localhost:4317, grpc, gzip                             done

        run        10:00
        average    997 k/s of 1.00 M/s   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   99.7 %
        last 01:00                                 ▂▃▅▆██████████▂████  peak 1.01 M/s
                                              ▂▃▅▆████████████████████  2 s a column
                                        ▁▂▄▅▇█████████████████████████

                      rate/s         sent     accepted rejected failed  doubt unsent
        traces         512 k   31,508,200   31,508,200        0      0      0      0
        metrics        300 k   18,400,000   18,400,000        0      0      0      0
        logs           185 k   11,230,400   11,230,400        0      0      0      0
        total          997 k   61,138,600   61,138,600        0      0      0      0

                          p50       p90       p99    wire/s   ratio     compressed
        traces        3.21 ms   12.4 ms   44.0 ms   25.6 MB   8.0 x           once
        metrics       3.21 ms   12.4 ms   44.0 ms   15.0 MB   8.0 x           once
        logs          3.21 ms   12.4 ms   44.0 ms   9.25 MB   8.0 x           once
        total         3.21 ms   12.4 ms   44.0 ms   49.9 MB   8.0 x           once

        requests   in flight 12   retried 0   lag 0 ms
        process    cpu 83 %   memory 71.3 MB   4 processes"
    `);
    const brief = viewModel(HEADLINE, over, historyOf(), { columns: 80, rows: 24 }, true);
    expect(renderRows(brief, false)).toMatchInlineSnapshot(`
      "
        stampede replay → localhost:4317, grpc, gzip                             done

        run        10:00
        average    997 k/s of 1.00 M/s   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   99.7 %
        last 01:00                                 ▂▃▅▆██████████▂████  peak 1.01 M/s
                                              ▂▃▅▆████████████████████  2 s a column
                                        ▁▂▄▅▇█████████████████████████"
    `);
  });

  test.each([
    ["waits for what is in flight", { remainingMs: 0 }, "ending: waiting for what is in flight"],
    ["has nothing to wait for", { remainingMs: 0, inFlight: 0 }, "ending"],
    ["is paused", { isPaused: true }, "paused"],
    ["goes on", { remainingMs: 8_100 }, "00:09 left, ends by duration"],
  ])("says so when it %s", (_, change, words) => {
    expect(textOf({ ...GOOD, ...change }, 80).split("\n")[1]).toMatch(new RegExp(`  ${words}$`));
  });
});

test.each([
  ["well, 80", GOOD, 80],
  ["badly, 80", BAD, 80],
  ["badly, 200", BAD, 200],
])("with colour, going %s", (_, sample, columns) => {
  expect(renderRows(view(sample, columns), true)).toMatchSnapshot();
});

test("colour adds codes of 16 colours and nothing else, and there are none without", () => {
  for (const sample of [GOOD, BAD]) {
    const plain = renderRows(view(sample, 100), false);
    expect(plain).not.toContain("\u001B");
    const stripped = renderRows(view(sample, 100), true).replace(/\u001B\[(?:[012]|3[1-6])m/g, "");
    expect(stripped.split("\n").map((line) => line.trimEnd())).toEqual(plain.split("\n"));
  }
});

test("nothing is wider or higher than the terminal, whatever the numbers and its size", () => {
  fc.assert(
    fc.property(
      anySample,
      fc.array(fc.double({ min: 0, max: 2e7 }), { maxLength: 60 }),
      fc.record({ columns: fc.integer({ min: 1, max: 260 }), rows: fc.integer({ min: 2, max: 60 }) }),
      fc.boolean(),
      (sample, rates, size, isBrief) => {
        const history = new RateHistory();
        for (const [second, rate] of rates.entries()) history.add(second * 1000, rate, 1e6);
        const rows = viewModel(HEADLINE, sample, history, size, isBrief);
        expect(rows.length).toBeLessThan(size.rows);
        for (const row of rows)
          expect(plainText(row).trimEnd().length).toBeLessThanOrEqual(Math.max(3, size.columns - 1));
      },
    ),
  );
});

describe("a line for logs", () => {
  test("when all is well", () => {
    expect(progressLine(GOOD)).toBe(
      "01:02 997 k/s of 1.00 M/s, sent 61,138,600, accepted 61,138,600, p50 3.21 ms, p90 12.4 ms, p99 41.7 ms, lag 0 ms, " +
        "49.9 MB/s on the wire, cpu 83 %, memory 71.3 MB, 08:57 left",
    );
  });

  test("when things go wrong, every kind of loss is named", () => {
    const line = progressLine(BAD);
    expect(line).toContain("rejected 120,500, failed 1,200, in doubt 300, unsent 2,000,000, retried 17");
    expect(line).toContain("most frequent error: UNAVAILABLE No connection established");
    expect(line).not.toContain("\n");
  });

  test("at the end, of the whole run", () => {
    expect(progressLine({ ...GOOD, isOver: true })).toMatch(
      /^01:02 997 k\/s of 1\.00 M\/s on average,.* p99 44\.0 ms,/,
    );
  });
});

test("text from a target loses its control characters and its excess", () => {
  expect(oneLine("a\u001B[2Jb\r\nc", 80)).toBe("a [2Jb c");
  expect(oneLine("abcdef", 4)).toBe("abc…");
  expect(oneLine("abcdef", 0)).toBe("");
});

test("a row that is cut ends with an ellipsis, unless only blanks are lost", () => {
  const row = [cell("abc  "), cell("defg")];
  expect(plainText(cutRow(row, 9))).toBe("abc  defg");
  expect(plainText(cutRow(row, 7))).toBe("abc  d…");
  expect(plainText(cutRow([cell("abc     ")], 4))).toBe("abc ");
  expect(plainText(cutRow(row, 0))).toBe("");
});
