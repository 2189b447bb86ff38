import {
  Client,
  type ClientWritableStream,
  compressionAlgorithms,
  credentials,
  type Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Answer } from "../../answer.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { Compression } from "../../protocol.ts";
import { GRPC_PATHS, type PerSignal, perSignal, type Signal } from "../../signal.ts";
import { TargetError } from "../../target-error.ts";
import type { TlsMaterial } from "../../tls.ts";
import { DEFAULT_TIMEOUT_MS, type TargetSettings, type Transport } from "../contract.ts";
import { USER_AGENT } from "../headers.ts";
import { answerOfSuccess } from "../reply.ts";
import { type BodyMeter, bodyMeter } from "./body-meter.ts";
import { noteCopied } from "./frame-garbage.ts";
import { answerOfFailure } from "./grpc-answer.ts";
import { grpcMetadata } from "./metadata.ts";
import { tlsCredentials } from "./tls-credentials.ts";

/** Flag and length in front of every gRPC message. */
const MESSAGE_HEADER_BYTES = 5;

/**
 * OTLP/gRPC with grpc-js: unary calls, dealt out to `connections` channels in turn.
 * Throws TargetError for headers that cannot be sent and for zstd, which grpc-js has no way to send.
 */
export function openGrpcTransport(target: TargetSettings): Transport {
  return new GrpcTransport(target);
}

class GrpcTransport implements Transport {
  readonly #clients: Client[];
  readonly #metadata: Metadata;
  readonly #endpoint: Endpoint;
  readonly #timeoutMs: number;
  readonly #meters: PerSignal<BodyMeter> | undefined;
  #turn = 0;
  #closed = false;

  constructor(target: TargetSettings) {
    const { endpoint, compression = "none", timeoutMs = DEFAULT_TIMEOUT_MS, connections = 1 } = target;
    if (compression === "zstd") {
      throw new TargetError(
        "bad_compression",
        "compression zstd cannot be sent over gRPC; use gzip or none, or protocol http/protobuf",
      );
    }
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.#metadata = grpcMetadata(target.headers ?? {});
    this.#clients = Array.from({ length: connections }, () =>
      openClient(endpoint, compression, target.tls ?? {}),
    );
    if (compression !== "none") {
      this.#meters = perSignal((signal) => bodyMeter(endpoint.authority, GRPC_PATHS[signal]));
    }
  }

  send(signal: Signal, body: Buffer, done: (answer: Answer) => void, released?: () => void): void {
    if (this.#closed) {
      setImmediate(() => {
        released?.();
        done(this.#closedAnswer());
      });
      return;
    }
    const client = this.#clients[this.#turn]!;
    this.#turn = (this.#turn + 1) % this.#clients.length;
    let headers = false;
    let release = released;
    const releaseOnce = () => {
      release?.();
      release = undefined;
    };
    // One message and the end of the stream are a unary call on the wire; this way grpc-js tells when it has written it. It
    // reports every end of a call in a later tick.
    const call = client.makeClientStreamRequest(
      GRPC_PATHS[signal],
      asItIs,
      asItIs,
      this.#metadata,
      { deadline: Date.now() + this.#timeoutMs },
      (error: ServiceError | null, reply?: Buffer) => {
        releaseOnce();
        const peer = peerOf(call, client);
        const wireBytes = this.#wireBytes(signal, body.length, peer);
        const authority = this.#endpoint.authority;
        if (!error) done(answerOfSuccess(reply!, false, peer ?? authority, wireBytes));
        else
          done(answerOfFailure({ error, headers, peer, authority, timeoutMs: this.#timeoutMs, wireBytes }));
      },
    );
    call.on("metadata", () => {
      headers = true;
    });
    // What goes wrong is in the callback above; a stream without a listener would throw it.
    call.on("error", ignore);
    call.end(body, releaseOnce);
    noteCopied(body.length);
  }

  #wireBytes(signal: Signal, bodyBytes: number, peer: string | undefined): number {
    if (this.#meters) return this.#meters[signal].take();
    return peer === undefined ? 0 : bodyBytes + MESSAGE_HEADER_BYTES;
  }

  #closedAnswer(): Answer {
    const address = this.#endpoint.authority;
    return {
      kind: "lost",
      sent: false,
      code: "closed",
      message: "the transport was closed",
      address,
      wireBytes: 0,
    };
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const client of this.#clients) client.close();
    return Promise.resolve();
  }
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

function ignore(): void {}

/** ip:port that a call went to. Before a connection is picked for it, grpc-js gives the channel's target instead. */
function peerOf(call: ClientWritableStream<Buffer>, client: Client): string | undefined {
  const peer = call.getPeer();
  return peer === client.getChannel().getTarget() || peer === "unknown" ? undefined : peer;
}

function openClient(endpoint: Endpoint, compression: Compression, tls: TlsMaterial): Client {
  const security = endpoint.secure ? tlsCredentials(endpoint, tls) : credentials.createInsecure();
  return new Client(`dns:${endpoint.authority}`, security, {
    "grpc.primary_user_agent": USER_AGENT,
    // A connection of its own for each client, so that `connections` means what it says.
    "grpc.use_local_subchannel_pool": 1,
    // Retries are the replayer's, which counts them and stamps again.
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
    // Load goes where the endpoint says, as over HTTP; proxies of the environment are not used.
    "grpc.enable_http_proxy": 0,
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": 4 * 1024 * 1024,
    // A target that restarts is found again within two seconds; the default lets up to two minutes pass.
    "grpc.initial_reconnect_backoff_ms": 250,
    "grpc.max_reconnect_backoff_ms": 2_000,
    // Notice a peer that is gone without a word while calls wait for it.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    ...(compression === "gzip" ? { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } : {}),
  });
}
