/**
 * One freezing of one template file: what the parts for traces, metrics and logs share.
 */
import { WireError } from "../../otlp/message/wire.ts";
import { type Frame, readFrames } from "../../template/frames.ts";
import type { LateRoot, ValueModel } from "../../template/metadata.ts";
import type { Assembler } from "./assemble.ts";
import { FreezeError } from "./freeze-error.ts";
import type { FrozenFileWriter, FrozenSummary } from "./frozen-file.ts";

/** Everything besides the template that decides what a frozen file holds. */
export interface FreezeSettings {
  /** Traces, data points or log records of one request. */
  batchSize: number;
  /** Largest body of a request. */
  maxRequestBytes: number;
  /** Traces, beside batchSize: spans with which a request takes no further trace; absent: as many as they have. */
  maxSpans?: number;
  /** A trace of more spans goes out in requests of so many, at least maxSpans; absent: it has one, as far as its bytes fit. */
  maxTraceSpans?: number;
  seed: number;
  jitterMs: number;
  /** False: log records go out without the ids of the spans they belong to. */
  linkLogs: boolean;
  /** Value models by metric name, from the template's metadata. */
  models: Readonly<Record<string, ValueModel>>;
  /** Traces whose root leaves later than the rest, from the template's metadata. */
  lateRoots: readonly LateRoot[];
}

/** Called now and then with the bytes of the template that are done. */
export type FreezeProgress = (bytes: number) => void;

/** The work in hand. The parts add to `writer` and `summary`. */
export interface FreezeRun {
  templatePath: string;
  writer: FrozenFileWriter;
  settings: FreezeSettings;
  summary: FrozenSummary;
  onProgress: FreezeProgress;
}

/** Add every frame of the file to the assembler, and close its last body. */
export function assembleAll(run: FreezeRun, assembler: Assembler): void {
  for (const frame of readFrames(run.templatePath)) addFrame(run, assembler, frame, `frame ${frame.index}`);
  assembler.flush();
}

/** Add one frame; what is too large for a request is counted as dropped, as standing `where`. */
export function addFrame(
  run: FreezeRun,
  assembler: Assembler,
  { message, index, position }: Frame,
  where: string,
): void {
  const before = assembler.oversizedItems;
  explainWireErrors(`frame ${index}`, () => assembler.add(message));
  noteDropped(run, assembler.oversizedItems - before, where);
  run.onProgress(position);
}

/** Note that a body of so many items is frozen. */
export function countBody({ summary }: FreezeRun, body: Buffer, items: number): void {
  summary.items += items;
  summary.bodyBytes += body.length;
}

/** Say where in the file bytes are damaged: what walks them knows only its own message. */
export function explainWireErrors<T>(where: string, walk: () => T): T {
  try {
    return walk();
  } catch (error) {
    if (error instanceof WireError) throw new FreezeError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Items left out that are told by name. */
const DROPPED_NAMED = 10;

function noteDropped({ summary, settings }: FreezeRun, items: number, where: string): void {
  if (items === 0) return;
  summary.droppedItems += items;
  if (summary.dropped.length < DROPPED_NAMED) {
    summary.dropped.push(
      `${items} in ${where}, each larger than max_request_bytes (${settings.maxRequestBytes})`,
    );
  }
}
