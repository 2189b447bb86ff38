import fc from "fast-check";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { describe, expect, test } from "vitest";
import type { Account } from "../../../ledger/account-schema.ts";
import { accountWith, itemsWith } from "../../../ledger/test-account.ts";
import { metricsPage } from "./metrics-page.ts";

/** A run under way, with everything that an account may have. */
function wholeAccount(exporter = "otlp_grpc/sink"): Account {
  return accountWith({
    replicas: { expected: null, seen: 5, running: 2, paused: 1, ended: 1, lost: 1 },
    signals: { traces: itemsWith({ accepted: 90, inDoubt: 4, inFlight: 6, retriedRequests: 3 }) },
    latencyMs: { traces: { p50: 1.5, p90: 2, p99: 300, p999: 400, max: 5000 } },
    collectors: {
      names: ["dns:///collector:8888"],
      seen: 3,
      up: 2,
      gone: 1,
      queued: 12,
      signals: {
        traces: {
          accepted: 94,
          refused: 7,
          exporters: { [exporter]: { sent: 80, failed: 2, notQueued: 1 } },
        },
      },
    },
    sink: {
      up: true,
      signals: { traces: { received: 79, rejected: 1, refused: 0, repeated: 3 } },
      verified: null,
    },
    identities: [
      { name: "sent", signal: "traces", left: 100, right: 100, difference: 0, state: "holds", text: "" },
      {
        name: "sentOn",
        signal: "traces",
        exporter,
        left: 83,
        right: 80,
        difference: -3,
        state: "broken",
        text: "3",
      },
    ],
    lagMs: 1500,
  });
}

/** Families by name, each with a text for every sample: labels and value. */
async function read(account: Account) {
  const families = parsePrometheusTextFormat(await metricsPage(account));
  return Object.fromEntries(
    families.map(({ name, type, metrics }) => {
      expect(type).toBe("GAUGE");
      return [name, metrics.map(({ labels, value }) => [labels ?? {}, Number(value)] as const)];
    }),
  );
}

describe("the page", () => {
  test("has every number of the account that it speaks of", async () => {
    const page = await read(wholeAccount());
    const signal = "traces";
    expect(page).toMatchObject({
      stampede_ledger_replicas: [
        [{ state: "running" }, 2],
        [{ state: "paused" }, 1],
        [{ state: "ended" }, 1],
        [{ state: "lost" }, 1],
      ],
      stampede_ledger_retried_requests: [[{ signal }, 3]],
      stampede_ledger_latency_seconds: [
        [{ signal, quantile: "0.5" }, 0.0015],
        [{ signal, quantile: "0.9" }, 0.002],
        [{ signal, quantile: "0.99" }, 0.3],
        [{ signal, quantile: "1" }, 5],
      ],
      stampede_ledger_collector_items: [
        [{ signal, outcome: "accepted" }, 94],
        [{ signal, outcome: "refused" }, 7],
      ],
      stampede_ledger_exporter_items: [
        [{ signal, exporter: "otlp_grpc/sink", outcome: "sent" }, 80],
        [{ signal, exporter: "otlp_grpc/sink", outcome: "failed" }, 2],
        [{ signal, exporter: "otlp_grpc/sink", outcome: "not_queued" }, 1],
      ],
      stampede_ledger_sink_items: [
        [{ signal, outcome: "received" }, 79],
        [{ signal, outcome: "rejected" }, 1],
        [{ signal, outcome: "refused" }, 0],
        [{ signal, outcome: "repeated" }, 3],
      ],
      stampede_ledger_difference_items: [
        [{ identity: "sent", signal, exporter: "" }, 0],
        [{ identity: "sentOn", signal, exporter: "otlp_grpc/sink" }, -3],
      ],
      stampede_ledger_broken: [
        [{ identity: "sent", signal, exporter: "" }, 0],
        [{ identity: "sentOn", signal, exporter: "otlp_grpc/sink" }, 1],
      ],
      stampede_ledger_collectors: [
        [{ state: "up" }, 2],
        [{ state: "gone" }, 1],
      ],
      stampede_ledger_collector_queued: [[{}, 12]],
      stampede_ledger_lag_seconds: [[{}, 1.5]],
      stampede_ledger_replicas_cpu_seconds: [[{}, 1]],
      stampede_ledger_replicas_memory_bytes: [[{}, 1e8]],
    });
    const items = page.stampede_ledger_items!.map(([{ outcome }, value]) => [outcome, value]);
    expect(Object.fromEntries(items)).toEqual({
      ...{ intended: 100, unsent: 0, dropped: 0, sent: 100, accepted: 90 },
      ...{ rejected: 0, failed: 0, in_doubt: 4, in_flight: 6, unanswered: 0 },
    });
  });

  test("has no family of what is not there, and keeps nothing of the account before", async () => {
    await read(wholeAccount());
    expect(Object.keys(await read(accountWith({ signals: {} })))).toEqual([
      "stampede_ledger_replicas",
      "stampede_ledger_lag_seconds",
      "stampede_ledger_replicas_cpu_seconds",
      "stampede_ledger_replicas_memory_bytes",
    ]);
  });

  test("gives an exporter back under any name that it may have", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (exporter) => {
        const { stampede_ledger_exporter_items: samples } = await read(wholeAccount(exporter));
        expect(samples!.map(([labels]) => labels.exporter)).toEqual([exporter, exporter, exporter]);
      }),
    );
  });
});
