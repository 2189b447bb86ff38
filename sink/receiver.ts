import { setTimeout as sleep } from "node:timers/promises";
import { countItems } from "../otlp/message/count.ts";
import { encodeRequest } from "../otlp/message/encode.ts";
import { OtlpJsonError, parseOtlpJson } from "../otlp/message/json.ts";
import { WireError } from "../otlp/message/wire.ts";
import type { ExportAnswer, ExportRequest } from "../otlp/server/handler.ts";
import { newSinkCounts, transportCounts } from "./counts.ts";
import { type Fault, FaultDice, type FaultPlan } from "./faults.ts";
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
  readonly faults: Partial<Record<Fault["name"] | "delay", number>> = {};
  readonly #dice: FaultDice;
  readonly #verifier: Verifier | undefined;
  readonly #repeats: Repeats;
  /** Items of the requests that were taken in and are not answered yet. */
  readonly #taken = new WeakMap<ExportRequest, number>();

  /** allowRepeats: bodies that come again are expected, whatever was answered before. */
  constructor(plan: FaultPlan, verifier: Verifier | undefined, allowRepeats = false) {
    this.#dice = new FaultDice(plan);
    this.#verifier = verifier;
    this.#repeats = new Repeats(allowRepeats);
  }

  /** The answer to one request, delayed if so planned. */
  handle(request: ExportRequest): ExportAnswer | Promise<ExportAnswer> {
    const answer = this.#decide(request);
    const delayMs = this.#dice.delayMs();
    if (delayMs === 0) return answer;
    this.#note("delay");
    return sleep(delayMs, answer, { ref: false });
  }

  /** The connection ended before the answer was out: what was taken in is to be expected once more. */
  undelivered(request: ExportRequest, answer: ExportAnswer): void {
    const items = this.#taken.get(request);
    if (items === undefined) return;
    this.#repeats.expect(request.signal, request.body);
    // Whatever was refused of it, the client does not know; the answer to the next try counts.
    const counts = this.counts.signals[request.signal];
    if (answer.kind === "partial") {
      counts.received += answer.rejected;
      counts.rejected -= answer.rejected;
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
    const counts = this.counts.signals[request.signal];
    if (fault !== undefined) this.#note(fault.name);
    const hint = fault?.hintMs === undefined ? {} : { retryAfterMs: fault.hintMs };
    switch (fault?.name) {
      case "drop":
        return { kind: "silence" };
      case "unavailable":
        counts.retryableRequests++;
        return { kind: "refused", code: "UNAVAILABLE", message: "unavailable, as told by --fault", ...hint };
      case "throttled":
        counts.retryableRequests++;
        return {
          kind: "refused",
          code: "RESOURCE_EXHAUSTED",
          message: "throttled, as told by --fault",
          ...hint,
        };
      case "exhausted":
        if (request.protocol === "http") counts.retryableRequests++;
        else this.#refuse(request, body, items);
        return { kind: "refused", code: "RESOURCE_EXHAUSTED", message: "exhausted, as told by --fault" };
      case "invalid":
        this.#refuse(request, body, items);
        return { kind: "refused", code: "INVALID_ARGUMENT", message: "invalid, as told by --fault" };
      case "internal":
        this.#refuse(request, body, items);
        return { kind: "refused", code: "INTERNAL", message: "internal error, as told by --fault" };
      case "partial":
        return this.#takePart(request, body, items);
      case "reset":
        this.#take(request, body, items);
        return { kind: "cut" };
      case undefined:
        this.#take(request, body, items);
        return { kind: "accepted" };
    }
  }

  #takePart(request: ExportRequest, body: Uint8Array, items: number): ExportAnswer {
    this.#take(request, body, items);
    if (items === 0) return { kind: "accepted" };
    const rejected = 1 + Math.floor(this.#dice.next() * items);
    const counts = this.counts.signals[request.signal];
    counts.received -= rejected;
    counts.rejected += rejected;
    return { kind: "partial", rejected, message: "rejected in part, as told by --fault" };
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

  #note(fault: Fault["name"] | "delay"): void {
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
