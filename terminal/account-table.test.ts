import { expect, test } from "vitest";
import type { Account } from "../ledger/account-schema.ts";
import { accountWith, itemsWith } from "../ledger/test-account.ts";
import { accountTable } from "./account-table.ts";

/** Of two replicas that have sent for a minute. */
const account = (parts: Partial<Account> = {}): Account =>
  accountWith({
    signals: { traces: itemsWith({ accepted: 12_345_678_000, inFlight: 901 }) },
    latencyMs: { traces: { p50: 1.5, p90: 2, p99: 3, p999: 4, max: 99_999 } },
    lagMs: 1500,
    worstLagMs: 1500,
    elapsedMs: 61_000,
    processes: 4,
    cpuSeconds: 7.25,
    rssBytes: 200e6,
    ...parts,
  });

const collectors: Account["collectors"] = {
  names: ["dns:///collector:8888"],
  seen: 4,
  up: 3,
  gone: 1,
  queued: 12,
  signals: {
    traces: {
      accepted: 5,
      refused: 1,
      exporters: { "otlp_grpc/sink": { sent: 4, failed: 1, notQueued: 0 } },
    },
    logs: { accepted: 7, refused: 0, exporters: {} },
  },
};
const sink: Account["sink"] = {
  up: true,
  signals: {
    traces: { received: 4, rejected: 0, refused: 0, repeated: 3 },
    logs: { received: 7, rejected: 0, refused: 0, repeated: 0 },
  },
  verified: { ok: true, missingTraces: 0, findings: [] },
};

test("the whole way of every signal, with what is not reported as a dash", () => {
  const whole = account({
    signals: {
      traces: itemsWith({ accepted: 5, requests: 2, retriedRequests: 1 }),
      logs: itemsWith({ accepted: 7 }),
    },
    collectors,
    sink,
    control: {
      isPaused: true,
      eventsPerSecond: 5000,
      burst: null,
      isStopped: false,
      uses: [{ at: "", from: "", what: "pause" }],
    },
    identities: [
      { name: "taken", signal: "traces", left: 5, right: 9, difference: 4, state: "open", text: "" },
    ],
  });
  expect(accountTable(whole)).toMatchInlineSnapshot(`
    "  2 replicas: 2 running
      12 events in 01:01, 0 a second, 7.3 s of CPU
      4 processes, 200 MB of memory, 1.50 s behind schedule
      told: pause, 5,000 a second

                                    traces          logs         total
      intended                           5             7            12
        unsent                           0             0             0
        dropped                          0             0             0
        sent                             5             7            12
          accepted                       5             7            12
          rejected                       0             0             0
          failed                         0             0             0
          in doubt                       0             0             0
      requests                           2             0             2
        tried again                      1             0             1

      4 collectors: 3 up, 1 gone, 12 queued
        accepted                         5             7            12
        refused                          1             0             1
        otlp_grpc/sink
          sent on                        4             -             4
          failed                         1             -             1

      the sink, verified
        received                         4             7            11
        repeated                         3             0             3

      latency p50                  1.50 ms             -
      latency p99                  3.00 ms             -
      latency max                    100 s             -

      on their way, or not seen yet: 4 items
    "
  `);
});

test("before anybody has spoken there is nothing to show", () => {
  const waiting = account({
    state: "waiting",
    signals: {},
    replicas: { expected: 3, seen: 0, running: 0, paused: 0, ended: 0, lost: 0 },
  });
  expect(accountTable(waiting)).toBe("  0 of 3 replicas, waiting\n\n  balanced so far\n");
});

test.each([
  ["balanced", { balanced: true, exitCode: 0 }, "  balanced: every event is accounted for\n"],
  [
    "balanced with losses",
    { balanced: true, exitCode: 1, problems: ["traces: 3 spans failed"] },
    "  lost: traces: 3 spans failed\n  balanced, with losses: every event is accounted for\n",
  ],
  [
    "not balanced",
    { balanced: false, exitCode: 1, problems: ["one", "two"] },
    "  NOT BALANCED: one\n  NOT BALANCED: two\n",
  ],
] as const)("an account that is %s says so last", (_, verdict, end) => {
  expect(
    accountTable(account({ ...verdict, problems: [...("problems" in verdict ? verdict.problems : [])] })),
  ).toMatch(new RegExp(`${end}$`));
});

test("no line is wider than 80 columns, whatever is in it", () => {
  const long = "x".repeat(300);
  const wide = account({
    collectors: {
      ...collectors,
      signals: {
        traces: {
          accepted: 1e15,
          refused: 0,
          exporters: { [long]: { sent: 1e12, failed: 0, notQueued: 0 } },
        },
      },
    },
    answers: [{ code: long, count: 1e12, message: `${long}\n${long}` }],
    notes: [`${"word ".repeat(100)}`],
    balanced: false,
    exitCode: 1,
    problems: Array.from({ length: 30 }, () => "word ".repeat(60)),
  });
  const lines = accountTable(wide).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.at(-2)).toBe("  and 10 more");
});

test("a burst is told with its end, as long as it lasts", () => {
  const burst = { eventsPerSecond: 90_000, until: "2026-01-01T00:00:10.000Z" };
  const uses = [{ at: "", from: "", what: "burst 90000 for 10 s" }];
  const control = { isPaused: false, eventsPerSecond: null, burst, isStopped: false, uses };
  expect(accountTable(account({ control }))).toContain(
    "told: go, rate as configured, a burst of 90,000 a second until 2026-01-01T00:00:10.000Z\n",
  );
});
