import { expect, test } from "vitest";
import { encodeRequest } from "../../otlp/message/encode.ts";
import type { RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { countAsHoneycomb } from "./backend-counting.ts";

function count<S extends Signal>(signal: S, request: object) {
  return countAsHoneycomb(signal, encodeRequest(signal, request as RequestOf<S>));
}

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const host = (name: string) => ({ attributes: [attribute("host.name", name)] });
const gauge = (name: string, ...points: string[][]) => ({
  name,
  gauge: {
    dataPoints: points.map((values) => ({ attributes: values.map((value, n) => attribute(`a${n}`, value)) })),
  },
});

test("a span is an event, and so is each of its events and links", () => {
  const spans = [{ name: "a", events: [{}, {}], links: [{}] }, { name: "b" }];
  expect(count("traces", { resourceSpans: [{ scopeSpans: [{ spans }] }] })).toEqual({ items: 2, events: 5 });
});

test("a log record is an event", () => {
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}, {}] }, { logRecords: [{}] }] }] };
  expect(count("logs", request)).toEqual({ items: 3, events: 3 });
});

test("points of one resource with equal attributes are one event, whatever they measure", () => {
  const metrics = [gauge("cpu", ["x", "y"], ["z"]), gauge("memory", ["x", "y"])];
  const request = { resourceMetrics: [{ resource: host("one"), scopeMetrics: [{ metrics }] }] };
  expect(count("metrics", request)).toEqual({ items: 3, events: 2 });
});

test("points of other resources are other events, and so are points of all kinds", () => {
  const sum = { name: "s", sum: { dataPoints: [{ attributes: [attribute("a0", "x")] }] } };
  const of = (name: string) => ({
    resource: host(name),
    scopeMetrics: [{ metrics: [gauge("cpu", ["x"]), sum] }],
  });
  expect(count("metrics", { resourceMetrics: [of("one"), of("two")] })).toEqual({ items: 4, events: 2 });
});
