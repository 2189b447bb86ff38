import type { Answer } from "../../answer.ts";
import { type Endpoint, placeOf } from "../../endpoint.ts";
import type { Compression } from "../../protocol.ts";
import { GRPC_PATHS, type PerSignal, perSignal, type Signal } from "../../signal.ts";
import { type Compress, Packing } from "../compress.ts";
import { DEFAULT_TIMEOUT_MS, type Released, type TargetSettings, type Transport } from "../contract.ts";
import { USER_AGENT } from "../headers.ts";
import { Call, type CallPlan } from "./call.ts";
import { Connection } from "./connection.ts";
import { grpcMetadata } from "./metadata.ts";

/**
 * OTLP/gRPC straight on HTTP/2: unary calls, dealt out to `connections` connections in turn.
 * Throws TargetError for headers that cannot be sent, and for a level that the compression does not have.
 *
 * Not grpc-js, which cannot send a body that is compressed already, copies every body, and takes three times the CPU.
 * Source: grpc/doc/PROTOCOL-HTTP2.md.
 */
export function openGrpcTransport(target: TargetSettings): Transport {
  return new GrpcTransport(target);
}

class GrpcTransport implements Transport {
  readonly #connections: Connection[];
  readonly #packing: Packing;
  readonly #plans: Record<Compression, PerSignal<CallPlan>>;
  #turn = 0;
  #closed = false;

  constructor(target: TargetSettings) {
    const { endpoint, timeoutMs = DEFAULT_TIMEOUT_MS, connections = 1 } = target;
    const metadata = grpcMetadata(target.headers ?? {});
    this.#packing = new Packing(target);
    const plansOf = (encoding: Compression): PerSignal<CallPlan> =>
      perSignal((signal) => ({
        headers: [...new Map([...fixedHeaders(endpoint, signal, encoding, timeoutMs), ...metadata])].flat(),
        compressed: encoding !== "none",
        timeoutMs,
        place: placeOf(endpoint),
      }));
    this.#plans = { none: plansOf("none"), gzip: plansOf("gzip"), zstd: plansOf("zstd") };
    const { tls = {}, connectMs = timeoutMs, maxConnectionAgeMs: maxAgeMs = 0 } = target;
    const limits = { connectMs: Math.min(connectMs, timeoutMs), maxAgeMs };
    this.#connections = Array.from({ length: connections }, () => new Connection(endpoint, tls, limits));
  }

  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: Released,
    ready?: Compression,
  ): void {
    const { compression, compress } = this.#packing;
    const plan = this.#plans[ready ?? compression][signal];
    if (compress && ready === undefined) this.#packAndSend(compress, plan, body, done, released);
    else this.#sendReady(plan, body, done, released);
  }

  // Apart from `send`: a function that makes closures pays for them even where it does not come to it.
  #packAndSend(
    compress: Compress,
    plan: CallPlan,
    body: Buffer,
    done: (answer: Answer) => void,
    released: Released | undefined,
  ): void {
    compress(body, (packed) => this.#sendReady(plan, packed, done), released);
  }

  #sendReady(plan: CallPlan, body: Buffer, done: (answer: Answer) => void, released?: Released): void {
    const call = new Call(plan, body, done, released);
    if (this.#closed) {
      setImmediate(() => call.fail("closed", "the transport was closed"));
      return;
    }
    const connection = this.#connections[this.#turn]!;
    this.#turn = (this.#turn + 1) % this.#connections.length;
    connection.put(call);
  }

  setCompression(compression: Compression): void {
    this.#packing.change(compression);
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const connection of this.#connections) connection.close();
    return Promise.resolve();
  }
}

function fixedHeaders(
  endpoint: Endpoint,
  signal: Signal,
  encoding: Compression,
  timeoutMs: number,
): [string, string][] {
  const headers: [string, string][] = [
    [":method", "POST"],
    [":scheme", endpoint.secure ? "https" : "http"],
    [":authority", endpoint.authority],
    [":path", GRPC_PATHS[signal]],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", USER_AGENT],
    ["grpc-timeout", grpcTimeout(timeoutMs)],
  ];
  return encoding === "none" ? headers : [...headers, ["grpc-encoding", encoding]];
}

/** At most eight digits and a unit. */
function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), 99_999_999)}S`;
}
