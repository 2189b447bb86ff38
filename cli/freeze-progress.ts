/**
 * Progress of freezing, on stderr: a line that is rewritten on a terminal, one note a file elsewhere.
 */
import type { Signal } from "../otlp/signal.ts";
import type { CacheProgress } from "../replayer/freeze/freeze-cache.ts";
import { bytes } from "../terminal/figures.ts";
import type { LineWriter } from "../terminal/line-view.ts";

export function freezeProgress(stream: NodeJS.WriteStream, { note }: LineWriter): CacheProgress {
  let latest: Signal | undefined;
  return (signal, done, total) => {
    const line = `freezing ${signal}: ${bytes(done)} of ${bytes(total)}`;
    if (stream.isTTY) stream.write(`\r\x1b[2K${line}${done >= total ? "\r\x1b[2K" : ""}`);
    else if (signal !== latest) note(`freezing ${signal}: ${bytes(total)}, once`);
    latest = signal;
  };
}
