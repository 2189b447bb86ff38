/**
 * What a run is about to do, in one line: its rate and law, its target, and which limit ends it when.
 */
import { formatEndpoints } from "../otlp/endpoint.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { begunBy, type ReplayJob } from "../replayer/job.ts";
import type { LawShape } from "../replayer/pace/law-settings.ts";
import type { Plan } from "../replayer/plan.ts";
import type { ReplayerSettings } from "../replayer/settings.ts";
import { clock, grouped } from "../terminal/figures.ts";

/** The first line of a run. Rates are this replica's, but for those of a law, which is the fleet's. */
export function describeRun(plan: Plan, job: ReplayJob): string {
  const { settings } = job;
  const { protocol, compression, endpoints } = settings.target;
  const { index, count } = begunBy(job).share;
  const share = count > 1 ? ` (replica ${index} of ${count})` : "";
  const lanes = SIGNALS.filter((signal) => plan.lanes[signal])
    .map((signal) => {
      const { law, instances } = plan.lanes[signal]!;
      const upTo = settings.shape ? " up to" : "";
      const perSecond = law ? `${upTo} ${rateText(law.peak)}/s` : "";
      const spread = signal === "metrics" && instances ? ` in ${grouped(instances)} instances` : "";
      return `${signal}${perSecond}${spread}`;
    })
    .join(", ");
  const end = Number.isFinite(plan.endMs)
    ? `ends by ${plan.endsBy} after ${clock(plan.endMs)}`
    : `ends by ${plan.endsBy}`;
  return `sending ${lawText(plan, settings)}${share} to ${formatEndpoints(endpoints)} over ${protocol}, compression ${compression}: ${lanes}; ${end}`;
}

function lawText({ law }: Plan, { shape, poisson }: ReplayerSettings): string {
  if (!law) return "as fast as it goes";
  const text = shape ? shapeText(shape) : `${rateText(law.peak)} events/s`;
  return poisson ? `${text}, at random moments (Poisson)` : text;
}

function shapeText(shape: LawShape): string {
  const again = "repeatMs" in shape ? `, again every ${seconds(shape.repeatMs!)}` : "";
  switch (shape.kind) {
    case "ramp":
      return `a ramp from ${rateText(shape.from)} to ${rateText(shape.to)} events/s over ${seconds(shape.overMs)}${again}`;
    case "steps": {
      const rates = shape.steps.map(({ rate }) => rateText(rate));
      const few =
        rates.length > FEW_STEPS ? `${rates.slice(0, FEW_STEPS).join(", ")}, ...` : rates.join(", ");
      return `steps of ${few} events/s${again}`;
    }
    case "burst":
      return `${rateText(shape.normal)} events/s with bursts of ${rateText(shape.peak)} for the last ${seconds(shape.widthMs)} of every ${seconds(shape.periodMs)}`;
    case "sine":
      return `a sine between ${rateText(shape.normal)} and ${rateText(shape.peak)} events/s, a period every ${seconds(shape.periodMs)}`;
    case "curve":
      return `the curve of ${shape.file}${again}`;
  }
}

/** Steps that are named. */
const FEW_STEPS = 6;

const seconds = (ms: number): string => `${grouped(ms / 1000)} s`;

/** Rates below ten keep their digits: half an event a second is not none. */
function rateText(perSecond: number): string {
  return perSecond < 10 ? String(Number(perSecond.toPrecision(3))) : grouped(Math.round(perSecond));
}
