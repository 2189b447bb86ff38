import { expect, test } from "vitest";
import type { Account } from "../../ledger/account-schema.ts";
import type { HistoryPoint } from "../../ledger/history.ts";
import { accountWith, itemsWith } from "../../ledger/test-account.ts";
import { collectorRowWith, collectorsOf, pointWith } from "../test-run.ts";
import { headlineOf } from "./headline.ts";
import { placesOf } from "./places.ts";
import { recentOf } from "./recent.ts";

function say(parts: Partial<Account>, points: readonly HistoryPoint[] = []) {
  const account = accountWith(parts);
  const { state, verdict, tone } = headlineOf(account, placesOf(account), recentOf(points));
  return [state, tone, verdict];
}

const replicas = { expected: null, seen: 2, running: 0, paused: 0, ended: 0, lost: 0 };

test.for<[string, Partial<Account>, string[]]>([
  [
    "nobody there yet",
    { state: "waiting", replicas: { ...replicas, seen: 0 } },
    ["waiting", "idle", "Waiting for the first replica"],
  ],
  ["all well", {}, ["running", "good", "Every event so far is accounted for"]],
  ["paused", { replicas: { ...replicas, paused: 2 } }, ["paused", "warn", "Paused: nothing new is begun"]],
  [
    "a lost replica",
    { replicas: { ...replicas, running: 1, lost: 1 } },
    ["running", "bad", "1 replica fell silent without an end"],
  ],
  [
    "losses, wherever they are",
    { signals: { traces: itemsWith({ accepted: 5, dropped: 2, rejected: 1000, inDoubt: 204 }) } },
    ["running", "bad", "Lost or in doubt: 2 in replicas and 1,204 before the target"],
  ],
  [
    "a lost replica and what it took with it",
    {
      replicas: { ...replicas, running: 1, lost: 1 },
      signals: { traces: itemsWith({ accepted: 5, unanswered: 7 }) },
    },
    ["running", "bad", "In doubt: 7 before the target"],
  ],
  [
    "a Collector that is gone",
    (() => {
      const rows = [collectorRowWith("a:1", 500, 500), collectorRowWith("b:1", 500, 500, { state: "gone" })];
      return { collectors: collectorsOf(rows), collectorRows: rows };
    })(),
    ["running", "warn", "1 Collector gone, replicas send around it"],
  ],
  [
    "unsent events",
    { signals: { traces: itemsWith({ accepted: 5, unsent: 1200 }) } },
    ["running", "warn", "On schedule again; 1,200 events came too late to be sent"],
  ],
  [
    "the end, good",
    { state: "ended", balanced: true, exitCode: 0 },
    ["closed", "good", "Done: every event is accounted for, and was accepted"],
  ],
  [
    "the end, with losses",
    {
      state: "ended",
      balanced: true,
      exitCode: 1,
      signals: { traces: itemsWith({ accepted: 5, failed: 3 }) },
    },
    ["closed", "bad", "Balanced, with events lost: 3 before the target"],
  ],
  [
    "the end, out of balance",
    { state: "ended", balanced: false, exitCode: 1, problems: ["1 replica had not ended"] },
    ["closed", "bad", "Does not balance: 1 replica had not ended"],
  ],
])("%s", ([, parts, said]) => {
  expect(say(parts)).toEqual(said);
});

test("a target that takes less than it is to get is said, with the refusals of Collectors", () => {
  const slow = [1, 2, 3, 4].map((id) => pointWith(id, { sent: 50 }, { lagMs: 4000 }));
  expect(say({}, slow)[2]).toBe("Behind schedule by 4.00 s: the target takes less than it is to get");
  const refusing = slow.map((point) => ({
    ...point,
    collectors: {
      up: 2,
      gone: 0,
      accepted: 50,
      refused: 20,
      exported: 50,
      failed: 0,
      notQueued: 0,
      queued: 9,
      queueCapacity: 10,
      cores: null,
      rssBytes: null,
    },
  }));
  expect(say({}, refusing)[2]).toBe("Behind schedule by 4.00 s: Collectors refuse 20 events/s");
  expect(
    say(
      {},
      refusing.map((point) => ({ ...point, lagMs: 0 })),
    )[2],
  ).toBe("Collectors refuse 20 events/s, which are tried again");
});

test("what is tried again is said, a lag that shrinks too", () => {
  const retried = [1, 2].map((id) => pointWith(id, { sent: 100, requests: 10, retriedRequests: 1 }));
  expect(say({}, retried)[2]).toBe("10.0 % of requests had to be tried again");
  const late = [1, 2].map((id) => pointWith(id, { sent: 150 }, { lagMs: 2500 }));
  expect(say({}, late)[2]).toBe("Catching up: 2.50 s behind schedule");
});

test("the line below counts who is there", () => {
  const account = accountWith({
    replicas: { expected: 5, seen: 4, running: 2, paused: 0, ended: 1, lost: 1 },
    signals: { traces: itemsWith({ accepted: 1000, inFlight: 50 }) },
  });
  expect(headlineOf(account, [], undefined).detail).toBe(
    "4 replicas: 2 running, 1 ended, 1 lost and 1 not seen yet · 1,050 events sent, 50 of them in flight",
  );
});
