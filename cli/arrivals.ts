/** What senders were told against what a sink got. */
import type { Report } from "../ledger/report.ts";
import { ITEM_NAMES, SIGNALS } from "../otlp/signal.ts";
import type { SinkReport } from "../sink/report.ts";
import { grouped } from "../terminal/figures.ts";

/** Signals of which not as much arrived as was accepted, a line each. */
export function arrivalGaps({ signals }: Pick<Report, "signals">, received: SinkReport): string[] {
  return SIGNALS.flatMap((signal) => {
    const [accepted, arrived] = [signals[signal]?.accepted ?? 0, received.signals[signal].received];
    if (accepted === arrived) return [];
    return `${grouped(accepted)} ${ITEM_NAMES[signal]} were accepted, ${grouped(arrived)} arrived`;
  });
}
