import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Account } from "../../../ledger/account-schema.ts";
import type { History, RowsTold } from "../../../ledger/history.ts";
import type { Statement } from "../../../ledger/statement-schema.ts";
import type { LedgerOptions, LedgerService } from "../service.ts";
import { push, startTestLedger, urlOf } from "../test-ledger.ts";
import { lifeName, signalWith, statementWith } from "../test-statements.ts";
import { eventsFrom, type HeardEvent } from "./test-events.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-events-"));
afterAll(() => rmSync(directory, { recursive: true }));

async function pushAll(service: LedgerService, ...statements: Statement[]): Promise<void> {
  for (const statement of statements) expect((await push(service, statement)).status).toBe(200);
}

const history = async (service: LedgerService) =>
  (await (await fetch(urlOf(service, "/api/history"))).json()) as History;

const named = (events: readonly HeardEvent[], name: string) => events.filter((one) => one.name === name);
const has =
  (count: number, name: string) =>
  (events: readonly HeardEvent[]): boolean =>
    named(events, name).length >= count;

/** A service whose history has as many points. */
async function withPoints(count: number, options: Partial<LedgerOptions> = {}): Promise<LedgerService> {
  const service = await startTestLedger(options);
  await pushAll(service, statementWith({ signals: { traces: signalWith({ accepted: 100 }) } }));
  await expect
    .poll(async () => (await history(service)).points.length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(count);
  return service;
}

test("the account comes each second without its rows, the rows where they are asked for", async () => {
  const service = await startTestLedger();
  await pushAll(service, statementWith({ signals: { traces: signalWith({ accepted: 4 }) } }));
  const [plain, withRows] = await Promise.all([
    eventsFrom(urlOf(service, "/api/events"), has(2, "ledger")),
    eventsFrom(urlOf(service, "/api/events?rows"), has(2, "rows")),
  ]);
  const accounts = named(plain, "ledger").map(({ data }) => data as Account);
  expect(accounts.map((account) => [account.signals.traces!.accepted, account.replicaRows.length])).toEqual([
    [4, 0],
    [4, 0],
  ]);
  expect(named(plain, "rows")).toEqual([]);
  expect((named(withRows, "rows")[0]!.data as RowsTold).replicaRows).toMatchObject([{ name: "replica-1" }]);
});

test("all rows are told at first, then those that changed, some at a time, each in its turn", async () => {
  const service = await startTestLedger();
  const count = 450;
  const all = (sequence: number) =>
    Array.from({ length: count }, (_, n) => statementWith({ life: lifeName(n), name: `r${n}`, sequence }));
  await pushAll(service, ...all(0));
  let pushed = false;
  const events = await eventsFrom(urlOf(service, "/api/events?rows"), (heard) => {
    const rows = named(heard, "rows").map(({ data }) => data as RowsTold);
    if (rows.length === 1 && !pushed) {
      pushed = true;
      void pushAll(service, ...all(1));
    }
    return (
      new Set(
        rows
          .flatMap(({ replicaRows }) => replicaRows)
          .filter(({ sequence }) => sequence === 1)
          .map(({ life }) => life),
      ).size === count
    );
  });
  const sizes = named(events, "rows").map(({ data }) => (data as RowsTold).replicaRows.length);
  expect(sizes[0]).toBe(count);
  expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(200);
}, 60_000);

describe("who connects again", () => {
  test("gets the points after its last one first, without a hole", async () => {
    const service = await withPoints(4);
    const { startedAt, points } = await history(service);
    const last = `${startedAt} ${points[1]!.id}`;
    const [asked, reconnected] = await Promise.all([
      eventsFrom(urlOf(service, `/api/events?after=${encodeURIComponent(last)}`), has(4, "point")),
      // What a browser sends by itself counts before what stands in the address.
      eventsFrom(urlOf(service, "/api/events?after=nonsense"), has(4, "point"), { "last-event-id": last }),
    ]);
    for (const events of [asked, reconnected]) {
      const ids = named(events, "point").map(({ data }) => data.id as number);
      expect(ids.slice(0, 4)).toEqual([0, 1, 2, 3].map((n) => points[2]!.id + n));
      expect(named(events, "point")[0]!.id).toBe(`${startedAt} ${points[2]!.id}`);
      expect(named(events, "reset")).toEqual([]);
    }
  });

  test.each([
    ["of another run", "2020-01-01T00:00:00.000Z 1"],
    ["of nonsense", "x"],
    ["of a point that never was", "RUN 9999"],
  ])("is told to begin anew with an id %s", async (_, after) => {
    const service = await withPoints(1);
    const id = after.replace("RUN", (await history(service)).startedAt);
    const events = await eventsFrom(
      urlOf(service, `/api/events?after=${encodeURIComponent(id)}`),
      has(1, "reset"),
    );
    expect(named(events, "point")).toEqual([]);
  });

  test("finds the history as it was after the service was killed and started again", async () => {
    const stateDir = join(directory, "state");
    const before = await withPoints(3, { stateDir });
    const known = await history(before);
    // Another one beside it: the first never closes.
    const after = await startTestLedger({ stateDir });
    const { startedAt, points } = await history(after);
    expect(startedAt).toBe(known.startedAt);
    expect(points.slice(0, known.points.length)).toEqual(known.points);
    const id = `${startedAt} ${known.points.at(-1)!.id}`;
    const events = await eventsFrom(
      urlOf(after, `/api/events?after=${encodeURIComponent(id)}`),
      has(1, "point"),
    );
    expect(named(events, "point")[0]!.data.id).toBe(known.points.at(-1)!.id + 1);
  });
});

test("the end comes as the closed account, then the stream ends; so for who comes later", async () => {
  const service = await startTestLedger();
  const running = statementWith({ sequence: 0, elapsedMs: 10 });
  await pushAll(service, running);
  const listening = eventsFrom(urlOf(service, "/api/events?rows"), () => false);
  await pushAll(
    service,
    statementWith({ sequence: 1, state: "ended", signals: { logs: signalWith({ accepted: 10 }) } }),
  );
  await service.ended;
  for (const events of [await listening, await eventsFrom(urlOf(service, "/api/events"), () => false)]) {
    const last = events.at(-1)!;
    expect(last.name).toBe("closed");
    expect(last.data).toMatchObject({ state: "ended", exitCode: 0, replicaRows: [{ name: "replica-1" }] });
  }
  const { points } = service.history();
  expect(points.reduce((sum, { signals }) => sum + (signals.logs?.sent ?? 0), 0)).toBe(10);
});

test("texts from outside cannot end an event, nor a line of it", async () => {
  const service = await startTestLedger();
  const hostile = "a\n\nevent: closed\ndata: {}\r\n\u2028</script><img src=x onerror=alert(1)>";
  const answers = [{ code: hostile.slice(0, 100), count: 1, message: hostile }];
  await pushAll(service, statementWith({ name: hostile, answers }));
  const events = await eventsFrom(urlOf(service, "/api/events?rows"), has(2, "ledger"));
  expect(named(events, "closed")).toEqual([]);
  expect(named(events, "rows")[0]!.data.replicaRows[0].name).toBe(hostile);
  expect(named(events, "ledger")[0]!.data.answers[0].message).toBe(hostile);
});
