/**
 * The live view on a terminal, or one line now and then where there is none. It has no clock and no timer: it shows what it
 * is given, when it is given, and goes by the times in the samples.
 */
import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import { renderRows } from "./cell.ts";
import { progressLine } from "./progress-line.ts";
import { RateHistory } from "./rate-history.ts";
import type { Sample } from "./sample.ts";
import { type Headline, totalRate, viewModel } from "./view-model.ts";

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
export function openLiveView(options: LiveViewOptions): LiveView {
  const { stream = process.stderr, env = process.env } = options;
  const drawn = stream.isTTY === true && env.TERM !== "dumb";
  return drawn
    ? openDrawnView(options.headline, stream, !env.NO_COLOR)
    : openLineView(stream, options.lineIntervalMs ?? 5000);
}

function openDrawnView(
  headline: Headline,
  stream: NonNullable<LiveViewOptions["stream"]>,
  colour: boolean,
): LiveView {
  // The cursor stays visible: so there is nothing to restore on any way out, not even after kill -9.
  const screen = createLogUpdate(stream, { showCursor: true });
  const history = new RateHistory();
  let open = true;
  return {
    show(sample) {
      if (!open) return;
      history.add(sample.elapsedMs, totalRate(sample));
      screen(renderRows([[], ...viewModel(headline, sample, history.rates, stream.columns ?? 80)], colour));
    },
    note(text) {
      if (open) screen.persist(text);
      else stream.write(`${text}\n`);
    },
    close() {
      if (open) screen.done();
      open = false;
    },
  };
}

function openLineView(stream: NodeJS.WritableStream, lineIntervalMs: number): LiveView {
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
