/** The live view, drawn in place on a terminal. */
import { createLogUpdate } from "log-update";
import { renderRows } from "./cell.ts";
import { RateHistory } from "./rate-history.ts";
import type { LiveView, LiveViewOptions } from "./view.ts";
import { type Headline, totalRate, viewModel } from "./view-model.ts";

export function openDrawnView(
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
