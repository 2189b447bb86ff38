/**
 * Lines for programs to read: one JSON object a line, as log collectors take them. `msg` says for people what the fields say
 * for machines.
 */
import { pino } from "pino";
import type { LineWriter } from "./line-view.ts";
import { totalOf } from "./progress-line.ts";
import type { Sample } from "./sample.ts";
import { totalRate } from "./view-model.ts";

/** Write to `stream` as it comes: standard error takes each line before the call returns, so an exit loses none. */
export function jsonLines(stream: NodeJS.WritableStream): LineWriter {
  const log = pino(
    {
      // Neither pid nor host: in a container they say nothing, and whoever collects the lines knows where from.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    stream,
  );
  return {
    progress: (text, sample) => log.info(fieldsOf(sample), text),
    note: (text) => log.info(text),
  };
}

/**
 * The sample's numbers, summed over its signals: counts are items since the start, what is not known yet is null.
 *
 * targetEventsPerSecond  0 = as fast as the target takes it
 * cpu                    1 = one core
 */
function fieldsOf(sample: Sample) {
  return {
    elapsedMs: Math.round(sample.elapsedMs),
    eventsPerSecond: Math.round(totalRate(sample)),
    targetEventsPerSecond: sample.targetRate,
    sent: totalOf(sample, "sent"),
    accepted: totalOf(sample, "accepted"),
    rejected: totalOf(sample, "rejected"),
    failed: totalOf(sample, "failed"),
    inDoubt: totalOf(sample, "inDoubt"),
    unsent: totalOf(sample, "unsent"),
    p50Ms: thousandths(sample.latencyMs.p50),
    p99Ms: thousandths(sample.latencyMs.p99),
    lagMs: thousandths(sample.lagMs),
    cpu: thousandths(sample.cpuShare),
    rssBytes: sample.rssBytes,
  };
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
