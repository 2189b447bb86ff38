/**
 * Where the soak with faults plays: a proxy, a real Collector behind it, a second proxy, and the sink behind that.
 *
 *   replay -> front proxy -> Collector -> back proxy -> sink, which verifies
 *                                             (or) -> a sink that refuses everything for good
 *
 * The Collector's exporter has no queue and does not retry, so what it accepts has arrived behind it, and what goes wrong behind it the
 * replayer hears of.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { scrapeSelfMetrics } from "../../fleet/ledger/watch/self-metrics.ts";
import type { SinkReport } from "../../sink/report.ts";
import { type Collector, startCollector } from "../../test/collector.ts";
import { startToxiproxy, type ToxicProxy } from "../../test/toxiproxy.ts";

const MAIN = join(import.meta.dirname, "../../cli/main.ts");
const EXPORTER = "exporters::otlp_grpc/sink";
const SETTINGS = [
  `${EXPORTER}::sending_queue::enabled: false`,
  `${EXPORTER}::retry_on_failure::enabled: false`,
  `${EXPORTER}::timeout: 3s`,
];

/** The Collector, which dies and comes back, always at the same addresses. */
export interface Restartable {
  /** End it gracefully. */
  stop(): Promise<void>;
  /** End it with SIGKILL. */
  kill(): Promise<void>;
  /** Start it again; `memoryMebibytes` is what its memory limiter allows. */
  start(memoryMebibytes?: number): Promise<void>;
  hang(): void;
  goOn(): void;
}

export interface Stage {
  /** Where to replay to. */
  endpoint: string;
  /** Between replay and Collector. */
  front: ToxicProxy;
  /** Between Collector and sink. */
  back: ToxicProxy;
  collector: Restartable;
  sink: SinkProcess;
  refusing: SinkProcess;
  /** Note what the Collector has counted so far; before it dies this is all that is left of it. */
  look(): Promise<void>;
  /** Items that the receivers of each life of the Collector said they accepted, when last seen. */
  acceptedByLife(): number[];
  /** End everything; the reports of the two sinks. */
  end(): Promise<{ sink: SinkReport; refusing: SinkReport }>;
  /** End everything at once, for a run that failed. */
  abandon(): Promise<void>;
}

/** A sink in a process of its own. */
export interface SinkProcess {
  pid: number;
  grpc: string;
  hang(): void;
  goOn(): void;
  /** Interrupt it, and read what it says. */
  end(): Promise<SinkReport>;
  kill(): void;
}

/** Start all of it; files go to `directory`. */
export async function openStage(protocol: string, directory: string): Promise<Stage> {
  const sink = await startSinkProcess(join(directory, "sink.json"), "--allow-repeats");
  const refusing = await startSinkProcess(
    join(directory, "refusing.json"),
    "--no-verify",
    "--fault=invalid=1",
  );
  const toxiproxy = await startToxiproxy();
  const back = await toxiproxy.proxy(sink.grpc);
  const start = (memoryMebibytes?: number, ports?: Collector["ports"]) => {
    const environment = {
      COLLECTOR_SINK_ENDPOINT: back.address,
      ...(memoryMebibytes !== undefined && { COLLECTOR_MEMORY_MIB: `${memoryMebibytes}` }),
    };
    return startCollector("sink", environment, SETTINGS, ports);
  };
  let collector = await start();
  const front = await toxiproxy.proxy(protocol === "grpc" ? collector.grpc : collector.http);
  const accepted = [0];
  const look = async () => {
    const life = accepted.length - 1;
    const { counters } = await scrapeSelfMetrics(collector.metricsUrl, 900);
    accepted[life] = counters
      .filter(({ kind, outcome }) => kind === "receiver" && outcome === "accepted")
      .reduce((sum, { items }) => sum + items, 0);
  };
  // One that hangs or is gone has nothing to say.
  const tryToLook = () => look().catch(() => {});
  const close = async () => {
    await collector.dispose();
    await toxiproxy.close();
  };
  return {
    endpoint: `http://${front.address}`,
    front,
    back,
    sink,
    refusing,
    collector: {
      stop: async () => {
        await tryToLook();
        await collector.stop();
        accepted.push(0);
      },
      kill: async () => {
        await collector.kill();
        accepted.push(0);
      },
      start: async (memoryMebibytes) => {
        const { ports } = collector;
        await collector.dispose();
        collector = await start(memoryMebibytes, ports);
      },
      hang: () => collector.hang(),
      goOn: () => collector.goOn(),
    },
    look: tryToLook,
    acceptedByLife: () => [...accepted],
    end: async () => {
      await tryToLook();
      await close();
      return { sink: await sink.end(), refusing: await refusing.end() };
    },
    abandon: async () => {
      sink.kill();
      refusing.kill();
      await close();
    },
  };
}

async function startSinkProcess(report: string, ...flags: string[]): Promise<SinkProcess> {
  const listening = ["--grpc=127.0.0.1:0", "--http=127.0.0.1:0"];
  const child: ChildProcess = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", MAIN, "sink", ...listening, ...flags, `--report=${report}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(child, "exit");
  // Its first words are the addresses.
  const [words] = await once(child.stderr!, "data");
  child.stderr!.resume();
  const grpc = /grpc (\S+),/.exec(String(words))?.[1];
  if (grpc === undefined) throw new Error(`the sink did not start: ${words}`);
  return {
    pid: child.pid!,
    grpc,
    hang: () => void child.kill("SIGSTOP"),
    goOn: () => void child.kill("SIGCONT"),
    end: async () => {
      child.kill("SIGINT");
      await exited;
      return JSON.parse(readFileSync(report, "utf8")) as SinkReport;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
