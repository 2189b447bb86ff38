/**
 * What a request may be refused with, and reading its body within bounds.
 */
import type { IncomingMessage } from "node:http";
import { BodyCollector } from "../../../otlp/server/body.ts";

/** An answer that is no success: the status, and what to say. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The body; undefined when the client went away before its end. Rejects with a Refusal for one larger than `limit` bytes. */
export function textOf(request: IncomingMessage, limit: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => new Refusal(413, `the body is larger than ${limit} bytes`);
    request.on("error", ignore);
    if (Number(request.headers["content-length"]) > limit) return reject(tooLarge());
    const collector = new BodyCollector(limit);
    request.on("data", (chunk: Buffer) => {
      if (collector.push(chunk)) return;
      request.pause();
      reject(tooLarge());
    });
    request.on("end", () => resolve(collector.take().toString("utf8")));
    request.on("close", () => resolve(undefined)); // after "end" this changes nothing
  });
}

/** Throws a Refusal. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body must be JSON");
  }
}

function ignore(): void {}
