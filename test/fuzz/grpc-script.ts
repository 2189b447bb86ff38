/** Hostile answers of gRPC: replies, statuses, header blocks, frames, and bytes that are no HTTP/2 at all. */
import type { Random } from "../../generator/random.ts";
import { ACK, END_HEADERS, END_STREAM, FRAME, PADDED } from "../../otlp/client/http2/frames.ts";
import {
  dataFrames,
  frame,
  GREETING,
  goodAnswer,
  grpcData,
  headerBlock,
  headers,
  prefixed,
  settings,
  uint32,
} from "./http2-frames.ts";
import { BOMBS, oddlyPacked, oddReply, oddStatus } from "./replies.ts";
import { mutated, noise, oddNumber, oddText, pick, type Script, written } from "./script.ts";

type Field = [string, string];
type Make = (random: Random, streamId: number) => Buffer;

/** The script of one request. */
export function grpcScript(random: Random): Script {
  const [label, make] = pick(random, KINDS);
  const begins = pick(random, ["whole", "whole", "whole", "head", "connected"] as const);
  const isDeaf = random.chance(0.1);
  const greets = random.chance(0.5);
  return {
    label,
    begins,
    isDeaf,
    // The stream's number is known only when the request has come; all else follows from the seed.
    steps: (streamId) => {
      const bytes = make(random, streamId);
      const isGreeting = begins === "connected" && greets && label !== "noise";
      return written(random, isGreeting ? Buffer.concat([GREETING, bytes]) : bytes);
    },
  };
}

const KINDS: [label: string, make: Make][] = [
  ["reply", reply],
  ["packed reply", packedReply],
  ["bomb", bomb],
  ["prefix", oddPrefix],
  ["status", oddStatusTrailers],
  ["details", details],
  [
    "trailers only",
    (random, id) => headers(id, [[":status", "200"], ...statusFields(random)], END_HEADERS | END_STREAM),
  ],
  ["response fields", (random, id) => Buffer.concat([headers(id, oddResponse(random)), rest(random, id)])],
  ["http status", httpStatus],
  ["trailers", oddTrailers],
  [
    "header block",
    (random, id) => frame(FRAME.headers, END_HEADERS | pick(random, [0, END_STREAM]), id, oddBlock(random)),
  ],
  ["continuation", continuation],
  ["endless headers", endlessHeaders],
  ["small data", smallData],
  [
    "long reply",
    (random, id) =>
      Buffer.concat([ok(id), dataFrames(id, Buffer.alloc(random.int(60_000, 2_000_000))), end(id)]),
  ],
  ["settings", oddSettings],
  [
    "reset",
    (random, id) =>
      Buffer.concat([somePart(random, id), frame(FRAME.resetStream, 0, id, uint32(oddCode(random)))]),
  ],
  ["goaway", goAway],
  ["floods", flood],
  ["window", windowUpdate],
  ["lengths", wrongLength],
  ["streams", otherStreams],
  ["frames", oddFrame],
  [
    "push",
    (random, id) =>
      frame(
        FRAME.pushPromise,
        END_HEADERS,
        id,
        Buffer.concat([uint32(2), headerBlock([[":path", oddText(random)]])]),
      ),
  ],
  ["broken good one", (random, id) => mutated(random, goodAnswer(id))],
  [
    "broken",
    (random, id) =>
      mutated(random, pick(random, [reply, details, oddTrailers, goAway, oddSettings])(random, id)),
  ],
  ["twice", (_random, id) => Buffer.concat([goodAnswer(id), goodAnswer(id)])],
  ["cut off", (random, id) => cut(random, goodAnswer(id))],
  ["noise", (random) => noise(random, pick(random, [9, 100, 20_000]))],
  ["http/1.1", () => Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")],
  ["tls alert", () => Buffer.from([0x15, 3, 1, 0, 2, 2, 70])],
  ["nothing", () => Buffer.alloc(0)],
];

function ok(id: number, more: Field[] = []): Buffer {
  return headers(id, [[":status", "200"], ["content-type", "application/grpc"], ...more]);
}

function end(id: number, fields: Field[] = [["grpc-status", "0"]]): Buffer {
  return headers(id, fields, END_HEADERS | END_STREAM);
}

function somePart(random: Random, id: number): Buffer {
  return pick(random, [Buffer.alloc(0), ok(id), Buffer.concat([ok(id), grpcData(id, oddReply(random))])]);
}

/** What may follow a head. */
function rest(random: Random, id: number): Buffer {
  return pick(random, [Buffer.alloc(0), end(id), Buffer.concat([grpcData(id, oddReply(random)), end(id)])]);
}

function cut(random: Random, bytes: Buffer): Buffer {
  return bytes.subarray(0, random.int(0, bytes.length));
}

function reply(random: Random, id: number): Buffer {
  return Buffer.concat([ok(id), grpcData(id, oddReply(random)), end(id)]);
}

function packedReply(random: Random, id: number): Buffer {
  const encoding = pick(random, ["gzip", "zstd", "deflate", "identity", "x", ""]);
  return Buffer.concat([
    ok(id, [["grpc-encoding", encoding]]),
    grpcData(id, oddlyPacked(random, oddReply(random)), 1),
    end(id),
  ]);
}

function bomb(random: Random, id: number): Buffer {
  const { encoding, packed } = pick(random, BOMBS);
  return Buffer.concat([ok(id, [["grpc-encoding", encoding]]), grpcData(id, packed, 1), end(id)]);
}

function oddPrefix(random: Random, id: number): Buffer {
  const message = oddReply(random);
  const data = pick(random, [
    () => grpcData(id, message, random.int(0, 255)),
    () => grpcData(id, message, 0, pick(random, [0, 1, 2 ** 31, 2 ** 32 - 1, message.length + 1])),
    () => frame(FRAME.data, 0, id, noise(random, 5)),
    () => Buffer.concat([grpcData(id, message), grpcData(id, message)]),
    () => Buffer.alloc(0),
  ])();
  return Buffer.concat([ok(id), data, end(id)]);
}

function statusFields(random: Random): Field[] {
  const fields: Field[] = [["grpc-status", pick(random, [`${random.int(0, 20)}`, oddNumber(random)])]];
  if (random.chance(0.7))
    fields.push([
      "grpc-message",
      pick(random, [oddText(random), encodeURIComponent(oddText(random).toWellFormed())]),
    ]);
  if (random.chance(0.4)) fields.push(["grpc-status-details-bin", oddDetails(random)]);
  return fields;
}

function oddDetails(random: Random): string {
  const base64 = oddStatus(random).toString("base64");
  return pick(random, [
    base64,
    base64,
    base64.replaceAll("=", ""),
    base64.slice(1),
    `${base64}, ${base64}`,
    oddText(random),
  ]);
}

function oddStatusTrailers(random: Random, id: number): Buffer {
  return Buffer.concat([ok(id), end(id, statusFields(random))]);
}

function details(random: Random, id: number): Buffer {
  const code = pick(random, [1, 4, 8, 8, 14, 14, 15, 3]);
  const fields: Field[] = [
    ["grpc-status", `${code}`],
    ["grpc-status-details-bin", oddDetails(random)],
  ];
  return Buffer.concat([ok(id), end(id, fields)]);
}

function oddResponse(random: Random): Field[] {
  const odd = (): Field =>
    pick<Field>(random, [
      [":status", pick(random, ["200", "abc", "999", "0", "100", "103", "-1", "", "2000", "204"])],
      [":unknown", "x"],
      [":path", "/"],
      ["Upper-Case", "x"],
      ["connection", "close"],
      ["transfer-encoding", "chunked"],
      ["", "no name"],
      ["x-nul", "a\0b"],
      ["x-crlf", "a\r\nb: c"],
      ["__proto__", "x"],
      ["grpc-status", oddNumber(random)],
      ["grpc-encoding", oddText(random)],
      ["content-length", oddNumber(random)],
      ["set-cookie", "a".repeat(random.int(0, 20_000))],
      [oddText(random), oddText(random)],
    ]);
  const fields = Array.from({ length: random.int(0, 5) }, odd);
  return random.chance(0.7) ? [[":status", "200"], ...fields] : fields;
}

function httpStatus(random: Random, id: number): Buffer {
  const status = `${pick(random, [200, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503, 504, 999])}`;
  const head: Field[] = [
    [":status", status],
    ["content-type", pick(random, ["text/html", "application/grpc+json", ""])],
  ];
  return Buffer.concat([
    headers(id, head),
    frame(FRAME.data, pick(random, [0, END_STREAM]), id, Buffer.from(oddText(random))),
  ]);
}

function oddTrailers(random: Random, id: number): Buffer {
  const fields = statusFields(random);
  const trailers = pick(random, [
    () => end(id, [...fields, ...fields]),
    () => end(id, [[":status", "200"], ...fields]),
    () => headers(id, fields),
    () => Buffer.concat([end(id, fields), grpcData(id, oddReply(random))]),
    () => Buffer.concat([headers(id, fields), headers(id, fields), end(id, fields)]),
    () => frame(FRAME.data, END_STREAM, id, Buffer.alloc(0)),
    () => end(id, []),
    () => end(id, oddResponse(random)),
  ])();
  return Buffer.concat([ok(id), grpcData(id, oddReply(random)), trailers]);
}

/** Header blocks that HPACK does not allow, or that ask for very much. */
function oddBlock(random: Random): Buffer {
  const good = headerBlock([
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-status", "0"],
  ]);
  return pick(random, [
    () => mutated(random, good),
    () => noise(random, 500),
    // Index 0, an index beyond the tables, integers without end, tables of absurd size.
    () => Buffer.from([0x80]),
    () => prefixed(random.int(62, 1_000_000), 7, 0x80),
    () => Buffer.alloc(random.int(1, 200), 0xff),
    () => Buffer.concat([prefixed(2 ** 31, 5, 0x20), good]),
    // A string that is longer than the block; Huffman codes that are none.
    () => Buffer.concat([Buffer.from([0]), prefixed(100_000, 7, 0), Buffer.from("x")]),
    () => Buffer.concat([Buffer.from([0, 0x85]), noise(random, 5), Buffer.from([0x81, 0xff])]),
    // One large field put into the table and then named again and again.
    () =>
      Buffer.concat([
        good,
        Buffer.from([0x40, 1, 0x78]),
        prefixed(3900, 7, 0),
        Buffer.alloc(3900, "y"),
        Buffer.alloc(random.int(1, 12_000), 0xbe),
      ]),
  ])();
}

function continuation(random: Random, id: number): Buffer {
  const part = frame(FRAME.continuation, 0, id, headerBlock([["x", "y"]]));
  return pick(random, [
    () => part,
    () =>
      Buffer.concat([
        frame(FRAME.headers, 0, id, headerBlock([[":status", "200"]])),
        grpcData(id, Buffer.alloc(0)),
      ]),
    () =>
      Buffer.concat([
        frame(FRAME.headers, 0, id, headerBlock([[":status", "200"]])),
        ...Array<Buffer>(5000).fill(part),
      ]),
    () =>
      Buffer.concat([
        frame(FRAME.headers, 0, id, Buffer.alloc(0)),
        ...Array<Buffer>(5000).fill(frame(FRAME.continuation, 0, id, Buffer.alloc(0))),
      ]),
    () => Buffer.concat([ok(id), frame(FRAME.continuation, END_HEADERS, id + 2, Buffer.alloc(0))]),
  ])();
}

function endlessHeaders(random: Random, id: number): Buffer {
  const fields = Array.from(
    { length: pick(random, [100, 1000, 5000]) },
    (_, at): Field => [`x-${at}`, "y".repeat(random.int(0, 100))],
  );
  return Buffer.concat([ok(id, fields), rest(random, id)]);
}

/** Many DATA frames of no or one byte. */
function smallData(random: Random, id: number): Buffer {
  const one = frame(FRAME.data, 0, id, Buffer.alloc(random.int(0, 1)));
  return Buffer.concat([
    ok(id),
    ...Array<Buffer>(pick(random, [10, 2000, 20_000])).fill(one),
    rest(random, id),
  ]);
}

function oddSettings(random: Random, id: number): Buffer {
  const values = [0, 1, 100, 16_383, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  const pairs = Array.from(
    { length: random.int(0, 8) },
    () => [random.int(0, 9), pick(random, values)] as const,
  );
  return Buffer.concat([settings(...pairs), pick(random, [Buffer.alloc(0), goodAnswer(id)])]);
}

function oddCode(random: Random): number {
  return pick(random, [random.int(0, 14), 2 ** 31, 2 ** 32 - 1]);
}

function goAway(random: Random, id: number): Buffer {
  const last = pick(random, [0, id, id - 2, id + 2, 2 ** 31 - 1, 2 ** 32 - 1]);
  const one = frame(
    FRAME.goAway,
    0,
    0,
    Buffer.concat([uint32(last), uint32(oddCode(random)), Buffer.from(oddText(random))]),
  );
  const times = pick(random, [1, 1, 2, 1000]);
  return Buffer.concat([somePart(random, id), ...Array<Buffer>(times).fill(one), rest(random, id)]);
}

function flood(random: Random, id: number): Buffer {
  const one = pick(random, [
    frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
    frame(FRAME.ping, ACK, 0, Buffer.alloc(8)),
    settings(),
    settings([4, 65_535]),
    frame(FRAME.settings, ACK, 0, Buffer.alloc(0)),
    frame(FRAME.priority, 0, id, Buffer.from([0, 0, 0, id, 1])),
    frame(FRAME.windowUpdate, 0, 0, uint32(1)),
    frame(FRAME.resetStream, 0, id, uint32(8)),
    frame(0xee, 0, id, Buffer.alloc(3)),
    // ALTSVC and ORIGIN, which nobody asked for.
    frame(0xa, 0, 0, Buffer.from('\0\0h2=":1"', "latin1")),
    frame(0xc, 0, 0, Buffer.from("\0\x08https://", "latin1")),
  ]);
  return Buffer.concat([
    ...Array<Buffer>(pick(random, [10, 2000, 20_000])).fill(one),
    pick(random, [Buffer.alloc(0), goodAnswer(id)]),
  ]);
}

function windowUpdate(random: Random, id: number): Buffer {
  const by = pick(random, [0, 1, 2 ** 31 - 1, 2 ** 32 - 1]);
  const one = frame(FRAME.windowUpdate, 0, pick(random, [0, id, id + 100]), uint32(by));
  return Buffer.concat([one, one, pick(random, [Buffer.alloc(0), goodAnswer(id)])]);
}

/** Frames of fixed size with another one, and lengths that are not true. */
function wrongLength(random: Random, id: number): Buffer {
  const bytes = noise(random, 12);
  const type = pick(random, [
    FRAME.ping,
    FRAME.settings,
    FRAME.resetStream,
    FRAME.windowUpdate,
    FRAME.goAway,
    FRAME.priority,
  ]);
  return pick(random, [
    () => frame(type, 0, pick(random, [0, id]), bytes),
    () => frame(random.int(0, 12), 0, id, bytes, 2 ** 24 - 1),
    () => Buffer.concat([ok(id), frame(FRAME.data, 0, id, Buffer.alloc(20_000))]),
    () => Buffer.concat([ok(id), frame(FRAME.data, PADDED, id, Buffer.from([200, 1, 2]))]),
    () => frame(FRAME.headers, END_HEADERS | PADDED, id, Buffer.from([255])),
  ])();
}

function otherStreams(random: Random, id: number): Buffer {
  const other = pick(random, [0, id + 2, id + 100, 2, Math.max(1, id - 2), 2 ** 31 - 1, 2 ** 32 - 1]);
  const one = pick(random, [
    headers(other, [[":status", "200"]]),
    grpcData(other, Buffer.alloc(3)),
    end(other),
    frame(FRAME.resetStream, 0, other, uint32(2)),
    frame(FRAME.windowUpdate, 0, other, uint32(5)),
  ]);
  return Buffer.concat([one, pick(random, [Buffer.alloc(0), goodAnswer(id)])]);
}

function oddFrame(random: Random, id: number): Buffer {
  const one = (): Buffer =>
    frame(random.int(0, 255), random.int(0, 255), pick(random, [0, id, id + 2]), noise(random, 40));
  return Buffer.concat([
    ...Array.from({ length: random.int(1, 5) }, one),
    pick(random, [Buffer.alloc(0), goodAnswer(id)]),
  ]);
}
