import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import { countItems } from "../../otlp/message/count.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { replayerConfigSchema } from "../../replayer/config.ts";
import { describeFrozen } from "../../replayer/freeze/frozen-file.ts";
import { findInputs, type InputPaths, prepareInputs } from "../../replayer/inputs.ts";
import { resolveSettings } from "../../replayer/settings.ts";
import { sampleRequests } from "./sample-requests.ts";
import { measureTraffic } from "./traffic.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-traffic-"));
let frozen: InputPaths = {};
let counted = 0;

beforeAll(async () => {
  const { signals } = await makeTemplates(directory);
  const { items, spanEvents, spanLinks } = signals.traces!;
  counted = (items + spanEvents + spanLinks) / items;
  // In requests of the usual size there are so few that all are counted.
  const sending = { rate_limit: { events_per_second: 0 } };
  const settings = resolveSettings(replayerConfigSchema.parse({ sending }), {});
  ({ frozen } = await prepareInputs(findInputs(directory), settings));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each(SIGNALS)("sampled requests of %s are whole ones, spread over the file", (signal) => {
  const { batches, summary } = describeFrozen(frozen[signal]!);
  const all = [...sampleRequests(frozen[signal]!, 1000)].map(({ items }) => items);
  expect(all.length).toBe(batches);
  expect(all.reduce((sum, items) => sum + items, 0)).toBe(summary.items);
  const some = sampleRequests(frozen[signal]!, 3);
  for (const { body, items } of some) expect(countItems(signal, body)).toBe(items);
});

test("sizes are those of the requests: frozen is smaller, and what Honeycomb counts is in the metadata", () => {
  const shares = { traces: 0.5, metrics: 0.2, logs: 0.3 };
  const { of, all } = measureTraffic(frozen, shares);
  const { bodyBytes, items } = describeFrozen(frozen.traces!).summary;
  expect(of.traces!.plainBytes).toBe(bodyBytes / items);
  expect(of.traces!.countedPerItem).toBeCloseTo(counted, 9);
  expect(of.logs!.countedPerItem).toBe(1);
  for (const { frozenBytes, plainBytes } of Object.values(of)) {
    expect(frozenBytes.none).toBe(plainBytes);
    expect(frozenBytes.zstd).toBeLessThan(frozenBytes.gzip);
    expect(frozenBytes.gzip).toBeLessThan(plainBytes);
  }
  const mean = SIGNALS.reduce((sum, signal) => sum + shares[signal] * of[signal]!.plainBytes, 0);
  expect(all.plainBytes).toBeCloseTo(mean, 9);
});

test("a signal without a share is not sent", () => {
  const { of, shares } = measureTraffic(frozen, { logs: 1 });
  expect(Object.keys(of)).toEqual(["logs"]);
  expect(shares).toEqual({ logs: 1 });
});
