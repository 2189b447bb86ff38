/** The live view where nothing can be drawn: a line now and then. */
import { progressLine } from "./progress-line.ts";
import type { Sample } from "./sample.ts";
import type { LiveView } from "./view.ts";

/** Where the lines go. */
export interface LineWriter {
  /** The state of a run; `text` says it for people. */
  progress(text: string, sample: Sample): void;
  /** A warning, a change of state. */
  note(text: string): void;
}

/** One line per `lineIntervalMs` of the run's own time, and one at the end. */
export function openLineView(writer: LineWriter, lineIntervalMs: number): LiveView {
  let latest: Sample | undefined;
  let isOpen = true;
  let nextAtMs = lineIntervalMs;
  const print = (sample: Sample) => {
    writer.progress(progressLine(sample), sample);
    latest = undefined;
  };
  return {
    wants: (elapsedMs) => elapsedMs >= nextAtMs,
    show(sample) {
      latest = sample;
      if (sample.elapsedMs < nextAtMs) return;
      nextAtMs = (Math.floor(sample.elapsedMs / lineIntervalMs) + 1) * lineIntervalMs;
      print(sample);
    },
    note: (text) => writer.note(text),
    redraw() {},
    close(last) {
      // What came since the last line: a short run would else pass without a word.
      if (isOpen && (last ?? latest)) print((last ?? latest)!);
      isOpen = false;
    },
  };
}
