/**
 * A statement: what a replica tells the ledger service of itself, once a second and at its end. Cumulative: each tells all since the
 * replica began, so that one that is lost, late, or comes twice changes nothing.
 *
 * It comes over the network from whoever connects: every list, text and number has a bound. Apart from statement.ts, so that a replayer
 * does not load a validator.
 */
import { z } from "zod";
import { perCounter } from "./counts.ts";
import { reportSchema } from "./report-schema.ts";

/** Bytes of a statement as JSON, at most. A usual one has some 5 kB. */
export const MAX_STATEMENT_BYTES = 1024 * 1024;

/** Counts beyond this are no longer exact, and nobody has counted so far. */
const MAX_COUNT = 2 ** 53;

/** Latencies with their counts; coarse ones (ledger/latency.ts) have no more. */
const MAX_LATENCIES = 1000;
const MAX_TARGETS = 2000;
const MAX_INCARNATIONS = 1000;

const count = z.number().nonnegative().max(MAX_COUNT);
const hex12 = z.string().regex(/^[0-9a-f]{12}$/);
const text = (length: number) => z.string().max(length);

const signal = z.object({
  ...perCounter(() => count),
  // By hand: hundreds of numbers a statement, thousands of statements a second.
  latencyUs: z.custom<number[]>(isFlatPairs, {
    error: `must be latencies in microseconds, each with its count behind it, at most ${MAX_LATENCIES} of them`,
  }),
});

function isFlatPairs(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > 2 * MAX_LATENCIES || value.length % 2 !== 0) return false;
  for (const number of value)
    if (typeof number !== "number" || !(number >= 0 && number <= MAX_COUNT)) return false;
  return true;
}

const target = z.object({
  requests: count,
  accepted: count,
  rejected: count,
  failed: count,
  inDoubt: count,
});

/** Unknown keys are passed over: a newer replica may tell more. */
export const statementSchema = z.object({
  version: z.literal(1),
  life: hex12.describe("This process, from its start to its end; drawn at random"),
  name: text(200).min(1).describe("For people: the host's name, and the process on it"),
  sequence: z.int().min(0).describe("Of the statements of one life: the highest counts"),
  startedAt: text(40).describe("By the replica's clock, RFC 3339; nothing is computed from it"),
  state: z.enum(["running", "paused", "ended"]),
  share: z.object({ index: z.int().min(0), count: z.int().min(1) }).describe("Of the fleet's rate"),
  elapsedMs: count.describe("Since the first request was due"),
  signals: z.object({
    traces: signal.optional(),
    metrics: signal.optional(),
    logs: signal.optional(),
  }),
  targets: z
    .record(text(300), target)
    .refine((targets) => Object.keys(targets).length <= MAX_TARGETS, {
      error: `must have at most ${MAX_TARGETS} addresses`,
    })
    .describe("By the address that answered, items of all signals"),
  lagMs: count,
  worstLagMs: count,
  inFlight: count.describe("Requests without a result"),
  plannedRate: count
    .optional()
    .describe("Events per second that it is to send at this moment; 0: none, or as fast as it goes"),
  config: z
    .unknown()
    .optional()
    .describe("Its resolved settings, secrets masked; where the service wants to know them"),
  processes: count.describe("That send at this moment"),
  cpuSeconds: count,
  rssBytes: count,
  maxRssBytes: count,
  incarnations: z
    .array(hex12)
    .max(MAX_INCARNATIONS)
    .describe("The latest lives of its ids, as the sink names them"),
  answers: z.array(z.object({ code: text(100), count, message: text(2000) })).max(100),
  report: reportSchema.optional().describe("With the last one: the report, its latencies coarse"),
});

/** See statementSchema. */
export type Statement = z.output<typeof statementSchema>;
export type SignalStatement = z.output<typeof signal>;

/** Something that is no statement: which field, what is wrong. */
export class StatementError extends Error {
  override readonly name = "StatementError";
  readonly code = "bad_statement";
}

/** Read a statement. Throws StatementError of one line. */
export function parseStatement(value: unknown): Statement {
  const parsed = statementSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const where = path.length > 0 ? `${path.join(".").slice(0, 200)}: ` : "";
  throw new StatementError(`${where}${message.slice(0, 300)}; a statement of stampede replay is expected`);
}
