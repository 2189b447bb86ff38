/** What every live view is: drawn or in lines. */
import type { WriteStream } from "node:tty";
import type { Sample } from "./sample.ts";
import type { Headline } from "./view-model.ts";

/** An open view; whoever opened it closes it. */
export interface LiveView {
  /** Whether a sample of this moment of the run would be seen: making one costs. */
  wants(elapsedMs: number): boolean;
  /** Show a sample; call it 2 to 10 times a second. */
  show(sample: Sample): void;
  /** Print a line that stays: a warning, a change of state. */
  note(text: string): void;
  /** Others have written on the screen (a shell, while this was stopped): draw anew, below that. */
  redraw(): void;
  /** Leave the last state on the screen, the cursor below it. Harmless when repeated. */
  close(last?: Sample): void;
}

/** Where a view goes: a terminal or not. */
export type OutputStream = NodeJS.WritableStream &
  Pick<WriteStream, "cork" | "uncork"> &
  Partial<Pick<WriteStream, "isTTY" | "columns" | "rows">>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a stream is a terminal on which lines can be drawn anew. */
export function canDraw(stream: OutputStream, env: Environment): boolean {
  // A terminal that nobody has given a size (docker run -t without one attached) has 0 columns.
  return stream.isTTY === true && env.TERM !== "dumb" && stream.columns !== 0;
}

export interface LiveViewOptions {
  headline: Headline;
  /** Whether the ledger is printed on the same screen when the view is closed. */
  ledgerFollows?: boolean;
  /** Where to draw; stderr, for stdout is for results. */
  stream?: OutputStream;
  env?: Environment;
  /** Without a terminal: time of the run between two lines. */
  lineIntervalMs?: number;
}
