/**
 * The journal of a replay: how far it is, noted before each request leaves, where it outlives the process.
 *
 * A small file with two slots, written in turns, each with one write. What was written is the system's and stays when the
 * process is killed. A note that the death of its writer cut carries two different numbers and is passed over: the request it
 * announced has not left, so the note before it is the whole truth.
 *
 *   slot     SLOT_BYTES apart, doubles in the machine's byte order:
 *            number of the note, time since the run began, the worst lag so far, what it was told on the way (HEAD), then per
 *            signal LANE_COLUMNS, then the number once more
 *   lane     the counters in the order of COUNTERS, position, through, waiting, incarnation, the state of its schedule
 */
import { readSync, writeSync } from "node:fs";
import { COUNTERS, type Counts } from "../../ledger/counts.ts";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import type { ScheduleState } from "../pace/schedule.ts";
import type { Replica } from "../settings.ts";
import type { SteeredRate } from "../steering.ts";
import type { Deferred } from "./deferred.ts";
import type { Lane } from "./lane.ts";

/** How far one lane is. */
export interface LaneEntry {
  counts: Counts;
  /** Items that the schedule is done with. */
  position: number;
  /** Items of the lane's passes that are through: sent, waiting, or dropped for want of room. */
  through: number;
  /** Late roots that wait for their moment. */
  waiting: number;
  /** The lane's life at the time. */
  incarnation: number;
}

/** What a replay was told on the way, and where its schedules stand by that. */
export interface SteeredState {
  share: Replica;
  rate: SteeredRate;
  lanes: PerSignal<ScheduleState>;
}

/** A note, read. */
export interface JournalEntry {
  /** Absent where nobody told it anything. */
  steered?: SteeredState;
  /** Since the run began. */
  elapsedMs: number;
  worstLagMs: number;
  lanes: PerSignal<LaneEntry>;
}

/** What of a lane is noted besides its counters. */
export type NotedLane = Pick<Lane, "signal" | "through" | "incarnation"> & {
  readonly schedule: Pick<Lane["schedule"], "position">;
  readonly deferred: Pick<Deferred, "pending"> | undefined;
};

const ELAPSED = 1;
const WORST_LAG = 2;
/** The share's number of replicas, 0 where it was told nothing; its index; the rate, NaN for the configured one. */
const SHARE_COUNT = 3;
const SHARE_INDEX = 4;
const RATE = 5;
const HEAD_COLUMNS = 6;
const POSITION = 0;
const THROUGH = 1;
const WAITING = 2;
const INCARNATION = 3;
const OWN_COLUMNS = 4;
/** Of a schedule, behind these. */
const SCHEDULE_STATE = [
  "sinceMs",
  "dueThen",
  "owedFrom",
  "owedSinceMs",
  "totalItems",
  "pausedAtMs",
  "idleMs",
] as const satisfies (keyof ScheduleState)[];
const STATE_COLUMNS = OWN_COLUMNS + SCHEDULE_STATE.length;
const LANE_COLUMNS = COUNTERS.length + STATE_COLUMNS;
const COLUMNS = HEAD_COLUMNS + SIGNALS.length * LANE_COLUMNS + 1;
const NOTE_BYTES = COLUMNS * Float64Array.BYTES_PER_ELEMENT;

/** Both slots lie in one page of memory. */
const SLOT_BYTES = 1024;

/** Size of the file, which whoever makes it fills, so that no later write can lack room. */
export const JOURNAL_BYTES = 2 * SLOT_BYTES;

export class Journal {
  readonly #file: number;
  readonly #note = new Float64Array(COLUMNS);
  readonly #bytes = Buffer.from(this.#note.buffer);
  /** The counters themselves lie in the note, so that noting them copies nothing. */
  readonly counts: PerSignal<Counts> = perSignal((signal) => countsIn(this.#note, signal));
  readonly #states = perSignal((signal) => stateIn(this.#note, signal));

  /** file  descriptor of a journal file, open for writing; the caller's to close */
  constructor(file: number) {
    this.#file = file;
  }

  /** Keep what the replay was told, for all notes from the next one on. */
  steer(share: Replica, rate: SteeredRate, lanes: readonly Pick<Lane, "signal" | "scheduleState">[]): void {
    this.#note[SHARE_COUNT] = share.count;
    this.#note[SHARE_INDEX] = share.index;
    this.#note[RATE] = rate === "config" ? Number.NaN : rate.eventsPerSecond;
    for (const { signal, scheduleState } of lanes) {
      for (const [at, name] of SCHEDULE_STATE.entries()) {
        this.#states[signal][OWN_COLUMNS + at] = scheduleState[name];
      }
    }
  }

  /** Note where the lanes and the counters are. Costs about a microsecond. */
  write(lanes: readonly NotedLane[], elapsedMs: number, worstLagMs: number): void {
    const note = this.#note;
    const number = note[0]! + 1;
    note[0] = number;
    note[ELAPSED] = elapsedMs;
    note[WORST_LAG] = worstLagMs;
    for (const lane of lanes) {
      const state = this.#states[lane.signal];
      state[POSITION] = lane.schedule.position;
      state[THROUGH] = lane.through;
      state[WAITING] = lane.deferred?.pending ?? 0;
      state[INCARNATION] = lane.incarnation;
    }
    note[COLUMNS - 1] = number;
    writeSync(this.#file, this.#bytes, 0, NOTE_BYTES, (number % 2) * SLOT_BYTES);
  }
}

/** The last whole note of a journal file; undefined when there is none. */
export function readJournal(file: number): JournalEntry | undefined {
  const slots = [0, SLOT_BYTES].map((position) => {
    const note = new Float64Array(COLUMNS);
    readSync(file, note, 0, NOTE_BYTES, position);
    return note;
  });
  const [note] = slots
    .filter((slot) => slot[0]! > 0 && slot[0] === slot[COLUMNS - 1])
    .sort((one, other) => other[0]! - one[0]!);
  if (!note) return undefined;
  return {
    elapsedMs: note[ELAPSED]!,
    worstLagMs: note[WORST_LAG]!,
    ...(note[SHARE_COUNT]! > 0 && { steered: steeredIn(note) }),
    lanes: perSignal((signal) => {
      const state = stateIn(note, signal);
      return {
        counts: countsIn(note, signal),
        position: state[POSITION]!,
        through: state[THROUGH]!,
        waiting: state[WAITING]!,
        incarnation: state[INCARNATION]!,
      };
    }),
  };
}

function steeredIn(note: Float64Array): SteeredState {
  const rate = note[RATE]!;
  return {
    share: { index: note[SHARE_INDEX]!, count: note[SHARE_COUNT]! },
    rate: Number.isNaN(rate) ? "config" : { eventsPerSecond: rate },
    lanes: perSignal((signal) => {
      const state = stateIn(note, signal).subarray(OWN_COLUMNS);
      return Object.fromEntries(
        SCHEDULE_STATE.map((name, at) => [name, state[at]!]),
      ) as unknown as ScheduleState;
    }),
  };
}

function countsIn(note: Float64Array, signal: Signal): Float64Array {
  const at = HEAD_COLUMNS + SIGNALS.indexOf(signal) * LANE_COLUMNS;
  return note.subarray(at, at + COUNTERS.length);
}

function stateIn(note: Float64Array, signal: Signal): Float64Array {
  const at = HEAD_COLUMNS + SIGNALS.indexOf(signal) * LANE_COLUMNS + COUNTERS.length;
  return note.subarray(at, at + STATE_COLUMNS);
}
