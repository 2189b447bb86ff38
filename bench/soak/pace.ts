/**
 * Is what arrives what the law says? Every law at about 20,000 events a second, over both protocols, into a receiver in another
 * process: items per second by the receiver's clock against the curve. Then small rates: half an event a second, each at its moment,
 * and the largest tenth of a second at 1,000 a second.
 *
 *   node bench/soak/pace.ts --input generated [--seconds 30] [--protocol grpc] [--only burst]
 *
 * Prints a table; exit code 1 when a claim does not hold. Of the seconds, those count in which the machine left the sender alone, and the
 * second before too; all of them are in the table.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { SIGNALS } from "../../otlp/signal.ts";
import { replayerConfigSchema } from "../../replayer/config.ts";
import { findInputs, prepareInputs } from "../../replayer/inputs.ts";
import { openReplay } from "../../replayer/open-replay.ts";
import type { RateLaw } from "../../replayer/pace/rate-law.ts";
import type { Plan } from "../../replayer/plan.ts";
import { resolveSettings } from "../../replayer/settings.ts";
import type { Arrivals, PaceReceiverPorts } from "./pace-receiver.ts";

/** How far a second may be off its curve. */
const TOLERANCE = 0.01;
/** A tenth of a second may hold so many times its share. */
const MOST_OF_A_TENTH = 3;
const TENTH_MS = 100;
/** How often the sender looks whether it is stalled, and for how long it may be before its second does not count. */
const LOOK_MS = 2;
const STALL_MS = 8;

const { values: flags } = parseArgs({
  options: {
    input: { type: "string" },
    seconds: { type: "string", default: "30" },
    protocol: { type: "string" },
    only: { type: "string" },
  },
});
if (flags.input === undefined) throw new Error("--input DIRECTORY is needed");
const inputs = findInputs(flags.input);
const seconds = Number(flags.seconds);

const LAWS: Record<string, object> = {
  constant: { events_per_second: 20_000 },
  ramp: { law: { ramp: { from: 15_000, to: 25_000, over: `${seconds}s` } } },
  steps: {
    law: { steps: [{ rate: 16_000, for: "7s" }, { rate: 24_000, for: "8s" }, { rate: 20_000 }] },
  },
  burst: { law: { burst: { normal: 16_000, peak: 36_000, period: "10s", width: "2s" } } },
  sine: { law: { sine: { normal: 15_000, peak: 25_000, period: "10s" } } },
  curve: { law: { curve: new URL("pace-curve.csv", import.meta.url).pathname } },
  poisson: { events_per_second: 20_000, law: { poisson: true } },
};
const PROTOCOLS = (["grpc", "http/protobuf"] as const).filter(
  (protocol) => flags.protocol === undefined || flags.protocol === protocol,
);
type Protocol = (typeof PROTOCOLS)[number];

/** What came, in ms since the run began. */
interface Delivered {
  plan: Plan;
  durationMs: number;
  /** Longest time that the sender's process got no turn, by second. */
  stallsMs: number[];
  arrivals: { atMs: number; items: number }[];
}

const child = fork(new URL("./pace-receiver.ts", import.meta.url), [], { execArgv: [] });
const [ports] = (await once(child, "message")) as [PaceReceiverPorts];
let holds = true;
const row = (...cells: (string | number)[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
try {
  if (flags.only !== "small") {
    row("law", "protocol", "events", "expected", "worst second", "worst of those left alone", "stalls");
    row(..."-------".split(""));
    for (const [name, rate_limit] of Object.entries(LAWS)) {
      if (flags.only !== undefined && flags.only !== name) continue;
      for (const protocol of PROTOCOLS)
        tellSeconds(name, protocol, await deliver(protocol, rate_limit, seconds));
    }
  }
  if (flags.only === undefined || flags.only === "small") {
    for (const protocol of PROTOCOLS) {
      tellMoments(protocol, await deliver(protocol, { events_per_second: 0.5 }, 20));
      tellTenths(protocol, await deliver(protocol, { events_per_second: 1000 }, seconds));
    }
  }
} finally {
  child.disconnect();
}
process.exitCode = holds ? 0 : 1;

async function deliver(protocol: Protocol, rate_limit: object, forSeconds: number): Promise<Delivered> {
  const config = replayerConfigSchema.parse({
    otlp: { endpoint: `http://${ports[protocol]}`, protocol },
    sending: { rate_limit, duration: `${forSeconds}s` },
  });
  const settings = resolveSettings(config, {});
  const prepared = await prepareInputs(inputs, settings);
  const job = { settings, ...prepared, replica: { index: 0, count: 1 }, isIndexLasting: false };
  // Connections and code are warm when it counts, as they are in the second second of any run.
  const short = { ...job, settings: { ...settings, durationMs: 1000 } };
  const warm = await openReplay(short);
  await warm.replay.run();
  await warm.transport.close();
  const { replay, plan, transport } = await openReplay(job);
  await ask("begin");
  const beganMs = performance.timeOrigin + performance.now();
  const stallsMs: number[] = [];
  const stopLooking = lookForStalls(stallsMs);
  await replay.run();
  stopLooking();
  await transport.close();
  const { atMs, items } = (await ask("tell")) as Arrivals;
  const arrivals = atMs.map((at, n) => ({ atMs: at - beganMs, items: items[n]! }));
  return { plan, durationMs: forSeconds * 1000, stallsMs, arrivals };
}

async function ask(order: "begin" | "tell"): Promise<unknown> {
  const answer = once(child, "message");
  child.send(order);
  return (await answer)[0];
}

/** Notes how long the process has to wait for its turn, by second: a machine that does something else stalls it. */
function lookForStalls(stallsMs: number[]): () => void {
  const beganMs = performance.now();
  let before = beganMs;
  const timer = setInterval(() => {
    const now = performance.now();
    const second = Math.floor((before - beganMs) / 1000);
    stallsMs[second] = Math.max(stallsMs[second] ?? 0, now - before - LOOK_MS);
    before = now;
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function tellSeconds(name: string, protocol: Protocol, delivered: Delivered): void {
  const { plan, durationMs, arrivals, stallsMs } = delivered;
  const due = dueOf(plan);
  const seconds = Array.from({ length: durationMs / 1000 }, (_, second) => {
    const came = between(arrivals, second * 1000, (second + 1) * 1000);
    const expected = due((second + 1) * 1000) - due(second * 1000);
    // What a stall holds back comes in the next second.
    const isStalled = Math.max(stallsMs[second] ?? 0, stallsMs[second - 1] ?? 0) > STALL_MS;
    return { second, off: came / expected - 1, isStalled };
  });
  const alone = seconds.filter(({ isStalled }) => !isStalled);
  holds &&= alone.every(({ off }) => Math.abs(off) <= TOLERANCE);
  const worstOf = (some: typeof seconds) => {
    const worst = some.toSorted((a, b) => Math.abs(b.off) - Math.abs(a.off))[0];
    return worst ? `${(worst.off * 100).toFixed(2)} % (second ${worst.second})` : "none";
  };
  const isRandom = plan.lanes.traces!.items === Number.POSITIVE_INFINITY;
  row(
    name,
    protocol,
    between(arrivals, 0, Number.POSITIVE_INFINITY),
    Math.round(isRandom ? due(durationMs) : plan.law!.dueItems(durationMs)),
    worstOf(seconds),
    `${worstOf(alone)} of ${alone.length}`,
    `${Math.max(...stallsMs).toFixed(0)} ms at the most`,
  );
}

function tellMoments(protocol: Protocol, { plan, arrivals }: Delivered): void {
  const moments = momentsOf(plan);
  const came = arrivals.flatMap(({ atMs, items }) => Array.from({ length: items }, () => atMs));
  const off = came.map((atMs, n) => Math.abs(atMs - (moments[n] ?? Number.NaN)));
  const fits = came.length === 10 && off.every((ms) => ms < TENTH_MS);
  holds &&= fits;
  process.stdout.write(
    `0.5/s for 20 s, ${protocol}: ${came.length} events, at ${came.map((ms) => (ms / 1000).toFixed(2)).join(" ")} s, each within ${Math.max(...off).toFixed(0)} ms of its moment\n`,
  );
}

function tellTenths(protocol: Protocol, { arrivals }: Delivered): void {
  const most = arrivals.reduce(
    (most, { atMs }) => Math.max(most, between(arrivals, atMs, atMs + TENTH_MS)),
    0,
  );
  const share = (1000 * TENTH_MS) / 1000;
  holds &&= most <= MOST_OF_A_TENTH * share;
  process.stdout.write(
    `1,000/s, ${protocol}: the fullest 100 ms, wherever it begins, has ${most} events, ${(most / share).toFixed(2)} times its share\n`,
  );
}

/** Items that all lanes have due by a moment: with their turns, and random arrivals as they were drawn. */
function dueOf({ lanes }: Plan): RateLaw["dueItems"] {
  const laws = SIGNALS.flatMap((signal) => lanes[signal]?.law ?? []);
  return (elapsedMs) => laws.reduce((sum, law) => sum + law.dueItems(elapsedMs), 0);
}

function momentsOf({ lanes }: Plan): number[] {
  const moments = SIGNALS.flatMap((signal) => {
    const lane = lanes[signal];
    // A trace leaves with its first span; so few are of one.
    const momentOf = (n: number) => lane!.law!.momentMs(signal === "traces" ? 0 : n);
    return Array.from({ length: lane?.items ?? 0 }, (_, n) => momentOf(n));
  });
  return moments.sort((a, b) => a - b);
}

function between(arrivals: Delivered["arrivals"], fromMs: number, toMs: number): number {
  return arrivals.reduce((sum, { atMs, items }) => sum + (atMs >= fromMs && atMs < toMs ? items : 0), 0);
}
