/**
 * From settings, a place in the fleet and open inputs to a replay that is ready to run.
 */
import { openTransport, type Transport } from "../otlp/client/transport.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { idKeyOf } from "../template/ids.ts";
import { randomIncarnation, repeatableIncarnation } from "./incarnation.ts";
import type { OpenInputs } from "./inputs.ts";
import { summariesOf } from "./inputs.ts";
import { constantRate } from "./pace/rate-law.ts";
import { Schedule } from "./pace/schedule.ts";
import { makePlan, type Plan } from "./plan.ts";
import { Lane } from "./send/lane.ts";
import { Replay } from "./send/replay.ts";
import { Retries } from "./send/retries.ts";
import type { ReplayerSettings, Replica } from "./settings.ts";

/** How long requests in flight may take to end when sending is over: a try's own limit is the usual one. */
const DRAIN_MS = 15_000;

export interface OpenReplay {
  replay: Replay;
  plan: Plan;
  transport: Transport;
}

/**
 * replica          this process's share of the fleet's rate, passes and events
 * isIndexLasting   whether the index is this replica's for ever; it then numbers its metric instances
 */
export function openReplay(
  settings: ReplayerSettings,
  { files, notes }: OpenInputs,
  replica: Replica,
  isIndexLasting: boolean,
): OpenReplay {
  const plan = makePlan(settings, summariesOf(files), replica);
  let life = 0;
  const nextIncarnation = () =>
    settings.isRepeatable ? repeatableIncarnation(settings.seed, replica, life++) : randomIncarnation();
  const incarnation = nextIncarnation();
  const lanes: Lane[] = [];
  for (const signal of SIGNALS) {
    const file = files[signal];
    const lane = plan.lanes[signal];
    if (!file || !lane) continue;
    const law = lane.itemsPerSecond === undefined ? undefined : constantRate(lane.itemsPerSecond);
    const limits = { durationMs: settings.durationMs, items: lane.items };
    lanes.push(
      new Lane(file, new Schedule(law, limits, settings.maxLagMs), {
        signal,
        passes: lane.passes,
        backdateMs: settings.backdateMs,
        instances: lane.instances,
        intervalMs: settings.metricsIntervalMs,
        block: isIndexLasting ? replica.index : undefined,
        incarnation,
        nextIncarnation,
      }),
    );
  }
  const transport = openTransport(settings.target);
  const replay = new Replay(lanes, transport, {
    idKey: idKeyOf(settings.seed),
    concurrency: settings.concurrency,
    maxInFlightBytes: settings.maxInFlightBytes,
    drainMs: DRAIN_MS,
    retries: new Retries(settings.retryLaw, settings.concurrency),
    notes: [...notes, ...plan.notes],
  });
  return { replay, plan, transport };
}
