import { describe, expect, test } from "vitest";
import { byTrace, type DecodedSpan, writeAndRead } from "./decoded-spans.ts";
import { isRepeatable } from "./recipe-entries.ts";

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

const BATCH_STEP = /^process (page|chunk|item)$/;

const { spans, scenario } = await writeAndRead({ count: 4000, services: { count: 14 } });

/** What each request, or message, makes a process do, outside of batches. */
const requests = [...byTrace(spans).values()].flatMap((own) => {
  const byOrdinal = new Map(own.map((span) => [span.ordinal, span]));
  const doings = Map.groupBy(own, (span) => requestOf(span, byOrdinal));
  doings.delete(-1);
  return [...doings.values()];
});

/** Ordinal of the server's or worker's span that a span is part of the work of; -1 inside a batch. */
function requestOf(span: DecodedSpan, byOrdinal: ReadonlyMap<number, DecodedSpan>): number {
  let request = -1;
  for (let at = byOrdinal.get(span.parent); at; at = byOrdinal.get(at.parent)) {
    if (BATCH_STEP.test(at.name)) return -1;
    if (request < 0 && (at.kind === SERVER || at.kind === CONSUMER)) request = at.ordinal;
  }
  return request;
}

/** How often the things of a list are in it; of the most frequent one. */
function mostOf(things: readonly unknown[]): number {
  return Math.max(0, ...[...Map.groupBy(things, (thing) => thing).values()].map(({ length }) => length));
}

describe("a request", () => {
  const onceOnly = new Set(
    scenario.databaseCalls
      .filter((call) => !isRepeatable(call) && !call.statement.reads)
      .map(({ service, system, summary }) => `${service.name} ${system.name} ${summary}`),
  );
  const repeatable = new Set(
    scenario.databaseCalls
      .filter(isRepeatable)
      .map(({ service, system, summary }) => `${service.name} ${system.name} ${summary}`),
  );
  const statementOf = ({ service, attributes }: DecodedSpan) =>
    `${service} ${attributes.get("db.system.name")} ${attributes.get("db.query.summary")}`;

  test("writes its own thing once, twice at most", () => {
    let writes = 0;
    for (const own of requests) {
      const written = own
        .map(statementOf)
        .filter((statement) => onceOnly.has(statement) && !repeatable.has(statement));
      writes += written.length;
      expect(mostOf(written)).toBeLessThanOrEqual(2);
    }
    expect(writes).toBeGreaterThan(500);
  });

  test("publishes an event once", () => {
    let events = 0;
    for (const own of requests) {
      const published = own.filter(({ kind }) => kind === PRODUCER).map(({ name }) => name);
      events += published.length;
      expect(mostOf(published)).toBeLessThanOrEqual(1);
    }
    expect(events).toBeGreaterThan(300);
  });

  test("asks others for a change once, but for what it sends again after a failure", () => {
    const reading = new Set(
      scenario.operations.filter(({ endpoint }) => endpoint.reads).map(({ name }) => name),
    );
    for (const own of requests) {
      const asked = own.filter(
        ({ kind, name, error, attributes }) =>
          kind === CLIENT && attributes.has("url.template") && !error && !reading.has(name),
      );
      expect(mostOf(asked.map(({ name }) => name))).toBeLessThanOrEqual(1);
    }
  });

  test("looks things up one by one at times", () => {
    const loops = requests.filter((own) => {
      const looked = own.map(statementOf).filter((statement) => repeatable.has(statement));
      return mostOf(looked) > 4;
    });
    expect(loops.length).toBeGreaterThan(50);
  });
});
