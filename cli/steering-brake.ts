/**
 * The brake on cost of a fleet that runs: its ledger's control may ask for any rate, and a backend that bills wants a yes to a high one, as
 * it does before the start (choose-backends.ts).
 */
import { billsAt, listBackends, readBackend } from "../fleet/backends/backend-file.ts";
import type { Objection } from "../fleet/ledger/control.ts";
import { CONFIRM_ABOVE_EVENTS_PER_SECOND } from "../replayer/settings.ts";
import { grouped } from "../terminal/figures.ts";
import type { Asked } from "./choose-backends.ts";
import { eventsAnHour } from "./cost-brake.ts";

/**
 * What to hold against a rate that goes beyond what was said yes to; undefined: the backends bill nobody.
 *
 * names    as in $BACKEND; one that has no file in `configs` may bill, for all that is known
 * configs  collector-config/
 * env      what says where backends are
 * asked    the rate that the fleet began with, and whether somebody has said yes to it; a yes without a rate is one to any
 */
export function steeringBrake(
  names: string,
  configs: string,
  env: NodeJS.ProcessEnv,
  { rate, isConfirmed }: Asked,
): Objection | undefined {
  const known = listBackends(configs);
  const places: string[] = [];
  for (const name of names.split(",").map((one) => one.trim())) {
    const backend = known.includes(name) ? readBackend(configs, name) : undefined;
    if (backend === undefined || billsAt(backend, env)) places.push(backend?.header.title ?? name);
  }
  if (places.length === 0) return undefined;
  const most = isConfirmed
    ? Math.max(rate || Number.POSITIVE_INFINITY, CONFIRM_ABOVE_EVENTS_PER_SECOND)
    : CONFIRM_ABOVE_EVENTS_PER_SECOND;
  return (eventsPerSecond) => {
    if (eventsPerSecond > 0 ? eventsPerSecond <= most : most === Number.POSITIVE_INFINITY) return undefined;
    const amount = `${eventsAnHour(eventsPerSecond)} (span events and links not counted) to ${places.join(" and ")}`;
    return `this would send ${amount}, which may bill them, and the start had a yes for ${grouped(most)} events a second at the most`;
  };
}
