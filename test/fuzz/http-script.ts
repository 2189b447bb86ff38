/** Hostile answers of HTTP/1.1: heads, framings, bodies, and bytes at the wrong time. */
import type { Random } from "../../generator/random.ts";
import { BOMBS, oddJson, oddlyPacked, oddReply, oddStatus } from "./replies.ts";
import { mutated, noise, oddNumber, oddText, pick, type Script, type Step, written } from "./script.ts";

const CRLF = "\r\n";
type Make = (random: Random) => Buffer;

/** The script of one request. */
export function httpScript(random: Random): Script {
  const [label, make] = pick(random, KINDS);
  const bytes = make(random);
  const steps: Step[] = written(random, bytes);
  return {
    label,
    begins: pick(random, ["whole", "whole", "whole", "head", "connected"]),
    isDeaf: random.chance(0.1),
    steps: () => steps,
  };
}

const KINDS: [label: string, make: Make][] = [
  ["status line", (random) => answer(random, { statusLine: oddStatusLine(random) })],
  ["status", (random) => answer(random, {})],
  ["fields", (random) => answer(random, { fields: oddFields(random) })],
  [
    "retry-after",
    (random) =>
      answer(random, { status: pick(random, [429, 503]), fields: [["retry-after", oddTime(random)]] }),
  ],
  ["length", (random) => answer(random, { fields: [["content-length", oddNumber(random)]], isFramed: true })],
  [
    "two framings",
    (random) =>
      answer(random, { fields: [...lengths(random), ["transfer-encoding", "chunked"]], isFramed: true }),
  ],
  [
    "transfer-encoding",
    (random) => answer(random, { fields: [["transfer-encoding", oddEncoding(random)]], isFramed: true }),
  ],
  ["chunks", chunked],
  ["interim", interim],
  ["huge head", hugeHead],
  ["bomb", bomb],
  ["packed body", packed],
  ["endless body", endless],
  [
    "surplus",
    (random) =>
      Buffer.concat([answer(random, {}), pick(random, [answer(random, {}), noise(random, 100), GOOD])]),
  ],
  [
    "surplus behind a good one",
    (random) => Buffer.concat([GOOD, pick(random, [GOOD, noise(random, 40), Buffer.from(CRLF)])]),
  ],
  ["broken", (random) => mutated(random, answer(random, {}))],
  ["broken good one", (random) => mutated(random, GOOD)],
  ["cut off", (random) => cut(random, answer(random, {}))],
  ["noise", (random) => noise(random, pick(random, [10, 300, 20_000]))],
  ["another protocol", other],
  ["nothing", () => Buffer.alloc(0)],
];

const GOOD = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
);

interface Parts {
  status?: number;
  statusLine?: string;
  fields?: [string, string][];
  /** The fields say how long the body is. */
  isFramed?: boolean;
}

function answer(random: Random, { status, statusLine, fields = [], isFramed = false }: Parts): Buffer {
  const code =
    status ??
    pick(
      random,
      [200, 200, 202, 204, 299, 301, 304, 400, 401, 404, 413, 415, 429, 500, 502, 503, 504, 599, 999],
    );
  const [type, body] = pick<[string, Make]>(random, [
    ["application/x-protobuf", oddReply],
    ["application/x-protobuf", oddStatus],
    ["application/json", oddJson],
    ["text/html", (from) => Buffer.from(`<html>${oddText(from)}</html>`)],
    [oddText(random).replace(/[\r\n\0]/g, " "), oddReply],
  ]);
  const bytes = body(random);
  const lines = [statusLine ?? `HTTP/1.1 ${code} ${pick(random, ["OK", "", "Quite\u00ffOdd"])}`];
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  lines.push(`content-type: ${type}`);
  if (!isFramed && random.chance(0.95)) lines.push(`content-length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(lines.join(CRLF) + CRLF + CRLF, "latin1"), bytes]);
}

function oddStatusLine(random: Random): string {
  return pick(random, [
    "HTTP/1.1 200",
    "HTTP/1.0 200 OK",
    "HTTP/2 200",
    "HTTP/1.1  200 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 -200 OK",
    "HTTP/1.1 000 OK",
    "HTTP/1.1 099 OK",
    "http/1.1 200 ok",
    "ICY 200 OK",
    "HTTP/1.1\t200 OK",
    " HTTP/1.1 200 OK",
    "HTTP/1.1 101 Switching Protocols",
    `HTTP/1.1 200 ${"very ".repeat(random.int(1, 5000))}well`,
    `HTTP/1.1 200 ${noise(random, 30).toString("latin1")}`,
    "",
  ]);
}

function oddFields(random: Random): [string, string][] {
  const odd = (): [string, string] =>
    pick<[string, string]>(random, [
      ["connection", pick(random, ["close", "keep-alive", "upgrade", "close, close", oddText(random)])],
      ["keep-alive", `timeout=${oddNumber(random)}`],
      ["www-authenticate", oddText(random)],
      ["set-cookie", "a".repeat(random.int(0, 9000))],
      ["", "no name"],
      ["na me", "blank in the name"],
      ["name ", "blank before the colon"],
      [" folded", "line"],
      ["x-nul", "a\0b"],
      ["x-cr", "a\rb"],
      ["x-lf", "a\nb"],
      ["__proto__", "x"],
      ["constructor", "x"],
      ["content-encoding", pick(random, ["gzip", "br", "zstd", "x"])],
      ["upgrade", "h2c"],
      ["trailer", "grpc-status"],
      [oddText(random), oddText(random)],
    ]);
  return Array.from({ length: random.int(1, 6) }, odd);
}

function lengths(random: Random): [string, string][] {
  return random.chance(0.5)
    ? [["content-length", oddNumber(random)]]
    : [
        ["content-length", "5"],
        ["Content-Length", "6"],
      ];
}

function oddEncoding(random: Random): string {
  return pick(random, [
    "chunked",
    "gzip, chunked",
    "chunked, chunked",
    "identity",
    "x",
    "",
    "Chunked ",
    "chunked\0",
  ]);
}

function oddTime(random: Random): string {
  return pick(random, [
    oddNumber(random),
    "0.0000001",
    "9".repeat(400),
    "Wed, 21 Oct 2099 07:28:00 GMT",
    "Wed, 21 Oct 1999 07:28:00 GMT",
    "Wed, 99 Oct 2099 99:99:99 GMT",
    "Sat, 01 Jan 275760 00:00:00 GMT",
    oddText(random).replace(/[\r\n\0]/g, ""),
  ]);
}

function chunked(random: Random): Buffer {
  const parts = [
    `HTTP/1.1 ${pick(random, [200, 400, 503])} X`,
    CRLF,
    "transfer-encoding: chunked",
    CRLF,
    CRLF,
  ];
  for (let chunks = random.int(0, 8); chunks > 0; chunks--) {
    const data = oddText(random);
    const bytes = Buffer.byteLength(data, "latin1");
    const size = pick(random, [
      bytes.toString(16),
      bytes.toString(16),
      `${bytes.toString(16)};extension="${oddText(random)}"`,
      `000000${bytes.toString(16)}`,
      (bytes + random.int(-3, 3)).toString(16),
      "ffffffffffffffff",
      "fffffffffff",
      "-5",
      "",
      oddNumber(random),
      "0",
    ]);
    parts.push(size, pick(random, [CRLF, CRLF, CRLF, "\n", ""]), data, pick(random, [CRLF, CRLF, CRLF, ""]));
  }
  if (random.chance(0.7)) parts.push("0", CRLF);
  for (let trailers = random.int(0, 3); trailers > 0; trailers--) {
    parts.push(pick(random, ["grpc-status: 0", "x: y", "", oddText(random), "a".repeat(20_000)]), CRLF);
  }
  if (random.chance(0.7)) parts.push(CRLF);
  return Buffer.from(parts.join(""), "latin1");
}

function interim(random: Random): Buffer {
  const one = `HTTP/1.1 ${pick(random, [100, 102, 103, 101, 199])} Wait${CRLF}${pick(random, ["", `link: <x>${CRLF}`, `content-length: 5${CRLF}`])}${CRLF}`;
  return Buffer.concat([
    Buffer.from(one.repeat(pick(random, [1, 3, 20_000]))),
    random.chance(0.7) ? answer(random, {}) : Buffer.alloc(0),
  ]);
}

function hugeHead(random: Random): Buffer {
  const field = pick(random, [
    `x: ${"y".repeat(100_000)}${CRLF}`,
    "x: y\r\n".repeat(20_000),
    "x".repeat(100_000),
    `${Array.from({ length: 3000 }, (_, at) => `x${at}: y`).join(CRLF)}${CRLF}`,
  ]);
  return Buffer.from(`HTTP/1.1 200 OK${CRLF}${field}content-length: 0${CRLF}${CRLF}`);
}

function bomb(random: Random): Buffer {
  const { encoding, packed: bytes } = pick(random, BOMBS);
  const head = `HTTP/1.1 ${pick(random, [200, 400, 503])} OK${CRLF}content-encoding: ${encoding}${CRLF}content-type: ${pick(random, ["application/json", "application/x-protobuf"])}${CRLF}content-length: ${bytes.length}${CRLF}${CRLF}`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

function packed(random: Random): Buffer {
  const bytes = oddlyPacked(random, oddReply(random));
  const head = `HTTP/1.1 200 OK${CRLF}content-encoding: ${pick(random, ["gzip", "deflate", "br", "zstd"])}${CRLF}content-length: ${bytes.length}${CRLF}${CRLF}`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** More than is kept of a body, without an end or with one far away. */
function endless(random: Random): Buffer {
  const framing = pick(random, [
    "",
    `content-length: 900000000000000${CRLF}`,
    `content-length: 200000${CRLF}`,
  ]);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK${CRLF}${framing}${CRLF}`),
    Buffer.alloc(random.int(1, 300_000), "x"),
  ]);
}

function cut(random: Random, bytes: Buffer): Buffer {
  return bytes.subarray(0, random.int(0, bytes.length));
}

function other(random: Random): Buffer {
  return Buffer.from(
    pick(random, [
      "SSH-2.0-OpenSSH_9.9\r\n",
      "220 mail.example ESMTP\r\n",
      "-ERR unknown command\r\n",
      "\x15\x03\x01\x00\x02\x02\x46",
      "\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64",
      "<html>".repeat(5000),
      "HTTP/0.9",
      "H",
    ]),
    "latin1",
  );
}
