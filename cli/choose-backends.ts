/**
 * Backends that collectors are to send to, and what their user has to know before anything starts: what goes where, what nobody
 * takes, and the brake on cost.
 */
import { type Backend, billsAt } from "../fleet/backends/backend-file.ts";
import { chooseBackends } from "../fleet/backends/choose.ts";
import { type Rendered, readBase, render, routes } from "../fleet/backends/render.ts";
import { CONFIRM_ABOVE_EVENTS_PER_SECOND } from "../replayer/settings.ts";
import { eventsAnHour } from "./cost-brake.ts";
import { CliError } from "./exit.ts";

/** What was said yes to, and what will be sent. */
export interface Asked {
  /** Events a second of the whole fleet, 0 for as many as it goes; undefined: nobody knows, so nothing is asked. */
  rate: number | undefined;
  isConfirmed: boolean;
}

/**
 * The backends of a list such as `honeycomb,jaeger`, and their config.
 *
 * configs  collector-config/
 * env      what their files read, and COMPOSE_PROFILES
 * note     is told what to print, a line each
 *
 * Throws BackendError or CliError, with one line, when it must not start.
 */
export function chooseAndSay(
  names: string,
  configs: string,
  env: NodeJS.ProcessEnv,
  asked: Asked,
  note: (text: string) => void,
): { backends: Backend[]; rendered: Rendered } {
  const backends = chooseBackends(names, configs, env);
  const rendered = render(readBase(configs), backends);
  for (const route of routes(rendered)) note(route);
  for (const backend of backends) hint(backend, env, note);
  brake(backends, env, asked, note);
  return { backends, rendered };
}

/** In compose: what is expected to run beside the collectors, and is not started. It may run for other reasons, so this stops nothing. */
function hint(
  { name, header: { profile, address } }: Backend,
  env: NodeJS.ProcessEnv,
  note: (text: string) => void,
): void {
  const profiles = env.COMPOSE_PROFILES;
  if (profile === undefined || profiles === undefined || (address !== undefined && env[address])) return;
  const started = profiles.split(",").map((one) => one.trim());
  if (!started.includes(profile) && !started.includes("*") && !started.includes(name))
    note(`${name} is expected to run beside the collectors; COMPOSE_PROFILES=${profile} starts it`);
}

/** Say what goes to those that bill, or throw when nobody has said yes to it. */
function brake(
  backends: readonly Backend[],
  env: NodeJS.ProcessEnv,
  { rate, isConfirmed }: Asked,
  note: (text: string) => void,
): void {
  const billing = backends.filter((backend) => billsAt(backend, env));
  if (billing.length === 0 || rate === undefined) return;
  const places = billing.map(({ name, header }) => header.title ?? name).join(" and ");
  const amount = `${eventsAnHour(rate)} (span events and links not counted) to ${places}`;
  if (isConfirmed || (rate > 0 && rate <= CONFIRM_ABOVE_EVENTS_PER_SECOND)) {
    note(`this sends ${amount}`);
    return;
  }
  throw new CliError(
    `this would send ${amount}, which may bill them; set CONFIRM=yes (or add --yes) if that is what you want, or lower RATE`,
  );
}
