/**
 * The state of a run as one line of plain text, for logs and pipes.
 */
import { SIGNALS } from "../otlp/signal.ts";
import { oneLine } from "./cell.ts";
import { bytes, clock, grouped, milliseconds, si } from "./figures.ts";
import type { Sample, SignalSample } from "./sample.ts";
import { totalRate } from "./view-model.ts";

/** One line without a line break; what is zero and would mean trouble is left out. */
export function progressLine(sample: Sample): string {
  const count = (key: keyof SignalSample) => totalOf(sample, key);
  const plan = sample.targetRate > 0 ? ` of ${si(sample.targetRate)}/s` : "";
  const parts = [
    `${clock(sample.elapsedMs)} ${si(totalRate(sample))}/s${plan}`,
    `sent ${grouped(count("sent"))}`,
    `accepted ${grouped(count("accepted"))}`,
  ];
  const trouble: [string, number][] = [
    ["rejected", count("rejected")],
    ["failed", count("failed")],
    ["in doubt", count("inDoubt")],
    ["unsent", count("unsent")],
    ["retried", sample.retried],
  ];
  for (const [name, value] of trouble) if (value > 0) parts.push(`${name} ${grouped(value)}`);
  parts.push(`p50 ${milliseconds(sample.latencyMs.p50)}`, `p99 ${milliseconds(sample.latencyMs.p99)}`);
  parts.push(`lag ${milliseconds(sample.lagMs)}`);
  parts.push(`cpu ${(sample.cpuShare * 100).toFixed(0)} %`, `memory ${bytes(sample.rssBytes)}`);
  const worst = sample.errors[0];
  if (worst) parts.push(`most frequent error: ${oneLine(worst.code, 24)} ${oneLine(worst.message, 120)}`);
  return parts.join(", ");
}

/** A count of all signals. */
export function totalOf({ signals }: Sample, key: keyof SignalSample): number {
  return SIGNALS.reduce((sum, name) => sum + (signals[name]?.[key] ?? 0), 0);
}
