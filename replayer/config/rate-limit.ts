/**
 * Keys of `sending.rate_limit`: how many events a second, and how that changes over the run.
 */
import { z } from "zod";
import { duration } from "../../config/units.ts";
import { filePath, MAX_RATE } from "./values.ts";

const rate = z.number().min(0).max(MAX_RATE);
const someTime = () => duration().refine((ms) => ms > 0, { error: "must be a duration above 0", path: [] });
const LIMIT = "`events_per_second`";

const ramp = z
  .strictObject({
    from: rate.default(0).meta({ description: "events per second at the start", example: 1000 }),
    to: rate.optional().meta({
      description: "events per second at its end, and from then on",
      absent: LIMIT,
      example: 500_000,
    }),
    over: someTime().meta({
      description: "how long it takes",
      absent: "must be given",
      flag: "--ramp",
      example: "5m",
    }),
  })
  .optional()
  .meta({ description: "From one rate to another, evenly." });

const steps = z
  .array(
    z.strictObject({
      rate: rate.meta({ description: "events per second", example: 1000 }),
      for: someTime().optional().meta({ description: "how long; the last one stays", example: "1m" }),
    }),
  )
  .min(1)
  .max(10_000)
  .optional()
  .meta({
    description: "one rate after the other; the last one stays",
    short: "list of `{rate, for}`",
    expected: "a list of {rate, for}, such as [{rate: 1000, for: 1m}, {rate: 5000}]",
    absent: "no steps",
    flag: "--steps",
    example: [{ rate: 1000, for: "1m" }, { rate: 5000 }],
  });

const normal = rate.optional().meta({
  description: "events per second at the least",
  absent: LIMIT,
  flag: "--normal",
  example: 10_000,
});
const peak = rate.meta({
  description: "events per second at the most",
  absent: "must be given",
  flag: "--peak",
  example: 500_000,
});
const period = someTime().prefault("60s").meta({
  description: "from the beginning of one to that of the next",
  flag: "--period",
  example: "5m",
});

const burst = z
  .strictObject({
    normal,
    peak,
    period,
    width: someTime().prefault("5s").meta({
      description: "how long a burst is; it is the end of each period",
      flag: "--width",
      example: "10s",
    }),
  })
  .optional()
  .meta({ description: "A square wave: the normal rate, and at the end of each period the peak." });

const sine = z
  .strictObject({ normal, peak, period })
  .optional()
  .meta({ description: "A wave between two rates that begins at the lower one." });

const law = z
  .strictObject({
    ramp,
    steps,
    burst,
    sine,
    curve: filePath.optional().meta({
      description:
        "CSV file, a line `seconds,events_per_second` a point; straight lines between them, the last rate stays",
      absent: "no curve",
      flag: "--curve",
      example: "day.csv",
    }),
    repeat: z.boolean().default(false).meta({
      description: "begin ramp, steps or curve again whenever it is through",
      example: true,
    }),
    poisson: z.boolean().default(false).meta({
      description: "random arrivals, with this law or the constant rate as their mean",
      flag: "--poisson",
      example: true,
    }),
  })
  .prefault({})
  .meta({
    description:
      "How the rate changes over the run, of the whole fleet: one of ramp, steps, burst, sine and curve. Without one of them it is constant.",
  });

/** The section. Rules between its keys hold for what flags say, too. */
export const rateLimit = z
  .strictObject({
    events_per_second: rate.default(10_000).meta({
      description: "of all signals and all replicas together; 0: as fast as the target takes it",
      flag: "--rate",
      example: 1_000_000,
    }),
    law,
  })
  .prefault({})
  .superRefine(({ events_per_second, law }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path: ["law", ...path], message });
    const shapes = (["ramp", "steps", "burst", "sine", "curve"] as const).filter((kind) => law[kind]);
    if (shapes.length > 1) {
      refuse([shapes[1]!], `only one law can hold, found ${shapes.join(" and ")}; leave out all but one`);
    }
    if (law.poisson && shapes.length === 0 && events_per_second === 0) {
      refuse(["poisson"], "needs a mean: a law, or events_per_second above 0");
    }
    if (law.repeat && !law.ramp && !law.steps && !law.curve) {
      refuse(["repeat"], "needs one of ramp, steps and curve, which it begins again");
    }
    for (const [at, step] of law.steps?.entries() ?? []) {
      const isLast = at === law.steps!.length - 1;
      if (step.for !== undefined || (isLast && !law.repeat)) continue;
      refuse(["steps", at, "for"], "is missing; only the last step may do without, and not one that repeats");
    }
    if (law.steps?.every((step) => step.rate === 0)) refuse(["steps"], "must have a rate above 0");
    const { ramp: slope, burst: square } = law;
    if (slope && (slope.to ?? events_per_second) === 0 && slope.from === 0) {
      refuse(["ramp"], "must begin or end above 0");
    }
    for (const kind of ["burst", "sine"] as const) {
      const wave = law[kind];
      const low = wave?.normal ?? events_per_second;
      if (!wave || wave.peak >= Math.max(low, 1e-9)) continue;
      const from =
        wave.normal === undefined ? "events_per_second, which `normal` is without its own" : "normal";
      refuse([kind, "peak"], `must be above 0 and not below the normal rate (${low}, from ${from})`);
    }
    if (square && square.width >= square.period) {
      refuse(["burst", "width"], "must be less than the period");
    }
  })
  .meta({ description: "An event is a span, a data point or a log record." });

/** The section with its defaults; durations in ms. */
export type RateLimitConfig = z.output<typeof rateLimit>;
