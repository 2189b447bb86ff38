/** Into a real Collector at a fixed rate: the sender's share of a core. One run each of bench/soak. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CollectorRow } from "./results.ts";
import { attempt, type Run } from "./run.ts";

export const COLLECTOR_RUNS = (
  [
    ["http/protobuf", "none"],
    ["http/protobuf", "zstd"],
    ["grpc", "none"],
    ["grpc", "zstd"],
  ] as const
).map(([protocol, compression]) => ({
  name: `collector ${protocol === "grpc" ? "gRPC" : "HTTP"}, ${compression}`,
  protocol,
  compression,
}));
const COLLECTOR_RATE = 100_000;

export async function collectorSection(run: Run): Promise<CollectorRow[]> {
  const rows: CollectorRow[] = [];
  for (const { name, protocol, compression } of COLLECTOR_RUNS.filter(({ name }) => run.wants(name))) {
    run.tell(name);
    const seconds = run.isQuick ? 5 : 30;
    const words = [`--protocol=${protocol}`, `--compression=${compression}`, `--rate=${COLLECTOR_RATE}`];
    const result = await attempt(run, name, () =>
      soak([...words, "--backend=nop", `--duration=${seconds}s`]),
    );
    if (!result) continue;
    const { figures, holds } = result;
    rows.push({
      label: name.replace("collector ", ""),
      eventsPerSecond: figures.eventsPerSecond,
      senderCpuShare: figures.cpuSeconds / seconds,
      maxRssBytes: figures.maxRssMegabytes * 1e6,
      isWhole: holds.counts && holds.balanced,
    });
  }
  return rows;
}

interface SoakResult {
  figures: { eventsPerSecond: number; cpuSeconds: number; maxRssMegabytes: number };
  holds: { counts: boolean; balanced: boolean };
}

/** Its exit code says whether rate and memory hold as well; here the figures say what they are. */
function soak(words: readonly string[]): Promise<SoakResult> {
  const program = fileURLToPath(new URL("./soak/main.ts", import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...words], (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as SoakResult);
      } catch {
        reject(
          new Error(`the run into a Collector failed: ${(stderr || error?.message)?.trim().slice(-500)}`),
        );
      }
    });
  });
}
