/**
 * Flags that say how fast a run goes and how large its requests are. `replay` goes by them, and `freeze` makes requests for them.
 */
import { type Command, Option } from "commander";
import { formatPath } from "../config/problem.ts";
import { type RateLimitConfig, rateLimit } from "../replayer/config/rate-limit.ts";
import type { ReplayerConfig } from "../replayer/config.ts";
import { CliError } from "./exit.ts";
import { parsePositive, parseRate, parseSteps, parseTime, parseWhole } from "./options.ts";

/** What commander makes of the flags. Times in ms, rates in events per second. */
export interface RateOptions {
  rate?: number;
  duration?: number;
  count?: number;
  batchSize?: number;
  ramp?: number;
  steps?: { rate: number; for?: string }[];
  burst?: boolean;
  sine?: boolean;
  curve?: string;
  normal?: number;
  peak?: number;
  period?: number;
  width?: number;
  poisson?: boolean;
}

/** Add the flags to a command. */
export function addRateOptions(command: Command): Command {
  const options = [
    new Option(
      "--rate <n>",
      "events a second of the whole fleet, such as 250k or 15M; 0 = as fast as the target takes it",
    ).argParser(parseRate),
    new Option("--ramp <time>", "begin at 0 and come to --rate over so long").argParser(parseTime),
    new Option(
      "--steps <list>",
      "rates, each with its time: 1000@1m,5000@2m,800; the last one stays",
    ).argParser(parseSteps),
    new Option("--burst", "--normal, with --peak for the last --width of every --period"),
    new Option("--sine", "a wave from --normal to --peak and back, every --period"),
    new Option("--curve <file>", "CSV: seconds,events a second; straight lines between the points"),
    new Option("--normal <n>", "events a second at the least; default --rate").argParser(parseRate),
    new Option("--peak <n>", "events a second at the most").argParser(parseRate),
    new Option("--period <time>", "of --burst and --sine, default 60s").argParser(parseTime),
    new Option("--width <time>", "of a burst, default 5s").argParser(parseTime),
    new Option("--poisson", "at random moments, with that rate as the mean"),
    new Option("--duration <time>", "such as 30s, 10m, 1h30m; 0 = no limit").argParser(parseTime),
    new Option("--count <n>", "events in all, exact to the item; 0 = no limit").argParser(parseWhole),
    new Option("--batch-size <n>", "traces, data points or log records per request").argParser(parsePositive),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** A config's section `sending` with the flags over it. Throws CliError where flags do not go together. */
export function layRateOver(sending: ReplayerConfig["sending"], options: RateOptions) {
  const { batchSize } = options;
  return {
    ...sending,
    rate_limit: layLawOver(sending.rate_limit, options),
    batch_size:
      batchSize === undefined
        ? sending.batch_size
        : { traces: batchSize, metrics: batchSize, logs: batchSize },
    duration: options.duration ?? sending.duration,
    total: options.count ?? sending.total,
  };
}

const LAWS = ["ramp", "steps", "burst", "sine", "curve"] as const;
const WAVE = ["normal", "peak", "period", "width"] as const;

/** Whether any flag says how fast to send. */
export function saysRate(options: RateOptions): boolean {
  return options.rate !== undefined || LAWS.some((name) => options[name] !== undefined);
}

/** A flag that says how fast, such as --rate or --burst, wins over whatever law the file has; --poisson goes with any. */
function layLawOver(file: RateLimitConfig, options: RateOptions): RateLimitConfig {
  const laws = LAWS.filter((name) => options[name] !== undefined);
  if (laws.length > 1) throw new CliError(`${laws.map(flagOf).join(" and ")}: only one law can hold`);
  const law = laws[0];
  checkWaveFlags(law, options);
  if ((law === "steps" || law === "curve") && options.rate !== undefined) {
    throw new CliError(`--rate and --${law}: the rates are those of --${law}; leave out --rate`);
  }
  const isFromFlags = saysRate(options);
  if (!isFromFlags && !options.poisson) return file;
  const poisson = options.poisson ?? file.law.poisson;
  if (!isFromFlags && LAWS.some((name) => file.law[name] !== undefined)) {
    return { ...file, law: { ...file.law, poisson } };
  }
  const result = rateLimit.safeParse({
    events_per_second: options.rate ?? file.events_per_second,
    law: { ...(law && { [law]: writtenLaw(law, options) }), poisson },
  });
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  // Of law.burst.width the user has written --width.
  const flag = path.findLast((step): step is string => typeof step === "string" && step in options);
  throw new CliError(
    `${flag === undefined ? `--${law ?? "rate"}` : flagOf(flag)}: ${message} (${formatPath(path)})`,
  );
}

function checkWaveFlags(law: (typeof LAWS)[number] | undefined, options: RateOptions): void {
  for (const name of WAVE) {
    if (options[name] === undefined || law === "burst") continue;
    if (law === "sine" && name !== "width") continue;
    const needed = name === "width" ? "--burst" : "--burst or --sine";
    throw new CliError(`--${name}: goes with ${needed} only`);
  }
  if ((law === "burst" || law === "sine") && options.peak === undefined) {
    throw new CliError(`--${law}: needs --peak, the events a second at the most`);
  }
}

/** The law's section as a file would have it. */
function writtenLaw(law: (typeof LAWS)[number], options: RateOptions): unknown {
  const { normal, peak, period, width } = options;
  const wave = {
    peak,
    ...(normal !== undefined && { normal }),
    ...(period !== undefined && { period: `${period}ms` }),
  };
  switch (law) {
    case "ramp":
      return { over: `${options.ramp}ms` };
    case "burst":
      return { ...wave, ...(width !== undefined && { width: `${width}ms` }) };
    case "sine":
      return wave;
    default:
      return options[law];
  }
}

const flagOf = (name: string): string => `--${name}`;
