/**
 * The live view on a terminal, or one line now and then where there is none. It has no clock and no timer: it shows what it
 * is given, when it is given, and goes by the times in the samples.
 */
import type { WriteStream } from "node:tty";
import { openLineView } from "./line-view.ts";
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

/** Open the view that fits the stream: drawn on a terminal, in lines elsewhere. NO_COLOR is obeyed. */
export async function openLiveView(options: LiveViewOptions): Promise<LiveView> {
  const { stream = process.stderr, env = process.env } = options;
  const drawn = stream.isTTY === true && env.TERM !== "dumb";
  if (!drawn) return openLineView(stream, options.lineIntervalMs ?? 5000);
  // Loaded only where there is a terminal: drawing takes 16 MB that a replayer in a container has better uses for.
  const { openDrawnView } = await import("./drawn-view.ts");
  return openDrawnView(options.headline, stream, !env.NO_COLOR);
}
