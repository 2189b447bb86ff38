/**
 * The brake on cost: a fast run to somebody else's machine says first how many events an hour that is, and does not begin
 * without a yes.
 */
import { dirname } from "node:path";
import { formatEndpoints } from "../otlp/endpoint.ts";
import { askedRate } from "../replayer/asked-rate.ts";
import type { InputPaths } from "../replayer/inputs.ts";
import { endpointsToConfirm, type ReplayerSettings } from "../replayer/settings.ts";
import { readMetadata } from "../template/metadata.ts";
import { grouped } from "../terminal/figures.ts";
import type { LineWriter } from "../terminal/line-view.ts";
import { CliError } from "./exit.ts";

/** Say what the run comes to, or throw CliError when nobody has said yes to it. Runs that cost nobody anything pass in silence. */
export function brake(
  settings: ReplayerSettings,
  inputs: InputPaths,
  isConfirmed: boolean,
  lines: LineWriter,
): void {
  const costly = endpointsToConfirm(settings);
  if (costly.length === 0) return;
  const places = formatEndpoints(costly);
  const amount = amountOf(settings, inputs);
  if (isConfirmed) {
    lines.note(`this sends ${amount} to ${places}`);
    return;
  }
  throw new CliError(
    `this would send ${amount} to ${places}, which is not on this machine or network and may bill them; ` +
      "add --yes (or sending.confirm: true) if that is what you want, or lower --rate",
  );
}

/** `36,000,000 events an hour`; a rate of 0 is as fast as it goes. */
export function eventsAnHour(rate: number): string {
  return rate === 0
    ? "as many events as the target takes"
    : `${grouped(Math.round(rate * 3600))} events an hour`;
}

/** Events an hour, and what Honeycomb counts: an event for each span, span event, span link, log record and, at most, data point. */
function amountOf(settings: ReplayerSettings, inputs: InputPaths): string {
  // What it comes to is the mean of the run, at most its first hour; whether to ask is the peak's business.
  const { mean: rate, peak } = askedRate(settings);
  if (rate === 0) return eventsAnHour(rate);
  const atMost = peak > rate * 1.01 ? ` (${grouped(Math.round(peak))} a second at the most)` : "";
  const perHour = `${eventsAnHour(rate)}${atMost}`;
  const factor = countedPerEvent(inputs);
  if (factor === undefined) return `${perHour} (Honeycomb counts span events and links on top)`;
  return `${perHour}, ${grouped(Math.round(rate * 3600 * factor))} as Honeycomb counts span events and links,`;
}

/** How many events Honeycomb counts for one of ours, in a pass of these templates; undefined when nothing tells. */
function countedPerEvent({ traces, metrics, logs }: InputPaths): number | undefined {
  const signals = traces === undefined ? undefined : readMetadata(dirname(traces))?.signals;
  if (!signals?.traces) return undefined;
  const { items, spanEvents, spanLinks } = signals.traces;
  const others = (metrics ? (signals.metrics?.items ?? 0) : 0) + (logs ? (signals.logs?.items ?? 0) : 0);
  return (items + others + spanEvents + spanLinks) / (items + others);
}
