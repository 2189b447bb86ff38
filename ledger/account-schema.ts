/**
 * The account: what became of every item of a whole fleet, from the schedule to the backend, as the ledger service tells it. Its fields
 * are a contract that people script against; docs/ledger.schema.json is made from the schema here.
 */
import { z } from "zod";
import { byName } from "./by-name.ts";
import { perCounter } from "./counts.ts";

const count = z.number().nonnegative();
const time = z.string().describe("RFC 3339");
const perSignal = <T extends z.ZodType>(one: T) =>
  z.strictObject({ traces: one.optional(), metrics: one.optional(), logs: one.optional() });

const replicaItems = z
  .strictObject({
    ...perCounter(() => count),
    inFlight: count.describe("Sent by replicas that live, and without a result yet"),
    unanswered: count.describe("Sent by replicas that fell silent, without a result by their last word"),
  })
  .describe("Items and requests as the report of one replica has them, added up");

const latencyMs = z.strictObject({ p50: count, p90: count, p99: count, p999: count, max: count });

const exporterItems = z.strictObject({
  sent: count,
  failed: count.describe("Given up after it was tried"),
  notQueued: count.describe(
    "Found no room in the queue: refused to the sender, or lost behind a batch processor",
  ),
});

const collectorItems = z.strictObject({
  accepted: count,
  refused: count.describe("At the receivers; the replicas try again"),
  exporters: byName(exporterItems).describe(
    "By name. One without counters, as nop is, is not here: not reported is not zero",
  ),
});

const sinkItems = z.strictObject({ received: count, rejected: count, refused: count, repeated: count });

const replicaRow = z.strictObject({
  life: z.string(),
  name: z.string(),
  state: z.enum(["running", "paused", "ended", "lost"]).describe("lost: silent without having ended"),
  share: z.strictObject({ index: z.int(), count: z.int() }),
  startedAt: z.string().describe("By its own clock"),
  heardAt: time,
  sequence: z.int(),
  signals: perSignal(
    z.strictObject({
      intended: count,
      unsent: count,
      dropped: count,
      sent: count,
      accepted: count,
      rejected: count,
      failed: count,
      inDoubt: count,
      retriedRequests: count,
    }),
  ),
  sentPerSecond: count.describe(
    "Items of all signals between its last two statements; 0 once it is lost or has ended",
  ),
  inFlight: count.describe("Requests without a result"),
  lagMs: count,
  cpuSeconds: count,
  cores: count.describe("That it used between its last two statements; 0 once it is lost or has ended"),
  rssBytes: count,
  incarnations: z.array(z.string()),
});

const collectorRow = z.strictObject({
  address: z.string().describe("host:port of its metrics"),
  state: z.enum(["up", "gone"]),
  trouble: z.string().describe("Why it could not be read, when it could not"),
  lives: z.int().describe("How often it was found to have begun at zero, the first time included"),
  readAt: time,
  queued: count,
  queueCapacity: count
    .nullable()
    .describe("Of all its queues; null: not told, as by an exporter without a queue"),
  acceptedPerSecond: count.describe("Items of all signals between its last two readings; 0 once it is gone"),
  refusedPerSecond: count,
  exportedPerSecond: count.describe("Added up over its exporters"),
  cores: count.nullable().describe("That it used between its last two readings; null: not told"),
  rssBytes: count.nullable().describe("null: not told"),
  signals: perSignal(collectorItems),
  acceptedByReplicas: count
    .nullable()
    .describe(
      "Items of all signals that replicas know to be accepted at this host; null where no address of theirs is at it",
    ),
});

const identity = z.strictObject({
  name: z.enum(["intended", "sent", "taken", "sentOn", "received"]),
  signal: z.enum(["traces", "metrics", "logs"]),
  exporter: z.string().optional(),
  left: z.number(),
  right: z.number(),
  difference: z.number().describe("right - left"),
  state: z
    .enum(["holds", "open", "explained", "broken"])
    .describe(
      "open: things are still moving; explained: what differs has a name; broken: nobody knows where it is",
    ),
  text: z.string().describe("What differs and why, for people; empty when it holds"),
});

const loss = z.strictObject({
  where: z.enum(["replica", "replica to collector", "collector", "collector to backend"]),
  signal: z.enum(["traces", "metrics", "logs"]),
  items: count,
  isAtMost: z.boolean().describe("The true number may be smaller"),
  text: z.string(),
});

const steering = z.strictObject({
  isPaused: z.boolean(),
  eventsPerSecond: count.nullable().describe("Of the fleet; null: as each replica was configured"),
  burst: z
    .strictObject({ eventsPerSecond: count, until: time })
    .nullable()
    .describe("Another rate for a while, in place of eventsPerSecond; null: none"),
  isStopped: z.boolean(),
  uses: z.array(z.strictObject({ at: time, from: z.string(), what: z.string() })),
});

export const accountSchema = z
  .strictObject({
    version: z.literal(1),
    release: z.string(),
    startedAt: time,
    at: time,
    state: z
      .enum(["waiting", "running", "settling", "ended"])
      .describe(
        "waiting: for the first replica; settling: all replicas have ended, collectors may not be through",
      ),
    replicas: z.strictObject({
      expected: z.int().nullable(),
      seen: z.int(),
      running: z.int(),
      paused: z.int(),
      ended: z.int(),
      lost: z.int(),
    }),
    signals: perSignal(replicaItems),
    latencyMs: perSignal(latencyMs).describe("From the moment a request was due to its final answer, to 6 %"),
    lagMs: count,
    worstLagMs: count,
    elapsedMs: count.describe("From the first replica's start to the last word of those that have begun"),
    processes: count,
    cpuSeconds: count,
    rssBytes: count,
    answers: z.array(z.strictObject({ code: z.string(), count, message: z.string() })),
    collectors: z
      .strictObject({
        names: z.array(z.string()),
        seen: z.int(),
        up: z.int(),
        gone: z.int().describe("Lives that ended, or do not answer"),
        queued: count.describe("In all queues, in their sizers' units"),
        signals: perSignal(collectorItems),
      })
      .nullable()
      .describe("null: none were to be read"),
    sink: z
      .strictObject({
        up: z.boolean(),
        signals: perSignal(sinkItems),
        verified: z
          .strictObject({ ok: z.boolean(), missingTraces: count, findings: z.array(z.string()) })
          .nullable(),
      })
      .nullable(),
    identities: z.array(identity),
    losses: z.array(loss),
    problems: z
      .array(z.string())
      .describe("What keeps the account from being balanced and all accepted, a line each"),
    notes: z.array(z.string()),
    balanced: z.boolean().nullable().describe("null: things are still moving"),
    exitCode: z.int().nullable().describe("0: balanced and all accepted; 1: not; null: not known yet"),
    control: steering,
    config: z
      .unknown()
      .describe("Resolved settings of the first replica that told them, secrets masked; null: none has told"),
    replicaRows: z.array(replicaRow),
    collectorRows: z.array(collectorRow),
  })
  .describe("What became of every item of a Stampede fleet");

export type Account = z.infer<typeof accountSchema>;
export type Identity = Account["identities"][number];
export type Loss = Account["losses"][number];
