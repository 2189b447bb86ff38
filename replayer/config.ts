/**
 * The replayer's config file: keys, types, defaults. `replayer/settings.ts` resolves it, with flags and environment, to what
 * a run does. What `.meta()` says of keys goes into the documents, as generator/config.ts explains.
 */
import { z } from "zod";
import { duration } from "../config/units.ts";
import { otlp } from "./config/otlp.ts";
import { sending } from "./config/sending.ts";
import { filePath, ledgerUrl, listenAddress, MAX_RATE, wholeNumber } from "./config/values.ts";

export { OTLP_DEFAULTS } from "./config/otlp.ts";

const DAY_MS = 86_400_000;

const template = (signal: string) =>
  filePath.optional().meta({
    description: `template file of ${signal}: frames (\`.pb\`) or OTLP/JSON (\`.json\`)`,
    absent: `no ${signal} are sent; without any input, a default set is generated into the user's cache`,
    flag: "--input DIRECTORY",
    example: `./generated/telemetry-${signal}.pb`,
  });

/** The whole file. An empty mapping is a valid file. */
export const replayerConfigSchema = z
  .strictObject({
    input: z
      .strictObject({ traces: template("traces"), metrics: template("metrics"), logs: template("logs") })
      .prefault({})
      .meta({ description: "What to send." }),
    otlp,
    sending,
    metrics: z
      .strictObject({
        interval: duration().prefault("10s").meta({
          description:
            "between two points of one series, above 0; a higher rate makes more series, not more points of each",
          example: "60s",
        }),
        datapoints_per_metric_per_minute: z.number().min(0).max(MAX_RATE).default(0).meta({
          description:
            "sets the rate of data points: this times the template's metric names; 0: by the rate limit",
          example: 20_000,
        }),
      })
      .refine((metrics) => metrics.interval > 0, { error: "must be a duration above 0", path: ["interval"] })
      .prefault({})
      .meta({ description: "How often a series has a point, and how many series there are." }),
    timestamps: z
      .strictObject({
        jitter_ms: z.number().min(0).max(DAY_MS).default(1000).meta({
          description:
            "milliseconds: ends of traces, and logs, lie up to so long before the moment of their request",
          example: 250,
        }),
        backdate_ms: z
          .number()
          .min(0)
          .max(3650 * DAY_MS)
          .default(0)
          .meta({
            description: "milliseconds by which everything lies further in the past",
            example: 3_600_000,
          }),
      })
      .prefault({})
      .meta({ description: "Where items lie in time." }),
    seed: wholeNumber.optional().meta({
      description:
        "key of ids and values; the sink needs the same. With `replica` too, a run repeats itself, times aside",
      absent: "0",
      flag: "--seed",
      example: 7,
    }),
    replica: z
      .string()
      .refine((text) => parseReplica(text) !== undefined, {
        error: "must be I/N with I from 0 to N - 1, such as 0/3",
      })
      .optional()
      .meta({
        description: "`I/N`: this is replica I of N, counted from 0, and sends one N-th",
        absent: "alone, or learnt from the fleet",
        flag: "--replica",
        pattern: "^\\s*[0-9]{1,9}/[0-9]{1,9}\\s*$",
        example: "0/3",
      }),
    report: filePath.optional().meta({
      description: "where to write the report, as JSON; a path that ends in `/` is a directory",
      absent: "nowhere",
      flag: "--report",
      example: "report.json",
    }),
    ledger: ledgerUrl().optional().meta({
      description:
        "`http://host:port` of the [ledger service](ledger.md#the-service), which is told of this replica once a second; sending goes on without it",
      absent: "nobody is told",
      flag: "--ledger",
      example: "http://127.0.0.1:4330",
    }),
    metrics_server: z
      .strictObject({
        listen: listenAddress().optional().meta({
          description:
            "`host:port` of `/metrics`, for Prometheus, and `/healthz`; a port alone is one of loopback, 0 any free one",
          absent: "they are not served",
          flag: "--metrics-listen",
          example: "127.0.0.1:9464",
        }),
        allow_hosts: z
          .array(z.string().regex(/^[\w.-]{1,253}$/))
          .default([])
          .meta({
            description:
              "names that they may be asked by, besides addresses, names without dots, and private ones such as `.local`, `.internal`, `.svc` ([security](security.md#pages-of-others-in-your-browser))",
            flag: "--metrics-allow-host",
            expected: "names of hosts, such as [bench.example.org]",
            short: "names",
            example: ["bench.example.org"],
          }),
      })
      .prefault({})
      .meta({ description: "What the replayer tells of itself ([observing](observing.md))." }),
  })
  .superRefine((config, context) => {
    const { max_request_bytes, max_in_flight_bytes } = config.sending;
    if (max_in_flight_bytes < max_request_bytes) {
      context.addIssue({
        code: "custom",
        path: ["sending", "max_in_flight_bytes"],
        message: `must be at least sending.max_request_bytes (${max_request_bytes}), or no request fits`,
      });
    }
  });

/** A replayer file with its defaults: durations in ms, sizes in bytes, names as in the file. */
export type ReplayerConfig = z.output<typeof replayerConfigSchema>;

/** Index and count of `I/N`; undefined when the text is not that. */
export function parseReplica(text: string): { index: number; count: number } | undefined {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text.trim());
  if (!match) return undefined;
  const [index, count] = [Number(match[1]), Number(match[2])];
  return index < count ? { index, count } : undefined;
}
