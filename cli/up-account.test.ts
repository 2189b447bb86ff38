import { expect, test } from "vitest";
import type { FleetResult } from "../fleet/up/run-fleet.ts";
import { COUNTERS, type Counter } from "../ledger/counts.ts";
import { perSignal } from "../otlp/signal.ts";
import { accountOf } from "./up-account.ts";

const none = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>;
const end = (code: number | undefined, how = `code ${code}`) => ({
  name: "replica 0",
  code,
  how,
  words: undefined,
});

/** A fleet of two that sent ten spans, and of which all is well. */
function result(changes: Partial<FleetResult> = {}): FleetResult {
  return {
    ends: [end(0), end(0)],
    report: undefined,
    books: {
      replicas: 2,
      expectedReplicas: 2,
      replicaItems: {
        ...perSignal(() => none),
        traces: { ...none, intended: 10, sent: 10, accepted: 10 },
      },
    },
    deaths: [],
    received: undefined,
    ...changes,
  };
}

const account = (changes?: Partial<FleetResult>) => accountOf(result(changes), { colour: false });

test("where all is accounted for, the account says so in its last line", () => {
  expect(account()).toEqual({ text: "balanced: every event is accounted for\n", exitCode: 0 });
});

test("a death is told, and is a loss even where the sums agree", () => {
  expect(account({ deaths: ["collector 0 ended with SIGKILL"] })).toEqual({
    text: "collector 0 ended with SIGKILL\n",
    exitCode: 1,
  });
});

test("a replica without a report is missing", () => {
  const { text, exitCode } = account({
    ends: [end(0), end(undefined, "SIGKILL")],
    books: { ...result().books, replicas: 1 },
  });
  expect(text).toContain("NOT BALANCED: 1 of 2 replicas left no report");
  expect(exitCode).toBe(1);
});

test.each([
  { what: "a bug of one", codes: [0, 70], exitCode: 70 },
  { what: "wrong usage of one", codes: [2, 0], exitCode: 2 },
  { what: "losses of one", codes: [0, 1], exitCode: 1 },
  { what: "a target that nobody reached", codes: [3, 3], exitCode: 3 },
  { what: "a target that one did not reach", codes: [3, 0], exitCode: 1 },
  { what: "all stopped before they began", codes: [130, 130], exitCode: 130 },
])("the exit code of $what is $exitCode", ({ codes, exitCode }) => {
  expect(account({ ends: codes.map((code) => end(code)) }).exitCode).toBe(exitCode);
});
