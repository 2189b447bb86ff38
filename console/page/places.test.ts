import fc from "fast-check";
import { expect, test } from "vitest";
import type { Loss } from "../../ledger/account-schema.ts";
import { accountWith, itemsWith } from "../../ledger/test-account.ts";
import { collectorRowWith, collectorsOf, identityWith } from "../test-run.ts";
import { placesOf } from "./places.ts";

const fatesOf = (account: Parameters<typeof placesOf>[0], id: Loss["where"]) =>
  Object.fromEntries(
    placesOf(account)
      .find((place) => place.id === id)!
      .fates.map(({ name, items }) => [name, items]),
  );

test("there are four places, from the schedule to the backend", () => {
  expect(placesOf(accountWith()).map(({ id }) => id)).toEqual([
    "replica",
    "replica to collector",
    "collector",
    "collector to backend",
  ]);
});

test("every item that replicas lost is at one place, and nothing else is", () => {
  const count = fc.nat(1000);
  fc.assert(
    fc.property(
      fc.record({
        accepted: count,
        unsent: count,
        dropped: count,
        rejected: count,
        failed: count,
        inDoubt: count,
      }),
      (fates) => {
        const lost = placesOf(accountWith({ signals: { traces: itemsWith(fates) } })).map(
          (place) => place.lost,
        );
        expect(lost).toEqual([fates.dropped, fates.rejected + fates.failed + fates.inDoubt, 0, 0]);
      },
    ),
  );
});

test("what an exporter could not send is lost only as far as it was accepted before", () => {
  const rows = [collectorRowWith("a:8888", 1000, 900)];
  Object.assign(rows[0]!.signals.traces!.exporters.otlp!, { failed: 70, notQueued: 500 });
  const account = accountWith({ collectors: collectorsOf(rows), collectorRows: rows });
  expect(fatesOf(account, "collector")).toEqual({ "lost inside": 30, refused: 0, "under way": 0 });
  expect(fatesOf(account, "collector to backend")).toEqual({ "lost behind": 70 });
});

test("what the sender was told of is not lost, and what is still under way neither", () => {
  const rows = [collectorRowWith("a:8888", 1000, 900)];
  rows[0]!.signals.traces!.refused = 500;
  Object.assign(rows[0]!.signals.traces!.exporters.otlp!, { failed: 20, notQueued: 500 });
  const account = accountWith({ collectors: collectorsOf(rows), collectorRows: rows });
  expect(fatesOf(account, "collector")).toEqual({ "lost inside": 0, refused: 500, "under way": 80 });
  expect(fatesOf(account, "collector to backend")).toEqual({ "lost behind": 20 });
});

test("accepted, lost and under way add up for any counters of a Collector", () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.nat(1200),
      fc.nat(1000),
      fc.nat(1000),
      (accepted, sent, failed, notQueued) => {
        const rows = [collectorRowWith("a:8888", accepted, sent)];
        Object.assign(rows[0]!.signals.traces!.exporters.otlp!, { failed, notQueued });
        const account = accountWith({ collectors: collectorsOf(rows), collectorRows: rows });
        const { "lost inside": inside, "under way": waiting } = fatesOf(account, "collector");
        expect(inside! + waiting! + fatesOf(account, "collector to backend")["lost behind"]!).toBe(
          Math.max(0, accepted - sent),
        );
      },
    ),
  );
});

test("at the end the ledger says what was lost where", () => {
  const rows = [collectorRowWith("a:8888", 1000, 900)];
  const loss = (where: Loss["where"], items: number): Loss => ({
    where,
    signal: "traces",
    items,
    isAtMost: false,
    text: "so",
  });
  const account = accountWith({
    state: "ended",
    collectors: collectorsOf(rows),
    collectorRows: rows,
    losses: [loss("collector", 60), loss("collector to backend", 40)],
  });
  expect(fatesOf(account, "collector")).toEqual({ "lost inside": 60, refused: 0, "under way": 0 });
  expect(fatesOf(account, "collector to backend")).toEqual({ "lost behind": 40 });
});

test("a balance stands as its worst signal does, and says by how much it is off in all", () => {
  const account = accountWith({
    collectors: collectorsOf([]),
    identities: [
      identityWith("taken", { state: "explained", difference: -3, text: "traces: three fewer" }),
      identityWith("taken", { signal: "logs", state: "holds" }),
      identityWith("taken", {
        signal: "metrics",
        state: "open",
        difference: 5,
        text: "metrics: still moving",
      }),
    ],
  });
  const place = placesOf(account)[1]!;
  expect(place.balances).toMatchObject([{ name: "taken", state: "explained", off: 8 }]);
  expect(place.tone).toBe("warn");
  expect(place.texts).toEqual(["traces: three fewer"]);
});

test("a balance that is broken, and a loss, are bad; one that holds is good; none says nothing", () => {
  const toneOf = (parts: Parameters<typeof accountWith>[0]) => placesOf(accountWith(parts))[0]!.tone;
  expect(toneOf({ identities: [identityWith("intended", { state: "broken" })] })).toBe("bad");
  expect(toneOf({ signals: { traces: itemsWith({ dropped: 1 }) } })).toBe("bad");
  expect(toneOf({ signals: { traces: itemsWith({ unsent: 1 }) } })).toBe("warn");
  expect(toneOf({ identities: [identityWith("intended")] })).toBe("good");
  expect(toneOf({})).toBe("idle");
});

test("a replica that fell silent and a Collector that is gone mark their places", () => {
  const rows = [collectorRowWith("a:1", 1, 1, { state: "gone" })];
  const account = accountWith({
    replicas: { expected: null, seen: 2, running: 1, paused: 0, ended: 0, lost: 1 },
    collectors: collectorsOf(rows),
    collectorRows: rows,
  });
  expect(placesOf(account).map(({ broken, tone }) => [broken, tone])).toEqual([
    ["1 replica silent", "warn"],
    ["", "idle"],
    ["1 Collector gone", "warn"],
    ["", "idle"],
  ]);
});
