/** The live view of a run, drawn in place on a terminal. */
import { RateHistory } from "./rate-history.ts";
import type { Sample } from "./sample.ts";
import { openScreen } from "./screen.ts";
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
  const history = new RateHistory();
  let latest: Sample | undefined;
  const screen = openScreen(
    stream,
    colour,
    (size) => latest && viewModel(headline, latest, history, size, latest.isOver && ledgerFollows),
  );
  return {
    wants: () => true,
    show(sample) {
      // In the first second a rate is made of few requests.
      if (sample.elapsedMs >= 1000) history.add(sample.elapsedMs, sample.total.rate, plannedIn(sample));
      latest = sample;
      screen.draw();
    },
    note: (text) => screen.note(text),
    redraw: () => screen.redraw(),
    close(last) {
      if (last !== undefined) {
        latest = last;
        screen.draw();
      }
      screen.close();
    },
  };
}
