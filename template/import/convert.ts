/**
 * Converting a foreign input to template frames. Loaded only when there is something to convert.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Signal } from "../../otlp/signal.ts";
import { wrongSignal } from "./canonical.ts";
import { FrameFile } from "./frame-packer.ts";
import { ImportError } from "./import-error.ts";
import { importLogs } from "./import-logs.ts";
import { importMetrics } from "./import-metrics.ts";
import { importTraces } from "./import-traces.ts";
import type { ReadRequest } from "./json-requests.ts";
import { ImportNotes } from "./notes.ts";
import { readRequests } from "./read-requests.ts";
import { SpanIndex } from "./span-index.ts";

/**
 * Convert the file at `path` to `<target>.pb` with its notes in `<target>.json` and, for traces, where its spans went in
 * `<target>.spans`. Frames are renamed into place last, so that they are there only with all that belongs to them.
 *
 * spansFile  logs only: the spans that records may belong to; undefined when the traces needed no import
 * Throws ImportError, FrameError and system errors; then there is no file.
 */
export function convert(path: string, signal: Signal, target: string, spansFile: string | undefined): void {
  const temporary = (ending: string) => `${target}.${process.pid}.tmp${ending}`;
  const notes = new ImportNotes();
  try {
    const file = new FrameFile(temporary(".pb"));
    try {
      const requests = only(signal, path, notes);
      if (signal === "traces") importTraces(requests, file, notes).save(temporary(".spans"));
      else if (signal === "logs")
        importLogs(requests, file, notes, spansFile === undefined ? undefined : SpanIndex.load(spansFile));
      else importMetrics(requests, file, notes);
    } finally {
      file.close();
    }
    if (file.frames === 0) {
      throw new ImportError(
        "bad_template_file",
        `${path}: holds no ${signal}; generate it again or leave out input.${signal}`,
      );
    }
    writeFileSync(
      temporary(".json"),
      `${JSON.stringify({ source: resolve(path), signal, notes: notes.lines() }, null, 2)}\n`,
    );
    if (signal === "traces") renameSync(temporary(".spans"), `${target}.spans`);
    renameSync(temporary(".json"), `${target}.json`);
    renameSync(temporary(".pb"), `${target}.pb`);
  } finally {
    for (const ending of [".pb", ".json", ".spans"]) rmSync(temporary(ending), { force: true });
  }
}

/** The requests of one signal. The file's first request must be of it; later ones of other signals are left out and counted. */
function* only(signal: Signal, path: string, notes: ImportNotes): Generator<ReadRequest> {
  let isFirst = true;
  for (const read of readRequests(path)) {
    if (read.signal === signal) yield read;
    else if (isFirst) throw wrongSignal(read.place, read.signal, signal);
    else notes.count(`requests hold ${read.signal}; they were left out`);
    isFirst = false;
  }
}
