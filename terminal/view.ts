/** What every live view is: drawn or in lines. */
import type { WriteStream } from "node:tty";
import type { Sample } from "./sample.ts";
import type { Headline } from "./view-model.ts";

/** An open view; whoever opened it closes it. */
export interface LiveView {
  /** Show a sample; call it 2 to 10 times a second. */
  show(sample: Sample): void;
  /** Print a line that stays: a warning, a change of state. */
  note(text: string): void;
  /** Leave the last state on the screen, the cursor below it. Harmless when repeated. */
  close(): void;
}

export interface LiveViewOptions {
  headline: Headline;
  /** Where to draw; stderr, for stdout is for results. */
  stream?: NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "columns">>;
  env?: Readonly<Record<string, string | undefined>>;
  /** Without a terminal: time of the run between two lines. */
  lineIntervalMs?: number;
}
