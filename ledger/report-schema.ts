/**
 * The report: one JSON document that says what became of everything. Its fields are a contract that people script against;
 * docs/report.schema.json is made from the schema here. Apart from report.ts, so that a replayer does not load a validator.
 */
import { z } from "zod";

const count = z.number().nonnegative();

const latencyMs = z
  .strictObject({ p50: count, p90: count, p99: count, p999: count, max: count })
  .describe("Milliseconds from the moment a request was due to its final answer");

const signalReport = z.strictObject({
  intended: count.describe("Items that the schedule asked for: unsent + dropped + sent"),
  unsent: count.describe("Items that were due but never sent"),
  dropped: count.describe(
    "Items left out when freezing, being larger than a request may be, and late roots that found no room",
  ),
  sent: count.describe("Items sent, once each however often retried: accepted + rejected + failed + inDoubt"),
  accepted: count,
  rejected: count.describe("Items refused in a partial success"),
  failed: count.describe(
    "Items refused for good, or still refused when retries were used up, with an answer to every try",
  ),
  inDoubt: count.describe(
    "Items of which some try got no answer and no later one was accepted: the target may have them",
  ),
  requests: count,
  retriedRequests: count,
  compressedRequests: count.describe("Requests whose body was compressed, ahead or on its way"),
  compiledRequests: count.describe("Of these, requests that were compressed ahead, once for all sends"),
  bodyBytes: count.describe("Request bodies before compression, every try"),
  wireBytes: count.describe("Request bodies as they left, compressed, every try"),
  mode: z
    .enum(["compiled", "compressed", "plain"])
    .describe(
      "compiled: compressed once, ahead, as far as it could be; compressed: anew at each send; plain: not",
    ),
  ratio: count.describe("How many times smaller bodies left than they are: bodyBytes / wireBytes"),
  bytesPerItem: count.describe("wireBytes / sent"),
  latencyMs,
  latencyCountsUs: z
    .array(z.tuple([count, count]))
    .describe(
      "Pairs of a latency in microseconds (3 significant digits) and its count: merge these, not the percentiles",
    ),
});

const targetReport = z.strictObject({
  requests: count,
  accepted: count,
  rejected: count,
  failed: count,
  inDoubt: count,
});

export const reportSchema = z
  .strictObject({
    version: z.string().describe("Release of Stampede"),
    startedAt: z.string().describe("Wall-clock time of the first request, RFC 3339"),
    signals: z.strictObject({
      traces: signalReport.optional(),
      metrics: signalReport.optional(),
      logs: signalReport.optional(),
    }),
    lagMs: count.describe("The furthest that sending fell behind its schedule"),
    durationMs: count,
    cpuSeconds: count.describe("Of all processes of this replica"),
    maxRssBytes: count.describe("Sum over its processes"),
    incarnations: z.array(z.string().regex(/^[0-9a-f]{12}$/)),
    replicas: z.int().min(1).describe("Replicas of the fleet, as this one knew it"),
    targets: z.record(z.string(), targetReport),
    answers: z.array(z.strictObject({ code: z.string(), count, message: z.string() })),
    notes: z.array(z.string()),
    balanced: z.boolean().describe("Whether both identities hold for every signal"),
    config: z.unknown().describe("Resolved settings, secrets masked"),
    exitCode: z.int(),
  })
  .describe("What became of every item of a Stampede run");

/** The whole document. */
export type Report = z.infer<typeof reportSchema>;
export type SignalReport = z.infer<typeof signalReport>;
