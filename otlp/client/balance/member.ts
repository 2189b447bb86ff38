import type { Answer, Lost } from "../../answer.ts";
import { placeOf } from "../../endpoint.ts";
import { type PerSignal, perSignal } from "../../signal.ts";
import type { TargetSettings, Transport } from "../contract.ts";
import { reach } from "../reach.ts";

/** An address is left out for so long at first, then for twice as long after each attempt that fails. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A pause is up to this share longer, so that many senders do not knock in the same moment. */
const PAUSE_JITTER = 0.2;
const PROBE_MS = 2_000;
/**
 * Connections that break now and then say nothing of the address, above all where all addresses have that trouble. So many losses
 * without an answer in between do. Requests that one break takes with it are one loss, as all are over gRPC that share a connection.
 */
const LOSSES_IN_A_ROW = 3;

/**
 * in         it has its share
 * out        no connection could be made, or requests were lost in a row: it gets none, until a connection of its own shows that
 *            somebody listens there
 * returning  somebody does: it gets one request
 * tried      it has got that; its answer decides
 */
type State = "in" | "out" | "returning" | "tried";

/** One address of a target: its transport, what it was given, and whether it is to get more. */
export class Member {
  readonly transport: Transport;
  /** Where its last answer came from, or where it would have come from: ip:port, a name where nothing was resolved yet. */
  place: string;
  /** Requests that it has not answered. */
  inFlight = 0;
  /** Bytes given to it, and those that it was not there for. Random at first, so that not all senders begin with the same address. */
  readonly dealt: PerSignal<number> = perSignal(Math.random);
  /** Why it was left out last. */
  lastLoss: Lost | undefined;
  readonly #target: TargetSettings;
  readonly #onChange: () => void;
  readonly #stop = new AbortController();
  #state: State = "in";
  /** Goes up with each loss that counts: those who were there before lost their connection with it. */
  #era = 0;
  /** The first era since it was left out last. A request from before says nothing about what came after. */
  #firstEra = 0;
  #lossesInARow = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #isLeaving = false;

  /** onChange  `isUsable` may have changed */
  constructor(target: TargetSettings, transport: Transport, onChange: () => void) {
    this.#target = target;
    this.transport = transport;
    this.place = placeOf(target.endpoint);
    this.#onChange = onChange;
  }

  get isUsable(): boolean {
    return this.#state === "in" || this.#state === "returning";
  }

  /** It gets a request. Returns what `give` wants to know of it again. */
  take(): number {
    this.inFlight++;
    if (this.#state === "returning") this.#enter("tried");
    return this.#era;
  }

  /** The request has come to its end. */
  give(answer: Answer, era: number): void {
    this.inFlight--;
    this.place = answer.address;
    if (this.#isLeaving) {
      if (this.inFlight === 0) void this.transport.close();
    } else if (era >= this.#firstEra) this.#judge(answer, era);
  }

  /** It gets no more requests, and is closed when it has answered those that it has. */
  leave(): void {
    this.#isLeaving = true;
    this.#stopTrying();
    if (this.inFlight === 0) void this.transport.close();
  }

  /** Close it now. */
  close(): Promise<void> {
    this.#isLeaving = true;
    this.#stopTrying();
    return this.transport.close();
  }

  #judge(answer: Answer, era: number): void {
    if (answer.kind !== "lost") {
      this.#lossesInARow = 0;
      if (this.#state === "in") return;
      this.#pauseMs = FIRST_PAUSE_MS;
      this.#enter("in");
      return;
    }
    const hadConnection = answer.code === "connection_lost" || answer.code === "refused_stream";
    if (hadConnection && era < this.#era) return;
    this.#era++;
    this.#lossesInARow++;
    if (
      (!answer.sent && !hadConnection) ||
      this.#state === "tried" ||
      this.#lossesInARow >= LOSSES_IN_A_ROW
    ) {
      this.lastLoss = answer;
      this.#firstEra = this.#era;
      this.#lossesInARow = 0;
      this.#leaveOut();
    }
  }

  #leaveOut(): void {
    const pauseMs = this.#pauseMs * (1 + PAUSE_JITTER * Math.random());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#timer = setTimeout(() => void this.#probe(), pauseMs).unref();
    this.#enter("out");
  }

  async #probe(): Promise<void> {
    const outcome = await reach(this.#target, PROBE_MS, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    if ("reason" in outcome) this.#leaveOut();
    else this.#enter("returning");
  }

  #enter(state: State): void {
    const before = this.isUsable;
    this.#state = state;
    if (this.isUsable !== before) this.#onChange();
  }

  #stopTrying(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }
}
