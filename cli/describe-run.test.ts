import { expect, test } from "vitest";
import type { z } from "zod";
import { SIGNALS } from "../otlp/signal.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import type { FrozenSummary } from "../replayer/freeze/frozen-file.ts";
import { makePlan } from "../replayer/plan.ts";
import { resolveSettings } from "../replayer/settings.ts";
import { describeRun } from "./describe-run.ts";

/** Sixty spans, ten points and thirty records a pass. */
const ITEMS = { traces: 60, metrics: 10, logs: 30 };

function lineFor(sending: z.input<typeof replayerConfigSchema>["sending"], replicas = 1): string {
  const config = replayerConfigSchema.parse({ otlp: { endpoint: "http://127.0.0.1:4317" }, sending });
  const settings = resolveSettings(config, {});
  const summaries = Object.fromEntries(
    SIGNALS.map((signal) => [
      signal,
      { signal, items: ITEMS[signal], traces: 6, dropped: [] } as unknown as FrozenSummary,
    ]),
  );
  const replica = { index: 0, count: replicas };
  const job = { settings, frozen: {}, compiled: {}, replica, isIndexLasting: false, notes: [] };
  return describeRun(makePlan(settings, summaries, replica), job).replace(
    " to 127.0.0.1:4317 over grpc, compression none:",
    " ...",
  );
}

test.each<[Parameters<typeof lineFor>[0], string]>([
  [
    { rate_limit: { events_per_second: 20_000 } },
    "sending 20,000 events/s ... traces 12,000/s, metrics 2,000/s in 2,000 instances, logs 6,000/s; ends by duration after 10:00",
  ],
  [
    { rate_limit: { events_per_second: 0.5 }, total: 10, duration: "0" },
    "sending 0.5 events/s ... traces 0.3/s, metrics 0.05/s in 1 instances, logs 0.15/s; ends by total after 00:20",
  ],
  [
    { rate_limit: { law: { ramp: { to: 100, over: "1m" } } }, multiplier: 60 },
    "sending a ramp from 0 to 100 events/s over 60 s ... traces up to 60/s, metrics up to 10/s in 10 instances, logs up to 30/s; ends by multiplier after 01:30",
  ],
  [
    { rate_limit: { law: { burst: { normal: 10, peak: 100, period: "60s", width: "5s" } } }, total: 1050 },
    "sending 10 events/s with bursts of 100 for the last 5 s of every 60 s ... traces up to 60/s, metrics up to 10/s in 10 instances, logs up to 30/s; ends by total after 01:00",
  ],
  [
    { rate_limit: { law: { steps: [{ rate: 5, for: "1s" }, { rate: 7 }], poisson: true } }, duration: "0" },
    "sending steps of 5, 7 events/s, at random moments (Poisson) ... traces up to 4.2/s, metrics up to 0.7/s in 1 instances, logs up to 2.1/s; ends by nothing: stop it with Ctrl-C",
  ],
  [
    { rate_limit: { events_per_second: 0 }, total: 5 },
    "sending as fast as it goes ... traces, metrics, logs; ends by total, at the latest by duration after 10:00",
  ],
])("%j", (sending, line) => {
  expect(lineFor(sending)).toBe(line);
});

test("a replica of several says its own rates, and which one it is", () => {
  expect(lineFor({ rate_limit: { events_per_second: 20_000 } }, 4)).toContain(
    "sending 5,000 events/s (replica 0 of 4) ... traces 3,000/s",
  );
});
