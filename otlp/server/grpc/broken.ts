import type { ServerHttp2Stream } from "node:http2";
import type { BrokenAnswer } from "../handler.ts";
import { PAGE, PAGE_TYPE, pourEndlessly } from "../page.ts";

/** Answers that a stream alone can give; garbage takes the connection. */
export type BrokenStream = Exclude<BrokenAnswer, "garbage">;

/** A message of eight bytes, of which two come. */
const HALF_A_MESSAGE = Buffer.from([0, 0, 0, 0, 8, 10, 6]);

/** Answer a call so that no client can make sense of it: never with a status. */
export function answerBroken(
  stream: ServerHttp2Stream,
  how: BrokenStream,
  headers: Record<string, string | number>,
): void {
  switch (how) {
    case "content_type":
      answerPage(stream, 200);
      break;
    case "truncated":
      stream.respond(headers);
      stream.end(HALF_A_MESSAGE);
      break;
    case "endless":
      stream.respond(headers);
      pourEndlessly(stream);
      break;
  }
}

/** A page of HTML, as something in between would answer that knows nothing of gRPC. */
export function answerPage(stream: ServerHttp2Stream, httpStatus: number): void {
  stream.respond({ ":status": httpStatus, "content-type": PAGE_TYPE });
  stream.end(PAGE);
}
