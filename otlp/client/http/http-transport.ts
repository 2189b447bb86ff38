import type { Answer } from "../../answer.ts";
import type { Endpoint } from "../../endpoint.ts";
import type { Compression } from "../../protocol.ts";
import { HTTP_PATHS, type PerSignal, perSignal, type Signal } from "../../signal.ts";
import { type Compress, Packing } from "../compress.ts";
import { DEFAULT_TIMEOUT_MS, type Released, type TargetSettings, type Transport } from "../contract.ts";
import { httpHeaders, USER_AGENT } from "../headers.ts";
import { Connections } from "./connections.ts";

/**
 * OTLP/HTTP with protobuf bodies. Throws TargetError for headers that cannot be sent.
 * Proxies of the environment are not used: load goes where the endpoint says.
 */
export function openHttpTransport(target: TargetSettings): Transport {
  return new HttpTransport(target);
}

class HttpTransport implements Transport {
  readonly #authority: string;
  readonly #connections: Connections;
  readonly #packing: Packing;
  /** Heads of requests up to the length of the body, for each encoding that a body may arrive at the connection in. */
  readonly #heads: Record<Compression, PerSignal<string>>;
  #closed = false;

  constructor(target: TargetSettings) {
    const { endpoint, timeoutMs = DEFAULT_TIMEOUT_MS } = target;
    const { tls = {}, connectMs = timeoutMs, maxConnectionAgeMs: maxAgeMs = 0 } = target;
    const users = httpHeaders(target.headers ?? {});
    this.#authority = endpoint.authority;
    this.#packing = new Packing(target);
    this.#connections = new Connections({ endpoint, tls, timeoutMs, connectMs, maxAgeMs });
    const headsOf = (encoding: Compression): PerSignal<string> =>
      perSignal((signal) => requestHead(endpoint, signal, { ...fixedHeaders(encoding), ...users }));
    this.#heads = { none: headsOf("none"), gzip: headsOf("gzip"), zstd: headsOf("zstd") };
  }

  send(
    signal: Signal,
    body: Buffer,
    done: (answer: Answer) => void,
    released?: Released,
    ready?: Compression,
  ): void {
    const { compression, compress } = this.#packing;
    const head = this.#heads[ready ?? compression][signal];
    if (compress && ready === undefined) this.#packAndSend(compress, head, body, done, released);
    else this.#sendReady(head, body, done, released);
  }

  // Apart from `send`: a function that makes closures pays for them even where it does not come to it.
  #packAndSend(
    compress: Compress,
    head: string,
    body: Buffer,
    done: (answer: Answer) => void,
    released: Released | undefined,
  ): void {
    compress(body, (packed) => this.#sendReady(head, packed, done), released);
  }

  #sendReady(head: string, body: Buffer, done: (answer: Answer) => void, released?: Released): void {
    if (this.#closed) setImmediate(answerClosed, this.#authority, done, released);
    else this.#connections.take().send(head, body, done, released);
  }

  setCompression(compression: Compression): void {
    this.#packing.change(compression);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#connections.close();
    return Promise.resolve();
  }
}

function answerClosed(authority: string, done: (answer: Answer) => void, released?: Released): void {
  released?.();
  done({
    kind: "lost",
    sent: false,
    code: "closed",
    message: "the transport was closed",
    address: authority,
    wireBytes: 0,
  });
}

function requestHead(endpoint: Endpoint, signal: Signal, headers: Record<string, string>): string {
  let head = `POST ${endpoint.basePath}${HTTP_PATHS[signal]} HTTP/1.1\r\nhost: ${hostOf(endpoint)}\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  return `${head}connection: keep-alive\r\ncontent-length: `;
}

/** The authority without the scheme's own port, as clients write it (RFC 9110, 4.2.3). */
function hostOf({ authority, port, secure }: Endpoint): string {
  return port === (secure ? 443 : 80) ? authority.slice(0, authority.lastIndexOf(":")) : authority;
}

function fixedHeaders(compression: Compression): Record<string, string> {
  const headers = { "user-agent": USER_AGENT, "content-type": "application/x-protobuf" };
  return compression === "none" ? headers : { ...headers, "content-encoding": compression };
}
