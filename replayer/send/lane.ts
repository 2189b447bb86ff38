/**
 * A lane: one signal on its way through its frozen batches, pass after pass, at its own share of the rate.
 *
 * It decides what the next request is (its stamp key) and keeps what outlives a request: the place in the pass, the base time
 * of a trace that goes on, and for metrics which instance is sent and when its series had their previous point.
 */
import type { Signal } from "../../otlp/signal.ts";
import { HEADER } from "../../template/slots.ts";
import type { FrozenFile } from "../freeze/frozen-file.ts";
import type { Schedule, ScheduleState, Turn } from "../pace/schedule.ts";
import type { SendBuffer } from "../stamp/send-buffer.ts";
import { type StampKey, secondsBetween, settleBase, stepsOf } from "../stamp/stamp-key.ts";
import { Deferred } from "./deferred.ts";

/** What a lane needs to know about the replayer it is in. */
export interface LaneSettings {
  signal: Signal;
  /** Passes after which the lane is done; Infinity for no limit. */
  passes: number;
  backdateMs: number;
  /** Metrics: instances of the template's series, or undefined to add them as fast as the interval asks for (rate 0). */
  instances: number | undefined;
  intervalMs: number;
  /** The replica's index where it is known: instance blocks are then numbered by it, else by the incarnation. */
  block: number | undefined;
  /** Incarnation of the first life, which all lanes of a replayer share. */
  incarnation: number;
  /** Late roots that may wait at one time. */
  maxPendingRoots: number;
  /** The incarnation of another life, when the first one's metric values have run out of room. */
  nextIncarnation: () => number;
  /** Opens the compiled form of the lane's file once somebody has made it; asked now and then. Undefined: nobody will. */
  openCompiled?: (() => FrozenFile | undefined) | undefined;
}

/** Another share or rate from now on. */
export interface LaneTurn extends Turn {
  /** As in the settings, for the new law. */
  instances: number | undefined;
}

/** Time between two looks for the compiled file. */
const LOOK_MS = 1000;

/** Series begin this long before their first point, so that none covers no time at all. */
const RUN_LEAD_STEPS = 60;

export class Lane {
  readonly signal: Signal;
  /** Batches as they are: what is counted by, and what is sent as long as there is nothing better. */
  readonly file: FrozenFile;
  schedule: Schedule;
  /** Roots that leave later than their traces; undefined when the templates have none. */
  readonly deferred: Deferred | undefined;
  incarnation: number;
  /** Whole passes begun so far. */
  pass = 0;
  readonly #settings: LaneSettings;
  #passes: number;
  /** Instances that the rate asks for; undefined: as many as the interval does. */
  #instances: number | undefined;
  #batch = 0;
  #runSteps = 0;
  #instance = 0;
  /** When the first instance's points were sent last, in ms of the wall clock. */
  #roundBeganMs = Number.NEGATIVE_INFINITY;
  /** Base of the batch before, which a batch that goes on with its trace keeps. */
  #baseSteps = 0;
  /** Delta points: base time of the previous point, by instance and batch. */
  readonly #previous: number[][] = [];
  /** The same batches compressed once. */
  #compiled: FrozenFile | undefined;
  #lookAtMs = 0;
  #isCompiledRefused = false;

  constructor(file: FrozenFile, schedule: Schedule, settings: LaneSettings) {
    this.signal = settings.signal;
    this.file = file;
    this.schedule = schedule;
    this.deferred = file.summary.lateRoots > 0 ? new Deferred(settings.maxPendingRoots) : undefined;
    this.#settings = settings;
    this.#passes = settings.passes;
    this.#instances = settings.instances;
    this.incarnation = settings.incarnation;
  }

  /** Whether all passes are through. */
  get isDone(): boolean {
    return this.pass >= this.#passes;
  }

  /** The state of its schedule, with what is left of its passes. */
  get scheduleState(): ScheduleState {
    const { state } = this.schedule;
    return { ...state, totalItems: Math.min(state.totalItems, this.#endOfPasses) };
  }

  /** Where the schedule will be with the last of its passes; Infinity without a limit. */
  get #endOfPasses(): number {
    return this.schedule.position + Math.max(0, this.#passes * this.file.summary.items - this.through);
  }

  /** Begin by another plan than it was made with: nothing was taken yet. */
  replan(schedule: Schedule, passes: number, instances: number | undefined): void {
    this.schedule = schedule;
    this.#passes = passes;
    this.#instances = instances;
  }

  /**
   * Another share or rate from this moment on. What is left of its passes is divided anew as items. Its series stay: where more points
   * are to come than the interval allows them, more are added; where fewer, they come around less often.
   */
  turn(turn: LaneTurn, nowMs: number): void {
    if (turn.restFactor !== 1 && Number.isFinite(this.#passes)) {
      this.schedule.endBy(this.#endOfPasses);
      this.#passes = Number.POSITIVE_INFINITY;
    }
    this.schedule.turn(turn, nowMs);
    const { instances } = turn;
    this.#instances = instances && this.#instances && Math.max(this.#instances, instances);
  }

  /** Passes begun, with the part of the pass that is through: what lanes are compared by. */
  get progress(): number {
    return this.pass + this.#batch / this.file.batches;
  }

  /** Items of its passes that are through: sent, waiting, or dropped where no late root has room. */
  get through(): number {
    return this.schedule.passed - this.schedule.unsent + (this.deferred?.dropped ?? 0);
  }

  /** Whether `take` begins a pass next. */
  get isAtPassStart(): boolean {
    return this.#batch === 0;
  }

  /**
   * Go on with the compiled form of the file if that is there by now. Any moment between two requests will do, those that are still
   * in flight included: record for record it is the same, and under the same key a request of either is the same.
   */
  lookForCompiled(unixMs: number): void {
    const { openCompiled } = this.#settings;
    if (!openCompiled || this.#compiled || this.#isCompiledRefused || unixMs < this.#lookAtMs) return;
    this.#lookAtMs = unixMs + LOOK_MS;
    this.#compiled = openCompiled();
  }

  /** Send plain batches from now on: the target does not take what is compiled. */
  refuseCompiled(): void {
    this.#isCompiledRefused = true;
    this.#compiled?.close();
    this.#compiled = undefined;
  }

  /** Where whole requests are read from. */
  get records(): FrozenFile {
    return this.#compiled ?? this.file;
  }

  /** Size of the record that `take` will name. */
  get nextRecordBytes(): number {
    return this.records.recordBytes(this.#batch);
  }

  /**
   * Fill `key` with the next request, except for its base time, and step on. Returns its items.
   * unixMs  the wall clock
   * lateMs  how long ago the request was due
   */
  take(key: StampKey, unixMs: number, lateMs: number): number {
    if (this.#batch === 0) this.#beginPass(this.#momentMs(unixMs, lateMs));
    key.incarnation = this.incarnation;
    key.pass = this.pass;
    key.batch = this.#batch;
    key.runSteps = this.#runSteps;
    key.block = this.#settings.block ?? this.incarnation;
    key.instance = this.#instance;
    const items = this.file.items(this.#batch);
    this.#batch++;
    if (this.#batch === this.file.batches) {
      this.#batch = 0;
      this.pass++;
    }
    return items;
  }

  /** Settle the base time of a key whose record has just been read for the first time. Call in the order of `take`. */
  setBase(key: StampKey, record: SendBuffer, unixMs: number, lateMs: number): void {
    if (!this.file.continuesTrace(key.batch)) {
      const now = stepsOf(this.#momentMs(unixMs, lateMs) - this.#settings.backdateMs);
      this.#baseSteps = settleBase(now, record.ints[HEADER.lowestSteps]!, record.ints[HEADER.textTimes]! > 0);
    }
    key.baseSteps = this.#baseSteps;
    key.previousSteps = this.#previousPoint(key);
  }

  /** Late roots that belong to the traces of a batch. */
  lateRootsOf(batch: number): number {
    if (!this.deferred || this.file.isLateRoots(batch)) return 0;
    let items = 0;
    const end = this.file.lateRootsEnd(batch);
    for (let record = this.file.lateRootsFrom(batch); record < end; record++) {
      items += this.file.items(record);
    }
    return items;
  }

  /**
   * Let late roots of a batch wait, as its base time is settled and it is about to leave. Those that find room are done with for
   * the schedule, as if they were sent now. Returns how many are dropped.
   *
   * roots  as many of them, the first ones
   */
  deferRoots(key: Readonly<StampKey>, roots: number, nowMs: number): number {
    let left = roots;
    let dropped = 0;
    for (let record = this.file.lateRootsFrom(key.batch); left > 0; record++) {
      const items = Math.min(left, this.file.items(record));
      left -= items;
      if (this.deferred!.add(nowMs + this.file.delayMs(record), record, items, key)) {
        this.schedule.advance(items);
      } else dropped += items;
    }
    return dropped;
  }

  /** Points are of the moment they were due at: caught up with after an outage, those of one series keep their distance. */
  #momentMs(unixMs: number, lateMs: number): number {
    return this.signal === "metrics" ? unixMs - lateMs : unixMs;
  }

  #beginPass(unixMs: number): void {
    if (this.signal !== "metrics") return;
    const now = stepsOf(unixMs - this.#settings.backdateMs);
    const { lifetimeSeconds } = this.file.summary;
    if (this.#runSteps === 0) this.#runSteps = now - RUN_LEAD_STEPS;
    else if (lifetimeSeconds !== null && secondsBetween(this.#runSteps, now) > lifetimeSeconds)
      this.#beginLife(now);
    const isRoundOver =
      this.#instances === undefined
        ? unixMs - this.#roundBeganMs >= this.#settings.intervalMs
        : this.#instance + 1 >= this.#instances;
    if (this.pass > 0) this.#instance = isRoundOver ? 0 : this.#instance + 1;
    if (this.#instance === 0) this.#roundBeganMs = unixMs;
  }

  /** Some value would need a byte that was declared constant: all series begin again, as after a restart. */
  #beginLife(now: number): void {
    this.incarnation = this.#settings.nextIncarnation();
    this.#runSteps = now - RUN_LEAD_STEPS;
    this.#previous.length = 0;
  }

  #previousPoint(key: StampKey): number {
    if (!this.file.summary.hasDelta) return key.runSteps;
    this.#previous[key.instance] ??= [];
    const points = this.#previous[key.instance]!;
    const previous = points[key.batch] ?? key.runSteps;
    points[key.batch] = key.baseSteps;
    return previous;
  }
}
