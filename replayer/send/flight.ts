/** One request from the moment it is due until its result is known: what a retry needs, and nothing that grows. */
import type { Answer } from "../../otlp/answer.ts";
import type { Compression } from "../../otlp/protocol.ts";
import type { FrozenFile } from "../freeze/frozen-file.ts";
import type { SendBuffer } from "../stamp/send-buffer.ts";
import { newStampKey, type StampKey } from "../stamp/stamp-key.ts";
import type { Lane } from "./lane.ts";

/** Made once per place of `concurrency` and used again and again. */
export interface Flight {
  readonly key: StampKey;
  lane: Lane | undefined;
  items: number;
  /** Late roots that the traces of this request may count on; fewer than they have only where the run's end cuts it. */
  lateRoots: number;
  /** Tries so far. */
  tries: number;
  /** When the schedule wanted it, and when it was first tried, ms since the run began. */
  dueMs: number;
  beganMs: number;
  /** Some try left without an answer, so the target may have the items. */
  isInDoubt: boolean;
  /** Held until the transport has read a try's body. */
  buffer: SendBuffer | undefined;
  /** Bytes of the try's body before compression. */
  bodyBytes: number;
  /** What the try's body was compressed with, ahead or on its way. */
  compression: Compression;
  /** Whether that was done ahead. */
  isCompiled: boolean;
  /** Waiting for the next try. */
  retryTimer: NodeJS.Timeout | undefined;
  /** The answer that a wait follows. */
  lastAnswer: Answer | undefined;
  /** Passed to the transport; bound to this flight once. */
  readonly done: (answer: Answer) => void;
  /** Passed to the transport too: the body is not read any more. */
  readonly released: () => void;
}

export function newFlight(
  onAnswer: (flight: Flight, answer: Answer) => void,
  onReleased: (flight: Flight) => void,
): Flight {
  const flight: Flight = {
    key: newStampKey(),
    lane: undefined,
    items: 0,
    lateRoots: 0,
    tries: 0,
    dueMs: 0,
    beganMs: 0,
    isInDoubt: false,
    buffer: undefined,
    bodyBytes: 0,
    compression: "none",
    isCompiled: false,
    retryTimer: undefined,
    lastAnswer: undefined,
    done: (answer) => onAnswer(flight, answer),
    released: () => onReleased(flight),
  };
  return flight;
}

/** Whether the end of the run cuts a request: it carries fewer items than its batch has. */
export function isCut({ lane, key, items, lateRoots }: Flight): boolean {
  return items < lane!.file.items(key.batch) || lateRoots < lane!.lateRootsOf(key.batch);
}

/** Where a flight's request is read from: what is compressed cannot be cut. */
export function recordsOf(flight: Flight): FrozenFile {
  return isCut(flight) ? flight.lane!.file : flight.lane!.records;
}

/** Bytes that a try of it takes of the byte budget. */
export function recordBytesOf(flight: Flight): number {
  return recordsOf(flight).recordBytes(flight.key.batch);
}
