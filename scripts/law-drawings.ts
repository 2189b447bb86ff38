/**
 * The drawings in docs/pace.md, made from the laws themselves. Behind a line `<!-- drawing of the config above, over 3m -->`, up to
 * `<!-- end of drawing -->`, stands the rate over that time under the YAML block before it, as a chart that GitHub draws.
 */
import { parseConfig } from "../config/load.ts";
import { parseDuration } from "../config/units.ts";
import { fleetLaw } from "../replayer/asked-rate.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import { poisson } from "../replayer/pace/laws/poisson.ts";
import { meanRate } from "../replayer/pace/rate-law.ts";
import { resolveSettings } from "../replayer/settings.ts";

/** The document, from the root of the repository. */
export const DRAWINGS_FILE = "docs/pace.md";

const MARKED =
  /(```yaml\n([\s\S]*?)```\n\s*<!-- drawing of the config above, over (\S+) -->\n)[\s\S]*?(<!-- end of drawing -->)/g;
/** Values of a drawing: enough for the shortest burst in the document. */
const POINTS = 120;

/** The document with its drawings as the laws have them. */
export function withDrawings(document: string): string {
  return document.replace(MARKED, (_, begin: string, yaml: string, time: string, end: string) => {
    return `${begin}${drawing(yaml, parseDuration(time)!)}${end}`;
  });
}

/** Each value is the mean of its stretch of time. Of random arrivals it is what one process would send. */
function drawing(yaml: string, durationMs: number): string {
  const { value } = parseConfig(yaml, DRAWINGS_FILE, replayerConfigSchema, {});
  const settings = resolveSettings(value, {});
  const mean = fleetLaw(settings)!;
  const law = settings.poisson ? poisson(mean, 1) : mean;
  const stepMs = durationMs / POINTS;
  const rates = Array.from({ length: POINTS }, (_, n) => meanRate(law, n * stepMs, (n + 1) * stepMs));
  const top = Math.max(...rates) * 1.1;
  return [
    "```mermaid",
    "xychart-beta",
    `  x-axis "seconds" 0 --> ${durationMs / 1000}`,
    `  y-axis "events/s" 0 --> ${Number(top.toPrecision(2))}`,
    `  line [${rates.map((rate) => Number(rate.toPrecision(4))).join(", ")}]`,
    "```\n",
  ].join("\n");
}
