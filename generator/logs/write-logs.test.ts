import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import { TIME_TEXT } from "./log-record.ts";
import { typesOf, writtenLogs } from "./written-logs.ts";

const TEXTS = Object.values(TIME_TEXT);

const run = await writtenLogs({ count: 500 }, { count: 5003 });
const { records, totals, frames, spans } = run;

describe("log records", () => {
  test("come in the exact number and shares, by largest remainder", () => {
    const byKind = Map.groupBy(records, ({ kind }) => kind);
    expect(records.length).toBe(5003);
    expect([...byKind].map(([kind, own]) => [kind, own.length]).toSorted()).toEqual([
      ["access", 2001],
      ["application", 2001],
      ["system", 1001],
    ]);
  });

  test("carry both times as zero", () => {
    expect(records.filter(({ times }) => times[0] !== 0 || times[1] !== 0)).toEqual([]);
  });

  test("come in frames of several resources, a few hundred records each, below the limit", () => {
    expect(frames.items.slice(0, -1).every((items) => items >= 100 && items <= 500)).toBe(true);
    expect(Math.max(...frames.sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    for (const { resourceLogs } of frames.requests) {
      const ids = resourceLogs!.map(({ resource }) => JSON.stringify(resource!.attributes));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test("name spans that are in the trace file, made by the same process, in the order of the traces", () => {
    const linked = records.filter(({ trace }) => trace !== "");
    expect(linked.length).toBe(totals.linked);
    expect(linked.length).toBeGreaterThan(1500);
    const strangers = linked.filter(
      ({ trace, span, resource }) =>
        spans.get(trace + span)?.instance !== resource.get("service.instance.id"),
    );
    expect(strangers).toEqual([]);
    const frameOf = Map.groupBy(linked, ({ frame }) => frame);
    const middles = [...frameOf.values()].map(
      (own) => own.map(({ trace }) => trace).toSorted()[own.length >> 1]!,
    );
    expect(middles).toEqual(middles.toSorted());
  });

  test("have times in text only as the record's own, and ids in text only their own", () => {
    for (const { body, trace, span } of records) {
      // Whatever looks like a year of a time belongs to one of the texts that are found when a template is frozen.
      let rest = body;
      for (const text of TEXTS) rest = rest.replaceAll(text, "");
      expect(rest).not.toMatch(/1970-|\/1970|Jan {2}1 |\d\d:\d\d:\d\d[.,]\d{3}/);
      for (const [id] of body.matchAll(/7374616d70656465[0-9a-f]{16}/g)) expect(id).toBe(trace);
      const spanId = /span_?id\W+([0-9a-f]{16})/i.exec(body)?.[1];
      if (spanId) expect(spanId).toBe(span);
    }
    expect(records.some(({ body, trace }) => trace && body.includes(trace))).toBe(true);
  });

  test("use all forms of times", () => {
    for (const text of TEXTS.filter((each) => each !== TIME_TEXT["RFC 3339 seconds"])) {
      expect(records.some(({ body }) => body.includes(text))).toBe(true);
    }
  });

  test("have no empty attribute, and none of two types", () => {
    for (const { attributes } of records) {
      for (const [key, value] of attributes) expect([key, value]).not.toEqual([key, ""]);
    }
    expect([...typesOf(frames)].filter(([, types]) => types.size > 1)).toEqual([]);
  });

  test("name no attribute twice", () => {
    for (const { resourceLogs } of frames.requests)
      for (const { scopeLogs } of resourceLogs!)
        for (const { logRecords } of scopeLogs!)
          for (const { attributes } of logRecords!) {
            const keys = attributes!.map(({ key }) => key);
            expect(new Set(keys).size).toBe(keys.length);
          }
  });
});

describe("the logs of a seed", () => {
  test("are the same bytes each time, others for another seed", async () => {
    const digest = async (seed: number) =>
      (await writtenLogs({ count: 50 }, { count: 500 }, seed)).frames.digest();
    expect(await digest(1)).toBe(await digest(1));
    expect(await digest(1)).not.toBe(await digest(2));
  });

  test("do without spans when there are none", async () => {
    const alone = await writtenLogs({ count: 0 }, { count: 500 });
    expect([alone.records.length, alone.totals.linked]).toEqual([500, 0]);
  });

  test("say all they have of few services and of many", async () => {
    for (const count of [1, 40]) {
      const { records: own } = await writtenLogs(
        { count: 20, services: { count, instances: 1 } },
        {
          count: 400,
          types: {
            application: { services: count, percentage: 40 },
            http_access: { percentage: 40 },
            system: { percentage: 20 },
          },
        },
      );
      expect(own.length).toBe(400);
    }
  });
});
