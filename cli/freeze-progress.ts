/**
 * Progress of freezing, on stderr: bars on a terminal, one note a file elsewhere. An interrupt ends it.
 */
import type { Signal } from "../otlp/signal.ts";
import type { CacheProgress } from "../replayer/freeze/freeze-cache.ts";
import { bytes } from "../terminal/figures.ts";
import type { LineWriter } from "../terminal/line-view.ts";
import { openProgress } from "../terminal/progress-view.ts";
import { exitOnInterrupt } from "./interrupts.ts";

const INTERRUPTED = "interrupted while freezing: nothing was sent";

export interface FreezeProgress {
  onProgress: CacheProgress;
  /** Take away what was drawn. */
  close(): void;
}

export async function freezeProgress(
  stream: NodeJS.WriteStream,
  { note }: LineWriter,
): Promise<FreezeProgress> {
  if (stream.isTTY) {
    const view = await openProgress({ steps: [], unit: "B", stream });
    const release = exitOnInterrupt(() => view.note(INTERRUPTED));
    return {
      onProgress: (signal, done, total) => view.show(`freezing ${signal}`, done, total),
      close() {
        release();
        view.close();
      },
    };
  }
  const release = exitOnInterrupt(() => note(INTERRUPTED));
  let latest: Signal | undefined;
  return {
    onProgress: (signal, _done, total) => {
      if (signal !== latest) note(`freezing ${signal}: ${bytes(total)}, once`);
      latest = signal;
    },
    close: release,
  };
}
