import type http from "node:http";
import type { Answer } from "../../answer.ts";
import { COMPRESSIONS, type Compression } from "../../protocol.ts";
import { HTTP_PATHS, type PerSignal, perSignal, type Signal } from "../../signal.ts";
import { DEFAULT_TIMEOUT_MS, type TargetSettings, type Transport } from "../contract.ts";
import { httpHeaders, USER_AGENT } from "../headers.ts";
import { type Compress, compressorOf } from "./compress.ts";
import { openConnections } from "./connections.ts";
import { Exchange, type ExchangePlan } from "./exchange.ts";

/**
 * OTLP/HTTP with protobuf bodies. Throws TargetError for headers that cannot be sent.
 * Proxies of the environment are not used: load goes where the endpoint says.
 */
export function openHttpTransport(target: TargetSettings): Transport {
  return new HttpTransport(target);
}

class HttpTransport implements Transport {
  readonly readyEncodings = COMPRESSIONS;
  readonly #agent: http.Agent;
  readonly #compression: Compression;
  /** One for each encoding that a body may arrive at the connection in. */
  readonly #plans: Record<Compression, PerSignal<ExchangePlan>>;
  readonly #compress: Compress | undefined;
  #closed = false;

  constructor(target: TargetSettings) {
    const { endpoint, compression = "none", timeoutMs = DEFAULT_TIMEOUT_MS } = target;
    const users = httpHeaders(target.headers ?? {});
    const agent = openConnections(endpoint, target.tls ?? {});
    this.#agent = agent;
    this.#compression = compression;
    this.#compress = compressorOf(compression, target.compressionLevel);
    const plansOf = (encoding: Compression): PerSignal<ExchangePlan> =>
      perSignal((signal) => ({
        endpoint,
        timeoutMs,
        options: {
          agent,
          host: endpoint.host,
          port: endpoint.port,
          method: "POST",
          path: endpoint.basePath + HTTP_PATHS[signal],
          headers: { ...fixedHeaders(encoding), ...users },
        },
      }));
    this.#plans = { none: plansOf("none"), gzip: plansOf("gzip"), zstd: plansOf("zstd") };
  }

  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: () => void,
    ready?: Compression,
  ): void {
    const plan = this.#plans[ready ?? this.#compression][signal];
    if (this.#closed) {
      setImmediate(() => {
        released?.();
        done(closedAnswer(plan));
      });
    } else if (this.#compress && ready === undefined) {
      this.#sendPacked(this.#compress, plan, body, done, released);
    } else new Exchange(plan, body, done, released);
  }

  #sendPacked(
    compress: Compress,
    plan: ExchangePlan,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: () => void,
  ): void {
    compress(body, (error, packed) => {
      // zlib fails on a body of ours only when memory runs out: nothing to answer, the process is beyond help.
      if (error) throw error;
      released?.();
      if (this.#closed) done(closedAnswer(plan));
      else new Exchange(plan, packed, done);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#agent.destroy();
    return Promise.resolve();
  }
}

function fixedHeaders(compression: Compression): Record<string, string> {
  const headers = { "user-agent": USER_AGENT, "content-type": "application/x-protobuf" };
  return compression === "none" ? headers : { ...headers, "content-encoding": compression };
}

function closedAnswer(plan: ExchangePlan): Answer {
  const address = plan.endpoint.authority;
  return {
    kind: "lost",
    sent: false,
    code: "closed",
    message: "the transport was closed",
    address,
    wireBytes: 0,
  };
}
