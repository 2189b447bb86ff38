import type { Answer } from "../answer.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Compression, Protocol } from "../protocol.ts";
import type { Signal } from "../signal.ts";
import type { TlsMaterial } from "../tls.ts";

/** Name and value of every header, as the user wrote them. */
export type Headers = Readonly<Record<string, string>>;

/** Everything needed to talk to one OTLP endpoint. */
export interface TargetSettings {
  endpoint: Endpoint;
  protocol: Protocol;
  /** Default none. */
  compression?: Compression;
  /** gzip 1..9, zstd 1..22; default 1, the fastest. */
  compressionLevel?: number;
  /** Sent with every request; values byte for byte (UTF-8). */
  headers?: Headers;
  tls?: TlsMaterial;
  /** How long one try may take, connecting included, ms; default 10 s. */
  timeoutMs?: number;
  /** gRPC: connections that requests are dealt out to, in turn; default 1. HTTP has one per request in flight. */
  connections?: number;
}

export const DEFAULT_TIMEOUT_MS = 10_000;

/** A way to send encoded requests to one target. */
export interface Transport {
  /**
   * Send one export request, one try.
   *
   * body      the protobuf message: plain, to be compressed as the target's settings or `setCompression` say, or ready, as `ready`
   *           says; belongs to the transport until `released` is called
   * done      called exactly once and never before `send` returned
   * released  called exactly once, as soon as the body is not read any more, no later than `done`: it has been written to the
   *           connection, or compressed. A slow answer then holds no buffer
   * ready     the body is in this compression already, and is sent as it is under that name. Nobody looks inside. `none` is a plain
   *           body that must stay plain
   * Never throws: whatever happens is an answer.
   */
  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: () => void,
    ready?: Compression,
  ): void;
  /** Compress plain bodies in another way from now on, for the target does not take the one of its settings. */
  setCompression(compression: Compression): void;
  /** Close every connection. Requests still in flight are answered as lost. */
  close(): Promise<void>;
}
