import { countItems } from "../otlp/message/count.ts";
import { encodeRequest } from "../otlp/message/encode.ts";
import { OtlpJsonError, parseOtlpJson } from "../otlp/message/json.ts";
import { WireError } from "../otlp/message/wire.ts";
import type { Beginning, ExportAnswer, ExportRequest } from "../otlp/server/handler.ts";
import { newSinkCounts, transportCounts } from "./counts.ts";
import { type BurdenName, type Fault, FaultDice, type FaultName, type FaultPlan } from "./faults.ts";
import { isRefusal, REFUSALS, type RefusalName, type SinkRefusal } from "./refusals.ts";
import { Repeats } from "./repeats.ts";
import type { Verifier } from "./verify/verifier.ts";

/**
 * Decides over every request: a fault by chance, or counted, verified and accepted.
 *
 * What is refused for good, or rejected in part, is verified all the same: it did arrive, no client may send it again,
 * and its absence must not look like a loss. What may be sent again is verified when it is taken.
 */
export class Receiver {
  readonly counts = newSinkCounts();
  /** How often each fault happened. */
  readonly faults: Partial<Record<FaultName | BurdenName, number>> = {};
  readonly #dice: FaultDice;
  readonly #verifier: Verifier | undefined;
  readonly #repeats: Repeats;
  /** What to do with a request that begins; undefined where nothing of the plan is decided so early. */
  readonly begin: (() => Beginning) | undefined;
  /** Items of the requests that were taken in and are not answered yet. */
  readonly #taken = new WeakMap<ExportRequest, number>();

  /** allowRepeats: bodies that come again are expected, whatever was answered before. */
  constructor(plan: FaultPlan, verifier: Verifier | undefined, allowRepeats = false) {
    this.#dice = new FaultDice(plan);
    this.#verifier = verifier;
    this.#repeats = new Repeats(allowRepeats);
    this.begin = this.#dice.hasEarly ? () => this.#begin() : undefined;
  }

  /** The answer to one request, delayed if so planned. */
  handle(request: ExportRequest): ExportAnswer {
    const answer = this.#decide(request);
    const delayMs = this.#dice.delayMs();
    if (delayMs === 0) return answer;
    this.#note("delay");
    return { ...answer, delayMs };
  }

  #begin(): Beginning {
    const fault = this.#dice.earlyFault();
    const pauseMs = this.#dice.slowReadMs();
    if (fault !== undefined) {
      this.#note(fault.name);
      return { kind: fault.name === "reset_early" ? "cut" : "ignore" };
    }
    if (pauseMs > 0) this.#note("slow_read");
    return { kind: "read", pauseMs };
  }

  /** The connection ended before the answer was out: what was taken in is to be expected once more. */
  undelivered(request: ExportRequest, answer: ExportAnswer): void {
    const items = this.#taken.get(request);
    if (items === undefined) return;
    this.#repeats.expect(request.signal, request.body);
    // Whatever was refused of it, the client does not know; the answer to the next try counts.
    const counts = this.counts.signals[request.signal];
    if (answer.kind === "partial") {
      const rejected = Math.min(answer.rejected, items);
      counts.received += rejected;
      counts.rejected -= rejected;
    } else if (answer.kind === "refused") {
      counts.received += items;
      counts.refused -= items;
    }
  }

  #decide(request: ExportRequest): ExportAnswer {
    const counts = this.counts.signals[request.signal];
    countArrival(counts, request);
    countArrival(
      transportCounts(this.counts, `${request.protocol}/${request.contentType}/${request.compression}`),
      request,
    );
    try {
      const body = request.contentType === "json" ? protobufOf(request) : request.body;
      const items = countItems(request.signal, body);
      return this.#answer(request, body, items, this.#dice.fault());
    } catch (error) {
      if (!(error instanceof WireError) && !(error instanceof OtlpJsonError)) throw error;
      counts.malformedRequests++;
      return { kind: "refused", code: "INVALID_ARGUMENT", message: `not OTLP: ${error.message}` };
    }
  }

  #answer(request: ExportRequest, body: Uint8Array, items: number, fault: Fault | undefined): ExportAnswer {
    if (fault === undefined) {
      this.#take(request, body, items);
      return { kind: "accepted" };
    }
    const { name } = fault;
    this.#note(name);
    if (isRefusal(name)) return this.#turnAway(request, body, items, name, fault.hintMs);
    switch (name) {
      case "drop":
      case "stalled":
      case "reset_early":
        return { kind: "silence" };
      case "bad_gateway":
        this.counts.signals[request.signal].retryableRequests++;
        return { kind: "page", httpStatus: 502 };
      case "partial":
        return this.#takePart(request, body, items);
      case "overcount":
        return this.#reject(request, body, items, items, 10 * items + 1);
    }
    this.#take(request, body, items);
    switch (name) {
      case "reset":
        return { kind: "cut" };
      case "warning":
        return { kind: "accepted", warning: "a warning, as told by --fault" };
      case "goodbye":
        return { kind: "accepted", closes: true };
      default:
        return { kind: "broken", how: name };
    }
  }

  #turnAway(
    request: ExportRequest,
    body: Uint8Array,
    items: number,
    name: RefusalName,
    hintMs: number | undefined,
  ): ExportAnswer {
    const refusal: SinkRefusal = REFUSALS[name];
    if (refusal.comesAgain.includes(request.protocol)) {
      this.counts.signals[request.signal].retryableRequests++;
    } else this.#refuse(request, body, items);
    return {
      kind: "refused",
      code: refusal.code,
      message: `${refusal.text}, as told by --fault`,
      ...(refusal.httpStatus === undefined ? {} : { httpStatus: refusal.httpStatus }),
      ...(hintMs === undefined ? {} : { retryAfterMs: hintMs }),
      ...(name === "throttled_date" ? { retryAfterAsDate: true } : {}),
    };
  }

  #takePart(request: ExportRequest, body: Uint8Array, items: number): ExportAnswer {
    const rejected = Math.min(items, 1 + Math.floor(this.#dice.next() * items));
    return this.#reject(request, body, items, rejected, rejected);
  }

  /** told  what the answer says was rejected */
  #reject(
    request: ExportRequest,
    body: Uint8Array,
    items: number,
    rejected: number,
    told: number,
  ): ExportAnswer {
    this.#take(request, body, items);
    if (items === 0) return { kind: "accepted" };
    const counts = this.counts.signals[request.signal];
    counts.received -= rejected;
    counts.rejected += rejected;
    return { kind: "partial", rejected: told, message: "rejected in part, as told by --fault" };
  }

  #take(request: ExportRequest, body: Uint8Array, items: number): void {
    const counts = this.counts.signals[request.signal];
    this.#taken.set(request, items);
    if (this.#repeats.take(request.signal, request.body)) {
      counts.repeated += items;
      return;
    }
    this.#verifier?.check(request.signal, body, Date.now());
    counts.received += items;
  }

  #refuse(request: ExportRequest, body: Uint8Array, items: number): void {
    this.#take(request, body, items);
    const counts = this.counts.signals[request.signal];
    counts.received -= items;
    counts.refused += items;
  }

  #note(fault: FaultName | BurdenName): void {
    this.faults[fault] = (this.faults[fault] ?? 0) + 1;
  }
}

function countArrival(
  counts: { requests: number; bodyBytes: number; wireBytes: number },
  request: ExportRequest,
): void {
  counts.requests++;
  counts.bodyBytes += request.body.length;
  counts.wireBytes += request.wireBytes;
}

/** The protobuf form of a JSON body, so that one way of reading serves both. Throws OtlpJsonError. */
function protobufOf({ signal, body }: ExportRequest): Uint8Array {
  return encodeRequest(signal, parseOtlpJson(signal, body.toString("utf8")));
}
