/**
 * The state of a run as one line of plain text, for logs and pipes.
 */
import { oneLine } from "./cell.ts";
import { bytes, clock, grouped, milliseconds, si } from "./figures.ts";
import type { Sample } from "./sample.ts";

/** One line without a line break; what is zero and would mean trouble is left out. */
export function progressLine(sample: Sample): string {
  const { total, targetRate, isOver, remainingMs } = sample;
  const plan = targetRate > 0 ? ` of ${si(targetRate)}/s` : "";
  const parts = [
    `${clock(sample.elapsedMs)} ${si(total.rate)}/s${plan}${isOver ? " on average" : ""}`,
    `sent ${grouped(total.sent)}`,
    `accepted ${grouped(total.accepted)}`,
  ];
  const trouble: [string, number][] = [
    ["rejected", total.rejected],
    ["failed", total.failed],
    ["in doubt", total.inDoubt],
    ["unsent", total.unsent],
    ["retried", total.retriedRequests],
  ];
  for (const [name, value] of trouble) if (value > 0) parts.push(`${name} ${grouped(value)}`);
  const { p50, p90, p99 } = isOver ? total.runMs : total.recentMs;
  parts.push(`p50 ${milliseconds(p50)}`, `p90 ${milliseconds(p90)}`, `p99 ${milliseconds(p99)}`);
  parts.push(`lag ${milliseconds(sample.lagMs)}`, `${bytes(total.wireRate)}/s on the wire`);
  parts.push(`cpu ${(sample.cpuShare * 100).toFixed(0)} %`, `memory ${bytes(sample.rssBytes)}`);
  if (!isOver && remainingMs !== undefined) parts.push(`${clock(remainingMs)} left`);
  const worst = sample.errors[0];
  if (worst) parts.push(`most frequent error: ${oneLine(worst.code, 24)} ${oneLine(worst.message, 120)}`);
  return parts.join(", ");
}
