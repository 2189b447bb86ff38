/** A request body for measuring transports: spans of about 460 bytes with random ids and plausible, repeating texts. */
import { ProtoWriter } from "../otlp/message/writer.ts";

export const SPANS_PER_BODY = 1000;

const ROUTES = ["/cart", "/cart/items", "/checkout", "/products/{id}", "/users/{id}/orders", "/health"];
const METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];

/** The same bytes every time. */
export function traceBody(): Buffer {
  const random = xorshift(42);
  const writer = new ProtoWriter(1024 * 1024);
  writer.begin(1, 3);
  writer.begin(1, 2);
  attribute(writer, 1, "service.name", "checkout");
  attribute(writer, 1, "host.name", "node-17.example");
  writer.end();
  writer.begin(2, 3);
  for (let span = 0; span < SPANS_PER_BODY; span++) writeSpan(writer, random);
  writer.end();
  writer.end();
  return Buffer.from(writer.finish());
}

function writeSpan(writer: ProtoWriter, random: () => number): void {
  const pick = <T>(of: readonly T[]): T => of[random() % of.length]!;
  const method = pick(METHODS);
  const route = pick(ROUTES);
  writer.begin(2, 2);
  writer.bytes(1, randomBytes(16, random));
  writer.bytes(2, randomBytes(8, random));
  writer.bytes(4, randomBytes(8, random));
  writer.string(5, `${method} ${route}`);
  writer.varint(6, 2);
  const start = random() * 1000;
  writer.fixed64(7, start);
  writer.fixed64(8, start + (random() >>> 4));
  attribute(writer, 9, "http.request.method", method);
  attribute(writer, 9, "http.route", route);
  attribute(writer, 9, "url.path", `${route.replace("{id}", `${random() % 100_000}`)}`);
  attribute(writer, 9, "url.scheme", "https");
  attribute(writer, 9, "http.response.status_code", pick(["200", "200", "200", "201", "404", "500"]));
  attribute(writer, 9, "network.protocol.version", "1.1");
  attribute(writer, 9, "client.address", `10.${random() % 256}.${random() % 256}.${random() % 256}`);
  attribute(
    writer,
    9,
    "user_agent.original",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  );
  attribute(writer, 9, "server.address", "shop.example.com");
  writer.end();
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string): void {
  writer.begin(field);
  writer.string(1, key);
  writer.begin(2);
  writer.string(1, value);
  writer.end();
  writer.end();
}

function randomBytes(length: number, random: () => number): Uint8Array {
  return Uint8Array.from({ length }, () => random() & 255);
}

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
