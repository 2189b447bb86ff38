/** What servers send that is no OTLP, over either protocol. */
import type { Writable } from "node:stream";

export const PAGE = "<html><body><h1>It works!</h1></body></html>\n";
export const PAGE_TYPE = "text/html";

/** Neither HTTP/1.1 nor a frame of HTTP/2: a length of 16 MiB and a type that there is not. */
export const GARBAGE = Buffer.from([
  0xff, 0xff, 0xff, 0xfe, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0d, 0x0a, 0x0d, 0x0a,
]);

const POUR_BYTES = 16 * 1024;
const POUR_EVERY_MS = 20;

/** Write for as long as the other end reads: some 800 kB a second. */
export function pourEndlessly(stream: Writable): void {
  const bytes = Buffer.alloc(POUR_BYTES);
  const timer = setInterval(() => {
    if (!stream.writableNeedDrain) stream.write(bytes);
  }, POUR_EVERY_MS);
  timer.unref();
  stream.once("close", () => clearInterval(timer));
}
