/**
 * Keys of the section `traces`, but for those of the services.
 */
import { z } from "zod";
import { MAX_FRAME_BYTES } from "../../template/frames.ts";
import { services } from "./services.ts";
import { MAX_ITEMS, name, percentage } from "./values.ts";

/** A span has to find room in a frame, beside others. */
const MAX_FAT_BYTES = MAX_FRAME_BYTES / 2;

/** Absent: off. Written down without `enabled`: wanted. */
const enabled = z.boolean().default(true).meta({
  description: "switches it off without losing the rest; a section that is written down is on",
  example: false,
});

const highSpanTraces = z
  .strictObject({
    enabled,
    count: z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .default(10)
      .meta({ description: "how many of them, on top of `traces.count`", example: 2 }),
    span_count: z
      .number()
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .meta({ description: "spans of each, exactly; memory does not grow with it", example: 500_000 }),
  })
  .prefault({ enabled: false })
  .meta({ description: "Traces of very many spans, spread evenly among the usual ones. Absent: none." });

const spans = z
  .strictObject({
    avg_per_trace: z.number().min(1).max(100_000).default(15).meta({
      description: "mean of the normal distribution that spans per trace follow; every trace has at least 1",
      example: 40,
    }),
    std_dev: z.number().min(0).max(100_000).default(5).meta({
      description: "its standard deviation, in spans; 0: all traces of usual size are equally large",
      example: 12,
    }),
    error_rate: z.number().min(0).max(1).default(0.01).meta({
      description: "share of all spans that have the status Error; failures travel up to their callers",
      example: 0.05,
    }),
    high_span_traces: highSpanTraces,
  })
  .prefault({})
  .meta({ description: "How large traces are, and how many of their spans fail." });

const customAttributes = z
  .strictObject({
    count: z.number().int().min(0).max(1000).default(10).meta({
      description:
        "attributes beside the conventional ones: names and types are fixed for the run, values vary",
      example: 25,
    }),
    probability: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .meta({ description: "that a span has a given one of them", example: 0.8 }),
    per_span_min: z
      .number()
      .int()
      .min(0)
      .max(2000)
      .default(0)
      .meta({ description: "fat spans: at least so many attributes more on every span", example: 20 }),
    per_span_max: z
      .number()
      .int()
      .min(0)
      .max(2000)
      .default(0)
      .meta({ description: "fat spans: at most so many; 0: none", example: 40 }),
    value_bytes: z
      .number()
      .int()
      .min(1)
      .max(65_535)
      .default(64)
      .meta({ description: "fat spans: bytes of each of these values, a text", example: 256 }),
    key_prefix: name.default("fat").meta({
      description: "fat spans: their names are `<key_prefix>.0`, `.1`, ...",
      example: "app.blob",
    }),
  })
  .superRefine(({ per_span_min, per_span_max, value_bytes, key_prefix }, context) => {
    const problem = (message: string) =>
      context.addIssue({ code: "custom", path: ["per_span_max"], message });
    if (per_span_max < per_span_min) {
      problem(`must not be below per_span_min (${per_span_min}), found ${per_span_max}`);
    }
    // 20: the number in the key, and what protobuf puts around keys and values.
    if (per_span_max * (value_bytes + Buffer.byteLength(key_prefix) + 20) > MAX_FAT_BYTES) {
      problem(
        `a span would have more than ${MAX_FAT_BYTES} bytes, found ${per_span_max} attributes of ${value_bytes} bytes; lower one of them`,
      );
    }
  })
  .prefault({})
  .meta({ description: "Attributes of the application's own on spans, and spans made fat on purpose." });

/** The section `traces`. */
export const traces = z
  .strictObject({
    count: z.number().int().min(0).max(MAX_ITEMS).default(10_000).meta({
      description: "traces of usual size; high-span traces come on top. Neither of them: no trace file",
      example: 500,
    }),
    spans,
    services,
    custom_attributes: customAttributes,
    semconv: z.enum(["stable", "old", "dup"]).default("stable").meta({
      description:
        "names of attributes: the stable conventions, those before them (`http.method`, `db.statement`, ...), or both at once",
      example: "dup",
    }),
    root: z
      .strictObject({
        rootless: z
          .strictObject({
            enabled,
            percentage: percentage
              .default(0)
              .meta({ description: "of all traces: so many have no root", example: 5 }),
          })
          .prefault({ enabled: false })
          .meta({ description: "Traces whose top spans name a parent that is never sent. Absent: none." }),
        late_root: z
          .strictObject({
            enabled,
            percentage: percentage.default(0).meta({
              description:
                "of all traces: so many have a late root; rootless ones and those of one span have none",
              example: 10,
            }),
            delay_ms: z.number().min(0).max(86_400_000).default(0).meta({
              description:
                "milliseconds by which the replayer sends the root after the rest of its trace; 0: at once, in a request of its own",
              example: 5000,
            }),
          })
          .prefault({ enabled: false })
          .meta({
            description:
              "Traces whose root leaves later than the rest, as a tail sampler has to wait for it. Absent: none.",
          }),
      })
      .prefault({})
      .meta({ description: "What holds traces longer in the cache of a tail sampler." }),
  })
  .prefault({})
  .meta({ description: "The trace file, and the services that all three signals come from." });
