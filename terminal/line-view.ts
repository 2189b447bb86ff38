/** The live view where there is no terminal: a line now and then. */

import { progressLine } from "./progress-line.ts";
import type { Sample } from "./sample.ts";
import type { LiveView } from "./view.ts";

export function openLineView(stream: NodeJS.WritableStream, lineIntervalMs: number): LiveView {
  let latest: Sample | undefined;
  let nextAtMs = lineIntervalMs;
  const print = (sample: Sample) => {
    stream.write(`${progressLine(sample)}\n`);
    latest = undefined;
  };
  return {
    show(sample) {
      latest = sample;
      if (sample.elapsedMs < nextAtMs) return;
      nextAtMs = (Math.floor(sample.elapsedMs / lineIntervalMs) + 1) * lineIntervalMs;
      print(sample);
    },
    note(text) {
      stream.write(`${text}\n`);
    },
    close() {
      // What came since the last line: a short run would else pass without a word.
      if (latest) print(latest);
    },
  };
}
