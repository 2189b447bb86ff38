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
  isStopped: boolean;
  /** The latest uses. */
  uses: ControlUse[];
}

/** Uses that are kept. */
const MAX_USES = 200;

/** Highest rate that may be asked for: more is a slip of the keyboard. */
const MAX_RATE = 1_000_000_000;

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
}

export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code = "bad_control";
}

/** The reply that tells this state. */
export function replyOf({ isPaused, eventsPerSecond, isStopped }: ControlState): StatementReply {
  const steering: Steering = {};
  if (isPaused !== undefined) steering.isPaused = isPaused;
  if (eventsPerSecond !== undefined)
    steering.rate = eventsPerSecond === null ? "config" : { eventsPerSecond };
  return { version: 1, steering, stop: isStopped };
}

/**
 * The state after an order: `{"action": "pause" | "resume" | "stop"}`, `{"action": "rate", "eventsPerSecond": 5000}`, where null stands for
 * the rate of the configuration. Throws ControlError.
 */
export function obey(state: ControlState, order: unknown, from: string, at: string): ControlState {
  const { action, eventsPerSecond } = (typeof order === "object" && order !== null ? order : {}) as Record<
    string,
    unknown
  >;
  const next = (change: Partial<ControlState>, what: string): ControlState => ({
    ...state,
    ...change,
    uses: [...state.uses, { at, from, what }].slice(-MAX_USES),
  });
  switch (action) {
    case "pause":
      return next({ isPaused: true }, "pause");
    case "resume":
      return next({ isPaused: false }, "resume");
    case "stop":
      return next({ isStopped: true }, "stop");
    case "rate":
      if (eventsPerSecond === null) return next({ eventsPerSecond: null }, "rate as configured");
      if (typeof eventsPerSecond !== "number" || !(eventsPerSecond >= 0 && eventsPerSecond <= MAX_RATE))
        throw new ControlError(
          `eventsPerSecond: must be a number from 0 to ${MAX_RATE}, or null for the configured rate`,
        );
      return next({ eventsPerSecond }, `rate ${eventsPerSecond}`);
    default:
      throw new ControlError('action: must be "pause", "resume", "rate" or "stop"');
  }
}
