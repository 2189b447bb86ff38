/**
 * What the fleet is told to do: kept by the service, told to every replica with each reply, and logged.
 */
import type { Steering } from "../../replayer/steering.ts";

/** One use of the control, for the log. */
export interface ControlUse {
  at: string;
  /** Address that it came from. */
  from: string;
  what: string;
}

/** Plain data. */
export interface ControlState {
  /** Absent: nobody has said. */
  isPaused?: boolean;
  /** Of the fleet; null: as each replica was configured; absent: nobody has said. */
  eventsPerSecond?: number | null;
  /** Another rate until a moment, ms since 1970; absent: none was asked for, or it was ended. */
  burst?: { eventsPerSecond: number; untilMs: number };
  isStopped: boolean;
  /** The latest uses. */
  uses: ControlUse[];
}

/** Uses that are kept. */
const MAX_USES = 200;

/** Highest rate that may be asked for: more is a slip of the keyboard. */
const MAX_RATE = 1_000_000_000;

/** Whoever wants more for longer sets the rate. */
const MAX_BURST_SECONDS = 3600;

export const UNCONTROLLED: Readonly<ControlState> = {
  isStopped: false,
  uses: [],
};

/** What a replica reads from the reply to a statement. */
export interface StatementReply {
  version: 1;
  /** What somebody has set, and nothing else. */
  steering: Steering;
  /** End as if the duration were over. */
  stop: boolean;
  /** Tell your configuration with the next one. */
  wantsConfig: boolean;
  /** Since the first replica of those that run together began, ms; absent: none has. */
  elapsedMs?: number;
}

/** What speaks against a rate of the fleet, in one line; undefined: nothing. 0: as fast as it goes. */
export type Objection = (eventsPerSecond: number) => string | undefined;

export class ControlError extends Error {
  override readonly name: string = "ControlError";
  readonly code: string = "bad_control";
}

/** An order that may cost somebody money, and that wants a yes. */
export class UnconfirmedError extends ControlError {
  override readonly name = "UnconfirmedError";
  override readonly code = "unconfirmed";

  constructor(objection: string) {
    super(`${objection}; "confirm": true in the order says yes`);
  }
}

/** The burst that is on at a moment. */
export function burstAt({ burst }: ControlState, nowMs: number): ControlState["burst"] {
  return burst && nowMs < burst.untilMs ? burst : undefined;
}

/** The reply that tells this state at a moment. */
export function replyOf(state: ControlState, nowMs: number, wantsConfig: boolean): StatementReply {
  const { isPaused, isStopped } = state;
  const { eventsPerSecond } = burstAt(state, nowMs) ?? state;
  const steering: Steering = {};
  if (isPaused !== undefined) steering.isPaused = isPaused;
  if (eventsPerSecond !== undefined)
    steering.rate = eventsPerSecond === null ? "config" : { eventsPerSecond };
  return { version: 1, steering, stop: isStopped, wantsConfig };
}

/**
 * The state after an order: `{"action": "pause" | "resume" | "stop"}`; `{"action": "rate", "eventsPerSecond": 5000}`, where null stands for
 * the rate of the configuration; `{"action": "burst", "eventsPerSecond": 50000, "seconds": 10}`, after which the rate is what it was. A burst
 * ends early with the next order that says what to send: pause, rate, stop, another burst. A rate that something speaks against is taken with
 * `"confirm": true` in its order, for that once.
 *
 * Throws ControlError.
 */
export function obey(
  state: ControlState,
  order: unknown,
  from: string,
  nowMs: number,
  objection: Objection = () => undefined,
): ControlState {
  const { action, eventsPerSecond, seconds, confirm } = (
    typeof order === "object" && order !== null ? order : {}
  ) as Record<string, unknown>;
  const { burst: _, ...withoutBurst } = state;
  const next = (
    what: string,
    change: Partial<ControlState>,
    kept: ControlState = withoutBurst,
  ): ControlState => ({
    ...kept,
    ...change,
    uses: [...state.uses, { at: new Date(nowMs).toISOString(), from, what }].slice(-MAX_USES),
  });
  /** What the log says of a rate. Throws UnconfirmedError. */
  const agreed = (rate: number) => {
    const against = objection(rate);
    if (against === undefined) return "";
    if (confirm !== true) throw new UnconfirmedError(against);
    return ", confirmed";
  };
  switch (action) {
    case "pause":
      return next("pause", { isPaused: true });
    case "resume":
      return next("resume", { isPaused: false }, state);
    case "stop":
      return next("stop", { isStopped: true });
    case "rate":
      if (eventsPerSecond === null) return next("rate as configured", { eventsPerSecond });
      if (!isWithin(eventsPerSecond, 0, MAX_RATE))
        throw new ControlError(
          `eventsPerSecond: must be a number from 0 to ${MAX_RATE}, or null for the configured rate`,
        );
      return next(`rate ${eventsPerSecond}${agreed(eventsPerSecond)}`, { eventsPerSecond });
    case "burst":
      if (!isWithin(eventsPerSecond, 1, MAX_RATE))
        throw new ControlError(`eventsPerSecond: must be a number from 1 to ${MAX_RATE}`);
      if (!isWithin(seconds, 1, MAX_BURST_SECONDS))
        throw new ControlError(`seconds: must be a number from 1 to ${MAX_BURST_SECONDS}`);
      if (state.isPaused) throw new ControlError('action: must be "resume" first, the fleet is paused');
      return next(`burst ${eventsPerSecond} for ${seconds} s${agreed(eventsPerSecond)}`, {
        // Replicas keep what they were told last: when it is over they must be told something.
        eventsPerSecond: state.eventsPerSecond ?? null,
        burst: { eventsPerSecond, untilMs: nowMs + seconds * 1000 },
      });
    default:
      throw new ControlError('action: must be "pause", "resume", "rate", "burst" or "stop"');
  }
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
