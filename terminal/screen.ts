/**
 * A picture on a terminal, drawn again in its own place, with lines that stay above it.
 *
 * It changes nothing that would have to be restored: the cursor stays visible and lines wrap, so there is nothing to put right on any way
 * out, not even after kill -9.
 */
import { createLogUpdate } from "log-update";
import { plainText, printable, type Row, renderRows, wrapWords } from "./cell.ts";
import type { OutputStream } from "./view.ts";
import type { Size } from "./view-model.ts";

/** An open picture; whoever opened it closes it. */
export interface Screen {
  /** Take the picture away, and draw what it is now. Does nothing once closed. */
  draw(): void;
  /** Print a line that stays, above the picture. */
  note(text: string): void;
  /** Others have written on the screen: draw below that. */
  redraw(): void;
  /** Leave the picture as it is, the cursor below it. Harmless when repeated. */
  close(): void;
  /** Take the picture away for good. */
  clear(): void;
}

/** picture  what is to be seen on a terminal of that size; undefined while there is nothing */
export function openScreen(
  stream: OutputStream,
  colour: boolean,
  picture: (size: Size) => Row[] | undefined,
): Screen {
  const screen = createLogUpdate(stream, { showCursor: true });
  let drawn: Row[] = [];
  let isOpen = true;

  /** Nothing is on the screen that would have to be taken away. */
  const forget = () => {
    drawn = [];
    screen.done();
  };
  const draw = () => {
    if (!isOpen) return;
    const rows = picture({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 });
    if (!rows) return;
    // One write for both, so that no terminal shows the moment between them. All of it anew, for
    // whoever types a line break into the picture moves it away from where its lines were.
    stream.cork();
    erase();
    drawn = rows;
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
  const end = () => {
    isOpen = false;
    stream.off("resize", draw);
    forget();
  };
  stream.on("resize", draw);
  return {
    draw,
    note(text) {
      // Above the picture. screen.persist() would break words and addresses at the terminal's edge.
      stream.cork();
      erase();
      stream.write(`${wrapWords(printable(text), stream.columns ?? 80).join("\n")}\n`);
      draw();
      stream.uncork();
    },
    redraw() {
      if (!isOpen) return;
      forget();
      draw();
    },
    close() {
      if (!isOpen) return;
      end();
      // What is printed next stands apart from the last picture.
      stream.write("\n");
    },
    clear() {
      if (!isOpen) return;
      erase();
      end();
    },
  };
}
