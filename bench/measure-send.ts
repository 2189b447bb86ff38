/** One round of a cell: fresh sending processes against the discarding receiver. */
import { replayerConfigSchema } from "../replayer/config.ts";
import type { ReplayJob } from "../replayer/job.ts";
import { resolveSettings } from "../replayer/settings.ts";
import type { Receiver } from "../sink/discard/start-receiver.ts";
import type { SendSpec, StageCell } from "./cells.ts";
import { fixtureOf } from "./cells.ts";
import type { SendFigures } from "./children/run-send.ts";
import { runChild } from "./children/start-child.ts";
import { type Fixtures, MAX_REQUEST_BYTES } from "./fixtures/fixtures.ts";
import { SUBJECTS } from "./fixtures/subjects.ts";

export interface Bench {
  fixtures: Fixtures;
  receiver: Receiver;
  /** Certificates that the receiver's can be checked with. */
  caFile: string;
  /** Of a round; before it, the same sender warms up for `warmMs`. */
  measureMs: number;
  warmMs: number;
  /** Largest templates; a quick run has smaller ones. */
  maxRawBytes: number;
}

/** Figures of a round; of several processes together, memory of the largest. */
export interface Round extends Omit<SendFigures, "mainThreadSeconds"> {
  /** Of the receiver, from the start of the senders to their end, which is a little longer than what was measured. */
  receiverCpuSeconds: number;
}

/** Have the project's own senders run. */
export async function measureSend(bench: Bench, spec: SendSpec, profile = false): Promise<Round> {
  const { path } = await bench.fixtures.get(limited(bench, spec));
  const { warmMs, measureMs } = bench;
  return withReceiver(bench, () =>
    Promise.all(
      Array.from({ length: spec.processes }, (_, index) => {
        const job = jobOf(bench, spec, path, { index, count: spec.processes });
        return runChild({ kind: "send", job, warmMs, measureMs, profile });
      }),
    ),
  );
}

/** Have a part of a sender run, or the whole. */
export async function measureStage(bench: Bench, { stage, spec }: StageCell): Promise<Round> {
  if (stage === "all" || stage === "all but stamping") return measureSend(bench, spec);
  const { path } = await bench.fixtures.get(limited(bench, spec));
  const { target } = jobOf(bench, spec, path, { index: 0, count: 1 }).settings;
  const { warmMs, measureMs } = bench;
  const { signal } = SUBJECTS[spec.subject];
  const task = {
    kind: "stage",
    stage,
    path,
    signal,
    target,
    concurrency: spec.concurrency,
    warmMs,
    measureMs,
  } as const;
  return withReceiver(bench, async () => [await runChild(task)]);
}

/** The fixture of a sender, as large as this run has them. */
export function limited(bench: Bench, spec: SendSpec) {
  const fixture = fixtureOf(spec);
  return { ...fixture, rawBytes: Math.min(fixture.rawBytes, bench.maxRawBytes) };
}

async function withReceiver(bench: Bench, run: () => Promise<SendFigures[]>): Promise<Round> {
  await bench.receiver.begin();
  const all = await run();
  const { cpuSeconds: receiverCpuSeconds } = await bench.receiver.received();
  const sum = (name: "items" | "requests" | "wireBytes" | "lostItems" | "cpuSeconds") =>
    all.reduce((total, figures) => total + figures[name], 0);
  const lostItems = sum("lostItems");
  if (lostItems > 0) throw new Error(`${lostItems} items were not accepted by a receiver that accepts all`);
  return {
    ...all[0]!,
    items: sum("items"),
    requests: sum("requests"),
    wireBytes: sum("wireBytes"),
    cpuSeconds: sum("cpuSeconds"),
    lostItems,
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    maxRssBytes: Math.max(...all.map(({ maxRssBytes }) => maxRssBytes)),
    receiverCpuSeconds,
  };
}

/** What `stampede replay` would hand to a sending process: everything as by default, at full speed and without end. */
function jobOf(bench: Bench, spec: SendSpec, path: string, replica: ReplayJob["replica"]): ReplayJob {
  const config = replayerConfigSchema.parse({
    otlp: {
      endpoint: endpointOf(bench.receiver, spec),
      protocol: spec.protocol,
      compression: spec.compression,
      ...(spec.tls ? { tls: { ca: bench.caFile } } : {}),
    },
    sending: {
      rate_limit: { events_per_second: 0 },
      duration: "0",
      concurrency: spec.concurrency,
      max_request_bytes: MAX_REQUEST_BYTES,
    },
  });
  const { signal } = SUBJECTS[spec.subject];
  return {
    settings: resolveSettings(config, {}),
    frozen: { [signal]: path },
    compiled: {},
    replica,
    isIndexLasting: false,
    notes: [],
  };
}

/** Where the receiver takes what this spec sends. */
export function endpointOf(
  { ports }: Receiver,
  { protocol, tls }: Pick<SendSpec, "protocol" | "tls">,
): string {
  const port = protocol === "grpc" ? (tls ? ports.grpcs : ports.grpc) : tls ? ports.https : ports.http;
  return `${tls ? "https" : "http"}://127.0.0.1:${port}`;
}
