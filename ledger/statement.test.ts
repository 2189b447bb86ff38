import fc from "fast-check";
import { expect, test } from "vitest";
import { perSignal } from "../otlp/signal.ts";
import { makeReport } from "./report.ts";
import { makeStatement, type StatementHead } from "./statement.ts";
import { parseStatement, StatementError } from "./statement-schema.ts";
import { testSnapshot } from "./test-snapshot.ts";

const head: StatementHead = {
  life: "00000000000a",
  name: "here",
  sequence: 3,
  startedAt: "2026-01-01T00:00:00.000Z",
  state: "running",
  share: { index: 0, count: 2 },
  processes: 1,
  signals: ["traces", "logs"],
};

test("what a replica makes is what the service reads, with a report at the end", () => {
  const snapshots = [
    testSnapshot({ latencies: perSignal(() => [[5000, 2]]) }),
    testSnapshot({ incarnations: ["00000000000b"] }),
  ];
  const context = { version: "1", startedAt: "", replicas: 2, config: { a: 1 }, signals: head.signals };
  const statement = makeStatement(snapshots, { ...head, state: "ended" }, makeReport(snapshots, context));
  expect(parseStatement(JSON.parse(JSON.stringify(statement)))).toEqual(statement);
  expect(Object.keys(statement.signals)).toEqual(["traces", "logs"]);
  expect(statement.report!.signals.traces!.latencyCountsUs).toEqual([[5119, 2]]);
});

test("of more addresses than a statement may have, the sum of the rest stands under one name", () => {
  const one = { requests: 1, accepted: 2, rejected: 0, failed: 0, inDoubt: 0 };
  const targets = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`10.0.0.1:${n}`, one]));
  const statement = makeStatement([testSnapshot({ targets })], head);
  const told = parseStatement(statement).targets;
  expect(Object.keys(told)).toHaveLength(2000);
  expect(Object.values(told).reduce((sum, { accepted }) => sum + accepted, 0)).toBe(6000);
});

test("a key that is not known yet is passed over: a newer replica may tell more", () => {
  const statement = { ...makeStatement([testSnapshot()], head), mood: "good" };
  expect(parseStatement(statement)).not.toHaveProperty("mood");
});

function statementWithLatencies(latencyUs: unknown): unknown {
  const statement = makeStatement([testSnapshot()], head);
  return { ...statement, signals: { traces: { ...statement.signals.traces, latencyUs } } };
}

test.each([
  ["nothing", undefined],
  ["a list", []],
  ["another version", { ...makeStatement([], head), version: 2 }],
  ["a negative count", { ...makeStatement([], head), elapsedMs: -1 }],
  ["a count beyond all counting", { ...makeStatement([], head), lagMs: 1e300 }],
  ["a life that is no life", { ...makeStatement([], head), life: "../../etc" }],
  ["a text without end", { ...makeStatement([], head), name: "x".repeat(1e5) }],
  ["a latency without its count", statementWithLatencies([1, 2, 3])],
  ["latencies below nothing", statementWithLatencies([1, -2])],
  ["latencies without end", statementWithLatencies(Array.from({ length: 1001 }, (_, n) => [n, 1]).flat())],
  ["a half sequence", { ...makeStatement([], head), sequence: 1.5 }],
])("%s is refused in one line", (_, value) => {
  let refusal: unknown;
  try {
    parseStatement(value);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(StatementError);
  expect((refusal as Error).message).toMatch(/^[^\n]{1,600}$/);
});

test("whatever comes, it is read or refused in one line", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        parseStatement(value);
      } catch (error) {
        expect(error).toBeInstanceOf(StatementError);
      }
    }),
  );
});
