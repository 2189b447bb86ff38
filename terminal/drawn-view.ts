/** The live view, drawn in place on a terminal. */
import { createLogUpdate } from "log-update";
import { renderRows } from "./cell.ts";
import { RateHistory } from "./rate-history.ts";
import type { LiveView, OutputStream } from "./view.ts";
import { type Headline, totalRate, viewModel } from "./view-model.ts";

export function openDrawnView(headline: Headline, stream: OutputStream, colour: boolean): LiveView {
  // The cursor stays visible: so there is nothing to restore on any way out, not even after kill -9.
  const screen = createLogUpdate(stream, { showCursor: true });
  const history = new RateHistory();
  let drawn = "";
  let open = true;
  return {
    show(sample) {
      if (!open) return;
      history.add(sample.elapsedMs, totalRate(sample));
      drawn = renderRows([[], ...viewModel(headline, sample, history.rates, stream.columns ?? 80)], colour);
      screen(drawn);
    },
    note(text) {
      // Above the picture, and wrapped by the terminal: screen.persist() would break words and addresses at its edge.
      if (open) screen.clear();
      stream.write(`${text}\n`);
      if (open && drawn !== "") screen(drawn);
    },
    close() {
      if (open) {
        screen.done();
        // What is printed next stands apart from the last picture.
        stream.write("\n");
      }
      open = false;
    },
  };
}
