/**
 * The live view, drawn in place on a terminal.
 *
 * It changes nothing that would have to be restored: the cursor stays visible and lines wrap, so there is nothing to put right on any way
 * out, not even after kill -9.
 */
import { createLogUpdate } from "log-update";
import { plainText, type Row, renderRows, wrapWords } from "./cell.ts";
import { RateHistory } from "./rate-history.ts";
import type { Sample } from "./sample.ts";
import type { LiveView, OutputStream } from "./view.ts";
import { type Headline, viewModel } from "./view-model.ts";

interface Options {
  stream: OutputStream;
  colour: boolean;
  /** The ledger comes after the last picture, on the same screen. */
  ledgerFollows: boolean;
}

/** When the time is up nothing more is asked for, and falling rates are no shortfall. */
const plannedIn = ({ remainingMs, targetRate }: Sample) => (remainingMs === 0 ? 0 : targetRate);

export function openDrawnView(headline: Headline, { stream, colour, ledgerFollows }: Options): LiveView {
  const screen = createLogUpdate(stream, { showCursor: true });
  const history = new RateHistory();
  let latest: Sample | undefined;
  let drawn: Row[] = [];
  let isOpen = true;

  /** Nothing is on the screen that would have to be taken away. */
  const forget = () => {
    drawn = [];
    screen.done();
  };
  /** Take the picture away, and draw the latest sample. */
  const draw = () => {
    if (latest === undefined) return;
    const size = { columns: stream.columns ?? 80, rows: stream.rows ?? 24 };
    // One write for both, so that no terminal shows the moment between them. All of it anew, for
    // whoever types a line break into the picture moves it away from where its lines were.
    stream.cork();
    erase();
    drawn = viewModel(headline, latest, history, size, latest.isOver && ledgerFollows);
    screen(renderRows(drawn, colour));
    stream.uncork();
  };
  const erase = () => {
    if (drawn.length === 0) return;
    // A terminal that has become narrower has wrapped the lines that were wider: they are more than were written.
    const columns = Math.max(1, stream.columns ?? 80);
    const height = drawn.reduce(
      (sum, row) => sum + Math.max(1, Math.ceil(plainText(row).trimEnd().length / columns)),
      0,
    );
    stream.write(`\u001B[${height}A\r\u001B[J`);
    forget();
  };
  stream.on("resize", draw);
  return {
    wants: () => true,
    show(sample) {
      if (!isOpen) return;
      // In the first second a rate is made of few requests.
      if (sample.elapsedMs >= 1000) history.add(sample.elapsedMs, sample.total.rate, plannedIn(sample));
      latest = sample;
      draw();
    },
    note(text) {
      // Above the picture. screen.persist() would break words and addresses at the terminal's edge.
      stream.cork();
      erase();
      stream.write(`${wrapWords(text, stream.columns ?? 80).join("\n")}\n`);
      if (isOpen) draw();
      stream.uncork();
    },
    redraw() {
      if (!isOpen) return;
      forget();
      draw();
    },
    close(last) {
      if (!isOpen) return;
      isOpen = false;
      stream.off("resize", draw);
      if (last !== undefined) {
        latest = last;
        draw();
      }
      screen.done();
      // What is printed next stands apart from the last picture.
      stream.write("\n");
      drawn = [];
    },
  };
}
