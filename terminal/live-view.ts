/**
 * The live view on a terminal, or one line now and then where there is none: JSON for a log collector, plain text on a
 * terminal that cannot draw. It has no clock and no timer: it shows what it
 * is given, when it is given, and goes by the times in the samples.
 */
import { openLineView } from "./line-view.ts";
import { openLineWriter } from "./line-writer.ts";
import { canDraw, type LiveView, type LiveViewOptions } from "./view.ts";

/** Open the view that fits the stream: drawn on a terminal, in lines elsewhere. NO_COLOR is obeyed. */
export async function openLiveView(options: LiveViewOptions): Promise<LiveView> {
  const { stream = process.stderr, env = process.env } = options;
  if (!canDraw(stream, env))
    return openLineView(await openLineWriter(stream), options.lineIntervalMs ?? 5000);
  // Loaded only where there is a terminal: drawing takes 16 MB that a replayer in a container has better uses for.
  const { openDrawnView } = await import("./drawn-view.ts");
  const { headline, ledgerFollows = false } = options;
  return openDrawnView(headline, { stream, colour: !env.NO_COLOR, ledgerFollows });
}
