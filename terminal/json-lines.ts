/**
 * Lines for programs to read: one JSON object a line, as log collectors take them. `msg` says for people what the fields say
 * for machines.
 */
import { pino } from "pino";
import type { LineWriter } from "./line-view.ts";
import type { Sample, SignalSample } from "./sample.ts";

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

/** Kinds of errors and addresses that a line names, so that it stays a line. */
const NAMED = 10;

/**
 * The sample's numbers: counts are items, requests or bytes since the start, what is not known yet is null.
 *
 * targetEventsPerSecond  0 = as fast as the target takes it
 * p50Ms, p90Ms, p99Ms    of the last ten seconds, as far as a name does not begin with "run"
 * cpu                    1 = one core
 */
function fieldsOf(sample: Sample) {
  const { elapsedMs, remainingMs, targetRate, total, signals, lagMs, worstLagMs, targets } = sample;
  return {
    elapsedMs: Math.round(elapsedMs),
    ...(remainingMs === undefined ? {} : { remainingMs: Math.round(remainingMs) }),
    targetEventsPerSecond: thousandths(targetRate),
    ...fieldsOfSignal(total),
    lagMs: thousandths(lagMs),
    worstLagMs: thousandths(worstLagMs),
    inFlight: sample.inFlight,
    cpu: thousandths(sample.cpuShare),
    rssBytes: sample.rssBytes,
    processes: sample.processes,
    signals: Object.fromEntries(
      Object.entries(signals).map(([name, counts]) => [name, fieldsOfSignal(counts)]),
    ),
    answers: sample.errors
      .slice(0, NAMED)
      .map((error) => ({ ...error, perSecond: thousandths(error.perSecond) })),
    ...(targets.length > 1
      ? {
          targets: targets.slice(0, NAMED).map(({ requestRate, ...counts }) => ({
            ...counts,
            requestsPerSecond: thousandths(requestRate),
          })),
        }
      : {}),
  };
}

function fieldsOfSignal(counts: SignalSample) {
  const { rate, sent, accepted, rejected, failed, inDoubt, unsent, recentMs, runMs } = counts;
  return {
    eventsPerSecond: Math.round(rate),
    sent,
    accepted,
    rejected,
    failed,
    inDoubt,
    unsent,
    requests: counts.requests,
    retriedRequests: counts.retriedRequests,
    bodyBytes: counts.bodyBytes,
    wireBytes: counts.wireBytes,
    wireBytesPerSecond: Math.round(counts.wireRate),
    p50Ms: thousandths(recentMs.p50),
    p90Ms: thousandths(recentMs.p90),
    p99Ms: thousandths(recentMs.p99),
    runP50Ms: thousandths(runMs.p50),
    runP90Ms: thousandths(runMs.p90),
    runP99Ms: thousandths(runMs.p99),
  };
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
