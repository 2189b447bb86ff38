/** Freezing metrics: requests of batchSize data points, in file order; every resource gets a number. */
import { frozenInstanceId } from "../../template/slots.ts";
import { Assembler } from "./assemble.ts";
import { assembleAll, countBody, explainWireErrors, type FreezeRun } from "./freeze-run.ts";
import { locateMetricSlots, type MetricFindings } from "./locate-metrics.ts";
import { narrowBuckets } from "./narrow-buckets.ts";
import { ResourceNumbers } from "./resource-numbers.ts";
import { SlotTable } from "./slot-table.ts";

export function freezeMetrics(run: FreezeRun): void {
  const { writer, settings, summary } = run;
  const slots = new SlotTable();
  const findings: MetricFindings = { series: 0, lifetimeSeconds: Number.POSITIVE_INFINITY, hasDelta: false };
  const numbers = new ResourceNumbers();
  const assembler = new Assembler(
    "metrics",
    { items: settings.batchSize, bytes: settings.maxRequestBytes },
    (body, items) => {
      slots.reset();
      explainWireErrors(`data point ${summary.items} or one behind it`, () =>
        locateMetricSlots(body, slots, settings.models, findings),
      );
      writer.append(slots.layOut(body), items, 0);
      countBody(run, body, items);
    },
    {
      rewriteResource: (resource, append) => numbers.rewrite(resource, frozenInstanceId, append),
      rewriteItem: narrowBuckets,
    },
  );
  assembleAll(run, assembler);
  summary.series = findings.series;
  summary.hasDelta = findings.hasDelta;
  summary.lifetimeSeconds = Number.isFinite(findings.lifetimeSeconds)
    ? Math.floor(findings.lifetimeSeconds)
    : null;
}
