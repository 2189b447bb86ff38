import { startGrpcServer } from "../otlp/server/grpc/server.ts";
import type { OtlpServer, ServerOptions } from "../otlp/server/handler.ts";
import { startHttpServer } from "../otlp/server/http/server.ts";
import { parseListenAddress } from "../otlp/server/listen.ts";
import type { SinkCounts } from "./counts.ts";
import { type FaultPlan, NO_FAULTS } from "./faults.ts";
import { Receiver } from "./receiver.ts";
import type { SinkReport } from "./report.ts";
import { Verifier } from "./verify/verifier.ts";

/** How a sink is started; every option has a default. */
export interface SinkOptions {
  /** `host:port`, port 0 for any; default 127.0.0.1:4317. False: no gRPC. */
  grpc?: string | false;
  /** `host:port`, port 0 for any; default 127.0.0.1:4318. False: no HTTP. */
  http?: string | false;
  /** Names, besides private ones, that it may be asked by what it has counted; default none. Who sends may use any. */
  allowedHosts?: readonly string[];
  /** False: only count. Default true. */
  verify?: boolean;
  /** The senders' seed; default 0. */
  seed?: number;
  faults?: FaultPlan;
  /** Bodies that come again byte for byte count as repeated, not as double, even when they were answered; default false. */
  allowRepeats?: boolean;
  /** What was sent so long before its sender fell silent counts as doubtful, not missing; default 10,000. */
  doubtMs?: number;
  /** How far ahead of this machine's clock times may be; default 1,000. */
  futureMs?: number;
  /** How old items may be on arrival; default one hour, 0 = any age. */
  maxAgeMs?: number;
  /** Metric series that are tracked, at most; default two million. */
  maxSeries?: number;
  /** Largest body after decompression; default 64 MiB. */
  maxBodyBytes?: number;
  /** Told of every fault of ours while answering; by default it is thrown, which ends the process. */
  onFault?: (fault: unknown) => void;
}

/** A running sink. */
export interface Sink {
  /** `host:port` as bound; empty when the protocol is not served. */
  readonly grpcAddress: string;
  readonly httpAddress: string;
  /** Live counters: they change under the reader's eyes. */
  counts(): SinkCounts;
  /** Everything, verification included; what is in flight between requests looks missing until it is here. */
  report(): SinkReport;
  /** Lets what is in flight finish for `graceMs` (default 1,000) and frees the ports. `report` works afterwards. */
  close(graceMs?: number): Promise<void>;
}

/** Start receiving OTLP. Throws ListenError when an address cannot be had. */
export async function startSink(options: SinkOptions = {}): Promise<Sink> {
  const startedAt = Date.now();
  const verifier = options.verify === false ? undefined : newVerifier(options, startedAt);
  const receiver = new Receiver(options.faults ?? NO_FAULTS, verifier, options.allowRepeats);
  let closedAt: number | undefined;
  const countsNow = () => ({
    startedAt: new Date(startedAt).toISOString(),
    durationMs: (closedAt ?? Date.now()) - startedAt,
    ...structuredClone(receiver.counts),
    faults: { ...receiver.faults },
  });
  const reportNow = () => ({ ...countsNow(), ...verdict(verifier) });
  const looks: Readonly<Record<string, () => object>> = {
    "/ledger": countsNow,
    "/ledger/verified": reportNow,
  };
  const common: Omit<ServerOptions, "host" | "port"> = {
    handle: (request) => receiver.handle(request),
    look: (path) => (Object.hasOwn(looks, path) ? looks[path]!() : undefined),
    ...(receiver.begin === undefined ? {} : { begin: receiver.begin }),
    ...(options.allowedHosts === undefined ? {} : { allowedHosts: options.allowedHosts }),
    onUndelivered: (request, answer) => receiver.undelivered(request, answer),
    onFault: options.onFault ?? throwLater,
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
  };
  const servers: OtlpServer[] = [];
  const serve = async (start: typeof startGrpcServer, address: string | false): Promise<string> => {
    if (address === false) return "";
    const server = await start({ ...common, ...parseListenAddress(address) });
    servers.push(server);
    return server.address;
  };
  const closeAll = async (graceMs?: number) => {
    await Promise.all(servers.map((server) => server.close(graceMs)));
  };
  try {
    const grpcAddress = await serve(startGrpcServer, options.grpc ?? "127.0.0.1:4317");
    const httpAddress = await serve(startHttpServer, options.http ?? "127.0.0.1:4318");
    return {
      grpcAddress,
      httpAddress,
      counts: () => receiver.counts,
      report: () => ({
        ...(grpcAddress === "" ? {} : { grpcAddress }),
        ...(httpAddress === "" ? {} : { httpAddress }),
        ...reportNow(),
      }),
      close: async (graceMs) => {
        closedAt ??= Date.now();
        await closeAll(graceMs);
      },
    };
  } catch (error) {
    await closeAll(0); // one address could be had, the other not
    throw error;
  }
}

function newVerifier(options: SinkOptions, startedAt: number): Verifier {
  return new Verifier({
    seed: options.seed ?? 0,
    doubtMs: options.doubtMs ?? 10_000,
    futureMs: options.futureMs ?? 1000,
    maxAgeMs: options.maxAgeMs ?? 3_600_000,
    maxSeries: options.maxSeries ?? 2_000_000,
    startedAt,
  });
}

function verdict(verifier: Verifier | undefined): Pick<SinkReport, "verification" | "exitCode"> {
  if (verifier === undefined) return { exitCode: 0 };
  const verification = verifier.report();
  return { verification, exitCode: verification.ok ? 0 : 1 };
}

function throwLater(fault: unknown): void {
  setImmediate(() => {
    throw fault;
  });
}
