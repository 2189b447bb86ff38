import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Answer, LostCode } from "../../answer.ts";
import type { Endpoint } from "../../endpoint.ts";
import { http, https } from "../node-http.ts";
import { describeError } from "../socket-text.ts";
import { addressOf } from "./connections.ts";
import { answerOfResponse } from "./http-answer.ts";

/** More of a reply than this is not read. A reply is a count and a sentence. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** What all exchanges of one signal have in common. */
export interface ExchangePlan {
  endpoint: Endpoint;
  /** Shared by all requests: method, path, headers, agent. node:http reads it and adds content-length by itself. */
  options: RequestOptions;
  timeoutMs: number;
}

/**
 * One request and its answer.
 *
 * `done` comes with the request's `close` event and no sooner: node:http emits it when the response has ended and the
 * body was flushed to the socket, or when the socket is gone. An answer that comes early does not free a buffer which
 * is still being written.
 */
export class Exchange {
  readonly #plan: ExchangePlan;
  readonly #done: (answer: Answer) => void;
  #released: (() => void) | undefined;
  readonly #request: ClientRequest;
  readonly #timer: NodeJS.Timeout;
  readonly #bodyBytes: number;
  #response: IncomingMessage | undefined;
  #reply: Buffer[] | undefined;
  #replyBytes = 0;
  #error: Error | undefined;
  #timedOut = false;

  constructor(plan: ExchangePlan, body: Buffer, done: (answer: Answer) => void, released?: () => void) {
    this.#plan = plan;
    this.#done = done;
    this.#released = released;
    this.#bodyBytes = body.length;
    this.#timer = setTimeout(this.#onTimeout, plan.timeoutMs);
    this.#request = plan.endpoint.secure ? https().request(plan.options) : http.request(plan.options);
    this.#request.on("response", this.#onResponse);
    this.#request.on("error", this.#onError);
    this.#request.on("close", this.#onClose);
    // Flushed to the operating system: the memory is ours again, however long the answer takes.
    if (released) this.#request.on("finish", this.#release);
    this.#request.end(body);
  }

  #release = (): void => {
    const released = this.#released;
    this.#released = undefined;
    released?.();
  };

  #onTimeout = (): void => {
    this.#timedOut = true;
    this.#request.destroy();
  };

  #onError = (error: Error): void => {
    this.#error ??= error;
  };

  #onResponse = (response: IncomingMessage): void => {
    this.#response = response;
    response.on("error", this.#onError);
    if (response.headers["content-length"] === "0") response.resume();
    else response.on("data", this.#onData);
  };

  #onData = (chunk: Buffer): void => {
    this.#replyBytes += chunk.length;
    if (this.#replyBytes > MAX_REPLY_BYTES) return;
    this.#reply ??= [];
    this.#reply.push(chunk);
  };

  #onClose = (): void => {
    clearTimeout(this.#timer);
    this.#release();
    // A complete answer counts, even if the connection broke afterwards.
    this.#done(this.#response?.complete ? this.#answered(this.#response) : this.#lost());
  };

  #answered(response: IncomingMessage): Answer {
    const whole = this.#replyBytes <= MAX_REPLY_BYTES;
    const reply = this.#reply && whole ? Buffer.concat(this.#reply) : EMPTY;
    const address = addressOf(this.#request.socket) ?? this.#plan.endpoint.authority;
    return answerOfResponse(response.statusCode!, response.headers, reply, whole, address, this.#bodyBytes);
  }

  #lost(): Answer {
    const address = addressOf(this.#request.socket);
    const sent = address !== undefined;
    return {
      kind: "lost",
      sent,
      code: this.#lostCode(sent),
      message: this.#reason(sent),
      address: address ?? this.#plan.endpoint.authority,
      wireBytes: sent ? this.#bodyBytes : 0,
    };
  }

  #lostCode(sent: boolean): LostCode {
    if (this.#timedOut) return "timeout";
    return sent ? "connection_lost" : "unreachable";
  }

  #reason(sent: boolean): string {
    if (this.#timedOut) {
      return `${sent ? "no answer" : "no connection"} within ${this.#plan.timeoutMs / 1000} s`;
    }
    if (this.#response) return "the connection broke in the middle of the answer";
    return this.#error ? describeError(this.#error) : "the connection was closed before an answer came";
  }
}

const EMPTY = Buffer.alloc(0);
