/**
 * Keys of the section `sending`: how fast, how large, how long.
 */
import { z } from "zod";
import { byteSize, duration } from "../../config/units.ts";
import type { Effort } from "../compile/zstd/effort.ts";
import { rateLimit } from "./rate-limit.ts";
import { MAX_RATE, wholeNumber } from "./values.ts";

export const EFFORT_NAMES = ["fast", "best"] as const satisfies readonly Effort[];

const batchSize = z.int().min(1).max(1_000_000).optional();
const share = z.number().min(0).max(MAX_RATE).optional();

const retry = z
  .strictObject({
    initial: duration()
      .prefault("500ms")
      .meta({ description: "first pause; each one after it is longer", example: "1s" }),
    max: duration().prefault("30s").meta({ description: "longest pause", example: "5s" }),
    max_elapsed: duration().prefault("60s").meta({
      description: "how long after its first try a request is given up; 0: never",
      example: "5m",
    }),
  })
  .refine((retry) => retry.initial <= retry.max, { error: "initial must not be above max" })
  .prefault({})
  .meta({ description: "Exponential backoff, with jitter, of requests that may be tried again." });

/** The section. */
export const sending = z
  .strictObject({
    rate_limit: rateLimit,
    batch_size: z
      .strictObject({
        traces: batchSize.meta({
          description: "traces per request",
          absent: "100, less where the rate is small",
          flag: "--batch-size",
          example: 20,
        }),
        metrics: batchSize.meta({
          description: "data points per request",
          absent: "1000, less where the rate is small",
          flag: "--batch-size",
          example: 8192,
        }),
        logs: batchSize.meta({
          description: "log records per request",
          absent: "1000, less where the rate is small",
          flag: "--batch-size",
          example: 8192,
        }),
      })
      .prefault({})
      .meta({
        description:
          "How much a request carries, as long as `max_request_bytes` allows it. Where it is not given, a request carries no more than 5 ms of the fleet's rate, or one trace, so that a small rate comes evenly.",
      }),
    concurrency: z.int().min(1).max(10_000).optional().meta({
      description: "requests in flight, at most",
      absent: "50; up to 512 where requests are small, as the rate is",
      flag: "--concurrency",
      example: 8,
    }),
    max_in_flight_bytes: byteSize(64 * 1024)
      .prefault("32MiB")
      .meta({
        description: "bytes of request bodies in flight, at most: a budget beside `concurrency`",
        example: "64MiB",
      }),
    max_request_bytes: byteSize(4096, 1024 ** 3)
      .prefault("3.5MiB")
      .meta({
        description:
          "bytes of one body before compression; the Collector's gRPC receiver refuses 4 MiB. An item larger than that is dropped, named and counted; a larger trace is split over requests",
        example: "1MiB",
      }),
    duration: duration().prefault("10m").meta({
      description:
        "0: no limit. Of duration, multiplier and total the first that is reached ends the run; its first line says which and when",
      flag: "--duration",
      example: "1h30m",
    }),
    multiplier: wholeNumber.default(0).meta({
      description: "passes through the templates, dealt out over the replicas; 0: no limit",
      flag: "--multiplier",
      example: 3,
    }),
    total: wholeNumber.default(0).meta({
      description: "events of the whole fleet, exact to the item; 0: no limit",
      flag: "--count",
      example: 1_000_000,
    }),
    mix: z
      .strictObject({
        traces: share.meta({
          description: "share or rate of spans",
          absent: "none of it, where `mix` is not empty",
          example: 0.5,
        }),
        metrics: share.meta({
          description: "share or rate of data points",
          absent: "none of it, where `mix` is not empty",
          example: 0.2,
        }),
        logs: share.meta({
          description: "share or rate of log records",
          absent: "none of it, where `mix` is not empty",
          example: 0.3,
        }),
      })
      .refine((mix) => Object.keys(mix).length === 0 || Object.values(mix).some((part) => (part ?? 0) > 0), {
        error: "must give at least one signal more than 0, or be empty",
      })
      .prefault({})
      .meta({
        description:
          "Shares of the signals, or events per second of each when any is above 1, which then replace the rate limit. Empty: by items per pass; otherwise a signal that is left out gets none.",
      }),
    deferred: z
      .strictObject({
        drain_timeout: duration().prefault("120s").meta({
          description: "how long the end of a run waits for late roots; 0: not at all",
          example: "10s",
        }),
        max_pending: wholeNumber.default(100_000).meta({
          description: "late roots of this replica that may wait at one time; more are dropped and counted",
          example: 1_000_000,
        }),
      })
      .prefault({})
      .meta({ description: "Late roots, which leave after the rest of their trace." }),
    freeze: z
      .strictObject({
        effort: z.enum(EFFORT_NAMES).default("fast").meta({
          description:
            "how long compiling may look for smaller requests; `best` takes several times as long. `stampede freeze --effort` wins over it. A replay takes what is there, the smallest first",
          example: "best",
        }),
      })
      .prefault({})
      .meta({
        description:
          "Batches that are compiled, so compressed once, where `otlp.compression` is zstd or gzip: by `stampede freeze` ahead, or by a replay of some length while it sends.",
      }),
    max_lag: duration().prefault("30s").meta({
      description: "how far behind its schedule sending may fall and still catch up; what is older is unsent",
      example: "5s",
    }),
    connect_timeout: duration().prefault("60s").meta({
      description: "how long to wait for a target that does not answer at the start; then exit code 3",
      example: "5m",
    }),
    confirm: z.boolean().default(false).meta({
      description:
        "yes, beforehand: needed above 10,000 events/s (or at rate 0) for an address that is neither loopback nor private",
      flag: "--yes",
      example: true,
    }),
    retry,
  })
  .prefault({})
  .meta({ description: "How fast, how much at once, how long." });
