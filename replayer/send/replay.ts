/**
 * The send loop: takes what is due from the lanes, stamps it, hands it to the transport, and books what became of it.
 *
 * One timer, a fixed set of flights and a pool of buffers. Nothing queues: when all flights or the byte budget are out, what is
 * due waits in the schedule, as a number.
 */

import { peakMemoryBytes } from "../../ledger/peak-memory.ts";
import type { Snapshot } from "../../ledger/snapshot.ts";
import type { Answer, Permanent } from "../../otlp/answer.ts";
import type { Transport } from "../../otlp/client/transport.ts";
import { NEXT_COMPRESSION, refusesCompression } from "../../otlp/compression-refusal.ts";
import type { Compression } from "../../otlp/protocol.ts";
import type { IdKey } from "../../template/ids.ts";
import type { SendBuffer } from "../stamp/send-buffer.ts";
import { stamp } from "../stamp/stamp.ts";
import { Books, type Outcome } from "./books.ts";
import { BufferPool } from "./buffer-pool.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { cutBody } from "./cut-body.ts";
import { type Flight, isCut, newFlight, recordBytesOf, recordsOf } from "./flight.ts";
import type { Journal } from "./journal.ts";
import type { Lane } from "./lane.ts";
import { lanesEndMs, lanesLagMs, lanesPlannedRate, mostOverdue } from "./lanes.ts";
import { notesOnUnsent } from "./notes-on-unsent.ts";
import type { Retries } from "./retries.ts";

export interface ReplaySettings {
  idKey: IdKey;
  /** What bodies are compressed with, as long as the target takes it; the transport and compiled files have the same. */
  compression: Compression;
  concurrency: number;
  maxInFlightBytes: number;
  /** How long to wait for late roots once all else is sent, ms. */
  deferredDrainMs: number;
  /** How long requests that are in flight may take to end after the last one was sent, ms. */
  drainMs: number;
  retries: Retries;
  notes: readonly string[];
  /** Of the fleet's rate, above 0 to 1. */
  share: number;
  /** Whether the lanes are paused as it begins. */
  isPaused: boolean;
  /** Told what is about to be sent, so that somebody knows if this process does not live to tell. */
  journal?: Journal | undefined;
}

/** Longest sleep while nothing is due until it is told so: timers take no longer one. */
const MAX_IDLE_MS = 2 ** 31 - 1;
/** Longest sleep otherwise: a clock that jumps or a timer that is late costs no more than this. */
const MAX_SLEEP_MS = 50;

export class Replay {
  readonly #lanes: readonly Lane[];
  /** The lane whose traces have late roots. */
  readonly #rootsLane: Lane | undefined;
  readonly #transport: Transport;
  readonly #settings: ReplaySettings;
  readonly #clock: Clock;
  readonly #pool: BufferPool;
  readonly #idle: Flight[];
  readonly #flights: readonly Flight[];
  /** Flights whose pause is over, and which wait for room in the byte budget; before all that is new. */
  readonly #paused: Flight[] = [];
  readonly #books: Books;
  #compression: Compression;
  readonly #notes: string[] = [];
  #beganMs: number | undefined;
  #endedMs: number | undefined;
  /** When the last lane was through; only late roots are begun after it. */
  #lanesEndedMs: number | undefined;
  #drainedByMs = Number.POSITIVE_INFINITY;
  #worstLagMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer that is set wakes the loop; Infinity when none is. */
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #isPumping = false;
  /** Something is due that no buffer is left for. */
  #isStarved = false;
  #isStopped = false;
  #share: number;
  #isPaused: boolean;
  #onEnd: () => void = () => {};

  constructor(
    lanes: readonly Lane[],
    transport: Transport,
    settings: ReplaySettings,
    clock: Clock = SYSTEM_CLOCK,
  ) {
    this.#lanes = lanes;
    this.#rootsLane = lanes.find((lane) => lane.deferred);
    this.#transport = transport;
    this.#settings = settings;
    this.#clock = clock;
    this.#compression = settings.compression;
    this.#share = settings.share;
    this.#isPaused = settings.isPaused;
    this.#books = new Books(settings.journal?.counts);
    this.#pool = new BufferPool(settings.maxInFlightBytes);
    this.#flights = Array.from({ length: settings.concurrency }, () =>
      newFlight(
        (flight, answer) => this.#settle(flight, answer),
        (flight) => this.#release(flight),
      ),
    );
    this.#idle = [...this.#flights];
  }

  /**
   * Send until the first limit or `stop`, and until what is in flight has ended. Call once.
   * beganMs  when the run began, on the clock; what was due since then is lag
   */
  async run(beganMs = this.#clock.monotonicMs()): Promise<void> {
    this.#beganMs = beganMs;
    // Told to end before it began, it is late for nothing.
    if (!this.#isStopped) this.#noteLag();
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      if (this.#isStopped) this.#end();
      else this.#pump();
    });
    clearTimeout(this.#timer);
  }

  /** End as if the duration had ended now. Safe to call again. */
  stop(): void {
    if (!this.#isStopped) this.#endSending();
  }

  /**
   * Have lanes go on in another way from this moment, which `apply` is given in ms since the run began.
   *
   * share     of the fleet's rate from now on
   * isPaused  whether the lanes have nothing due until they are told again
   */
  turn(apply: (nowMs: number) => void, share: number, isPaused: boolean): void {
    if (this.#isStopped) return;
    this.#noteLag();
    apply(this.#elapsedMs());
    this.#share = share;
    this.#isPaused = isPaused;
    if (!this.isBegun) return;
    this.#balance();
    clearTimeout(this.#timer);
    this.#wake();
  }

  /** Whether it is paused and all that it began has ended. */
  get isIdle(): boolean {
    if (!this.#isPaused || this.#idle.length < this.#flights.length) return false;
    return (this.#rootsLane?.deferred?.pending ?? 0) === 0;
  }

  /** Say something that the user should know, once. */
  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  get isBegun(): boolean {
    return this.#beganMs !== undefined;
  }

  /** The state of the run; afterwards, its result. The journal is told too. */
  snapshot(): Snapshot {
    const now = this.#endedMs ?? this.#elapsedMs();
    const usage = process.resourceUsage();
    this.#balance();
    return {
      ...this.#books.snapshot(),
      elapsedMs: now,
      lagMs: this.#isStopped ? 0 : lanesLagMs(this.#lanes, now),
      worstLagMs: this.#worstLagMs,
      inFlight: this.#flights.length - this.#idle.length,
      share: this.#isStopped ? 0 : this.#share,
      isPaused: !this.#isStopped && this.#isPaused,
      plannedRate: this.#isStopped ? 0 : lanesPlannedRate(this.#lanes, now),
      cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      rssBytes: process.memoryUsage.rss(),
      maxRssBytes: peakMemoryBytes(),
      notes: [...this.#settings.notes, ...this.#notes, ...notesOnUnsent(this.#lanes)],
    };
  }

  /** Send all that is due and possible, then sleep until the next is due. Answers wake it too. */
  #pump(): void {
    this.#tryAgain();
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    let next = Number.POSITIVE_INFINITY;
    let isBlocked = !this.#beginDueRoots();
    while (!isBlocked) {
      const now = this.#elapsedMs();
      const lane = mostOverdue(this.#lanes, now);
      if (!lane) {
        next = lanesEndMs(this.#lanes);
        break;
      }
      next = lane.schedule.nextMomentMs(now);
      this.#isStarved = next <= now && !this.#hasRoomFor(lane.nextRecordBytes);
      isBlocked = next <= now && (this.#idle.length === 0 || this.#isStarved);
      if (next > now || isBlocked) break;
      lane.schedule.giveUpOverdue(now);
      // Nothing may be left of the lane once that is given up.
      if (lane.schedule.nextMomentMs(now) <= now) this.#begin(lane, now);
    }
    this.#isPumping = false;
    if (this.#isOver()) this.#endSending();
    if (this.#isStopped) return;
    this.#noteLag();
    next = Math.min(next, this.#rootsDueMs());
    // Where flights or bytes are out, the answer that frees them wakes the loop.
    const longest = this.#isPaused ? MAX_IDLE_MS : MAX_SLEEP_MS;
    const wait = isBlocked ? MAX_SLEEP_MS : Math.min(longest, Math.max(0, next - this.#elapsedMs()));
    this.#sleep(wait);
  }

  /** Wake the loop again after so long at the latest. A timer that wakes it earlier is left alone: most answers come before any. */
  #sleep(waitMs: number): void {
    const wakesAtMs = this.#elapsedMs() + waitMs;
    if (this.#wakesAtMs <= wakesAtMs) return;
    clearTimeout(this.#timer);
    this.#wakesAtMs = wakesAtMs;
    this.#timer = setTimeout(this.#wake, waitMs);
  }

  #wake = (): void => {
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    this.#pump();
  };

  /** Requests whose pause is over come first: they are due for longer. */
  #hasRoomFor(recordBytes: number): boolean {
    return this.#paused.length === 0 && this.#pool.hasRoom(recordBytes);
  }

  /** Begin the late roots whose moment has come, before all else. False when some have no flight or no room. */
  #beginDueRoots(): boolean {
    for (let now = this.#elapsedMs(); this.#rootsDueMs() <= now; now = this.#elapsedMs()) {
      const lane = this.#rootsLane!;
      this.#isStarved = !this.#hasRoomFor(lane.records.recordBytes(lane.deferred!.record));
      if (this.#isStarved || this.#idle.length === 0) return false;
      this.#beginRoots(lane, now);
    }
    return true;
  }

  #rootsDueMs(): number {
    return this.#rootsLane ? this.#rootsLane.deferred!.dueMs : Number.POSITIVE_INFINITY;
  }

  /** Whether all lanes are through, and late roots too, or waited for long enough. */
  #isOver(): boolean {
    const now = this.#elapsedMs();
    if (lanesEndMs(this.#lanes) > now || mostOverdue(this.#lanes, now)) return false;
    this.#lanesEndedMs ??= now;
    const dueMs = this.#rootsDueMs();
    const waitsUntilMs = this.#lanesEndedMs + this.#settings.deferredDrainMs;
    return dueMs === Number.POSITIVE_INFINITY || Math.max(dueMs, now) > waitsUntilMs;
  }

  /** Next tries whose pause is over, as far as the byte budget goes: a wait holds no buffer, so another may have it by now. */
  #tryAgain(): void {
    while (this.#paused.length > 0 && this.#pool.hasRoom(recordBytesOf(this.#paused[0]!))) {
      this.#try(this.#paused.shift()!);
    }
  }

  #begin(lane: Lane, now: number): void {
    const flight = this.#idle.pop()!;
    const unixMs = this.#clock.unixMs();
    lane.lookForCompiled(unixMs);
    flight.dueMs = Math.min(now, lane.schedule.nextMomentMs(now));
    const items = lane.take(flight.key, unixMs, now - flight.dueMs);
    flight.items = Math.min(items, lane.schedule.itemsLeft);
    lane.schedule.advance(flight.items);
    flight.lateRoots = Math.min(lane.lateRootsOf(flight.key.batch), lane.schedule.itemsLeft);
    if (lane.isAtPassStart) this.#books.count(lane.signal, "dropped", lane.file.summary.droppedItems);
    this.#launch(flight, lane, now);
  }

  /** Late roots, under the key of their traces' request. The schedule is done with them since that left. */
  #beginRoots(lane: Lane, now: number): void {
    const flight = this.#idle.pop()!;
    const deferred = lane.deferred!;
    flight.dueMs = deferred.dueMs;
    flight.items = deferred.take(flight.key);
    flight.lateRoots = 0;
    this.#launch(flight, lane, now);
  }

  #launch(flight: Flight, lane: Lane, now: number): void {
    flight.lane = lane;
    flight.beganMs = now;
    flight.tries = 0;
    flight.isInDoubt = false;
    this.#books.launch(flight);
    this.#settings.retries.noteFirstTry();
    this.#try(flight);
  }

  /** One try: read, stamp, send. The same key gives the same body every time. */
  #try(flight: Flight): void {
    const lane = flight.lane!;
    const buffer = this.#pool.take(recordBytesOf(flight));
    recordsOf(flight).read(flight.key.batch, buffer.bytes);
    if (flight.tries === 0) this.#settleKey(flight, lane, buffer);
    stamp(buffer, this.#settings.idKey, flight.key);
    let body = buffer.body();
    if (isCut(flight)) {
      body = cutBody(
        lane.signal,
        body,
        flight.items,
        this.#settings.idKey,
        lane.deferred && flight.lateRoots,
        lane.file.continuesTrace(flight.key.batch),
      );
    }
    flight.compression = this.#compression;
    flight.isCompiled = buffer.plainBytes > 0;
    flight.bodyBytes = buffer.plainBytes || body.length;
    flight.buffer = buffer;
    flight.tries++;
    if (flight.tries === 2) this.#books.count(lane.signal, "retriedRequests", 1);
    // The last moment before it leaves; late roots that wait for their moment from now on are in the books too.
    if (flight.tries === 1 && this.#settings.journal) this.#balance();
    const ready = flight.isCompiled ? flight.compression : undefined;
    this.#transport.send(lane.signal, body, flight.done, flight.released, ready, flight.lastAnswer?.address);
  }

  /** The base time of a request that is about to leave for the first time; its late roots will have the same. */
  #settleKey(flight: Flight, lane: Lane, buffer: SendBuffer): void {
    if (lane.file.isLateRoots(flight.key.batch)) return;
    lane.setBase(flight.key, buffer, this.#clock.unixMs(), flight.beganMs - flight.dueMs);
    if (flight.lateRoots === 0) return;
    const dropped = lane.deferRoots(flight.key, flight.lateRoots, this.#elapsedMs());
    this.#books.count(lane.signal, "dropped", dropped);
  }

  /** The transport has read the body; another request can have the buffer while this one waits for its answer. */
  #release(flight: Flight): void {
    if (!flight.buffer) return;
    this.#pool.give(flight.buffer);
    flight.buffer = undefined;
    if (this.#isStarved || this.#paused.length > 0) this.#pump();
  }

  #settle(flight: Flight, answer: Answer): void {
    this.#release(flight);
    this.#books.endTry(flight, answer);
    switch (answer.kind) {
      case "accepted":
        if (answer.warning) this.#books.noteAnswer("warning", answer.warning);
        this.#finish(flight, answer, { accepted: flight.items, rejected: 0, refused: 0 });
        break;
      case "partial": {
        this.#books.noteAnswer("partial_success", answer.message);
        const rejected = Math.min(answer.rejected, flight.items);
        this.#finish(flight, answer, { accepted: flight.items - rejected, rejected, refused: 0 });
        break;
      }
      case "permanent":
        if (flight.compression !== "none" && refusesCompression(answer)) {
          this.#tryOtherCompression(flight, answer);
          break;
        }
        this.#books.noteAnswer(answer.code, answer.message);
        this.#refuse(flight, answer);
        break;
      default:
        // No trouble of the target's: connections end in good order all the time. Another takes the request at once, without asking
        // the budget; a target that refuses it again waits like any other.
        if (answer.kind === "lost" && answer.code === "refused_stream" && flight.tries === 1) {
          flight.lastAnswer = answer;
          this.#paused.push(flight);
          break;
        }
        this.#books.noteAnswer(answer.code, answer.message);
        if (answer.kind === "lost" && answer.sent) flight.isInDoubt = true;
        this.#retryOrGiveUp(flight, answer);
    }
    this.#pump();
  }

  /** The target does not take what this try was compressed with: this request and all later ones go out in another way. */
  #tryOtherCompression(flight: Flight, answer: Permanent): void {
    // Requests that left before the first refusal came are refused too.
    if (flight.compression === this.#compression) {
      const refused = this.#compression;
      this.#compression = NEXT_COMPRESSION[refused];
      this.#transport.setCompression(this.#compression);
      for (const lane of this.#lanes) lane.refuseCompiled();
      this.#notes.push(
        `the target refuses ${refused} (${answer.message}); requests went on with compression ${this.#compression}`,
      );
    }
    flight.lastAnswer = answer;
    this.#paused.push(flight);
  }

  #retryOrGiveUp(flight: Flight, answer: Answer): void {
    const now = this.#elapsedMs();
    const waitMs = this.#settings.retries.nextDelayMs(answer, flight.tries, now - flight.beganMs);
    if (waitMs === undefined || now + waitMs > this.#drainedByMs) {
      this.#refuse(flight, answer);
      return;
    }
    flight.lastAnswer = answer;
    flight.retryTimer = setTimeout(() => {
      flight.retryTimer = undefined;
      this.#paused.push(flight);
      this.#tryAgain();
    }, waitMs);
  }

  #refuse(flight: Flight, answer: Answer): void {
    this.#finish(flight, answer, { accepted: 0, rejected: 0, refused: flight.items });
  }

  /** Book a request's result; another can have its flight. */
  #finish(flight: Flight, answer: Answer, outcome: Outcome): void {
    this.#books.finish(flight, answer.address, outcome, this.#elapsedMs());
    flight.lane = undefined;
    flight.lastAnswer = undefined;
    this.#idle.push(flight);
    if (this.#isStopped && this.#idle.length === this.#flights.length) this.#end();
  }

  /** Begin nothing new. What is in flight or waits for another try has until the drain deadline. */
  #endSending(): void {
    const now = this.#elapsedMs();
    this.#isStopped = true;
    this.#endedMs = this.#lanesEndedMs ?? now;
    this.#drainedByMs = now + this.#settings.drainMs;
    clearTimeout(this.#timer);
    for (const lane of this.#lanes) if (!lane.isDone) lane.schedule.finish(now);
    this.#rootsLane?.deferred?.giveUp();
    this.#balance();
    this.#timer = setTimeout(() => this.#giveUp(), this.#settings.drainMs);
    if (this.#idle.length === this.#flights.length) this.#end();
  }

  /** The drain deadline: whatever has no result yet gets none. */
  #giveUp(): void {
    for (const flight of this.#paused.splice(0)) {
      this.#refuse(flight, flight.lastAnswer!);
    }
    for (const flight of this.#flights) {
      if (!flight.retryTimer) continue;
      clearTimeout(flight.retryTimer);
      flight.retryTimer = undefined;
      this.#refuse(flight, flight.lastAnswer!);
    }
    if (this.#idle.length === this.#flights.length) return;
    // A try may be allowed to take much longer. Closed, it is lost.
    this.#notes.push("requests that were not answered in time after the last was sent were given up");
    void this.#transport.close();
  }

  #end(): void {
    const onEnd = this.#onEnd;
    this.#onEnd = () => {};
    onEnd();
  }

  /** Bring the counters up to date, in the journal too. */
  #balance(): void {
    this.#books.balance(this.#lanes);
    this.#settings.journal?.write(this.#lanes, this.#elapsedMs(), this.#worstLagMs);
  }

  #noteLag(): void {
    const lag = lanesLagMs(this.#lanes, this.#elapsedMs());
    if (lag > this.#worstLagMs) this.#worstLagMs = lag;
  }

  /** Since the run began; 0 before. */
  #elapsedMs(): number {
    return this.#beganMs === undefined ? 0 : this.#clock.monotonicMs() - this.#beganMs;
  }
}
