import type { ServerResponse } from "node:http";
import type { BrokenAnswer } from "../handler.ts";
import { GARBAGE, PAGE, PAGE_TYPE, pourEndlessly } from "../page.ts";

/** 64 bytes are announced, two come. */
const HALF_A_RESPONSE =
  "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 64\r\n\r\n\x0a\x3e";

/** Answer a request so that no client can make sense of it. */
export function answerBroken(response: ServerResponse, how: BrokenAnswer): void {
  switch (how) {
    case "content_type":
      answerPage(response, 200);
      break;
    case "truncated":
      response.socket?.end(HALF_A_RESPONSE, "latin1");
      break;
    case "endless":
      response.writeHead(200, { "content-type": "application/x-protobuf" });
      pourEndlessly(response);
      break;
    case "garbage":
      response.socket?.end(GARBAGE);
      break;
  }
}

/** A page of HTML, as something in between would answer. */
export function answerPage(response: ServerResponse, httpStatus: number): void {
  response.writeHead(httpStatus, {
    "content-type": PAGE_TYPE,
    "content-length": Buffer.byteLength(PAGE),
  });
  response.end(PAGE);
}
