import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_REPLY_BYTES, ResponseError, ResponseReader } from "./response-reader.ts";

/** Reads a text in pieces that end at the given places, from one buffer that is overwritten between them. */
function read(text: string, cuts: readonly number[] = [], reader = new ResponseReader()): ResponseReader {
  const bytes = Buffer.from(text, "latin1");
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  const shared = Buffer.alloc(bytes.length);
  for (let i = 1; i < places.length; i++) {
    const length = bytes.copy(shared, 0, places[i - 1]!, places[i]!);
    reader.read(shared, length);
    shared.fill("?");
  }
  return reader;
}

function seen(reader: ResponseReader) {
  const { head, isComplete, isWhole, hasSurplus } = reader;
  return { status: head?.status, reply: reader.reply.toString(), isComplete, isWhole, hasSurplus };
}

const WHOLE = { isComplete: true, isWhole: true, hasSurplus: false };

describe("a response", () => {
  const rows = [
    ["of no length", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, ""],
    ["of a length", "HTTP/1.1 400 Bad Request\r\nContent-Length:\t2 \r\n\r\nno", 400, "no"],
    ["without a reason", "HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n", 503, ""],
    ["with an empty reason", "HTTP/1.0 200 \r\ncontent-length: 0\r\n\r\n", 200, ""],
    ["that has no body", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
    ["that has no body, whatever it says", "HTTP/1.1 304 X\r\ncontent-length: 7\r\n\r\n", 304, ""],
    [
      "in chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0A ;x=y\r\n0123456789\r\n0\r\n\r\n",
      200,
      "abc0123456789",
    ],
    [
      "in chunks with trailers",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n000\r\nx: 1\r\ny: 2\r\n\r\n",
      200,
      "a",
    ],
    [
      "after interim ones",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
      200,
      "ok",
    ],
  ] as const;

  test.for(rows)("%s is read, however it is cut", ([, text, status, reply]) => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(seen(read(text, cuts))).toEqual({ status, reply, ...WHOLE });
      }),
    );
    const everywhere = Array.from({ length: text.length }, (_, i) => i);
    expect(seen(read(text, everywhere))).toEqual({ status, reply, ...WHOLE });
  });

  test("is complete with its last byte and not before", () => {
    for (const [, text] of rows) {
      for (let length = 0; length < text.length; length++) {
        const reader = read(text.slice(0, length));
        reader.end();
        expect(reader.isComplete, JSON.stringify(text.slice(0, length))).toBe(false);
      }
    }
  });

  test("follows another on the same connection, with the same head or not", () => {
    const reader = new ResponseReader();
    for (const [, text, status, reply] of [...rows, ...rows.toReversed()]) {
      reader.begin();
      expect(seen(read(text, [], reader))).toEqual({ status, reply, ...WHOLE });
    }
  });

  test("has a bound of its own, whatever came before it", () => {
    const reader = new ResponseReader();
    const length = MAX_REPLY_BYTES - 1;
    for (let i = 0; i < 3; i++) {
      reader.begin();
      read(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(length)}`, [], reader);
      expect(reader.reply.length).toBe(length);
    }
  });

  test("without a length ends with the connection", () => {
    const reader = read("HTTP/1.1 200 OK\r\n\r\nall of it");
    expect(reader.isComplete).toBe(false);
    reader.end();
    expect(seen(reader)).toEqual({ status: 200, reply: "all of it", ...WHOLE });
    expect(reader.head!.keepsAlive).toBe(false);
  });

  test("that is followed by more is noticed", () => {
    const text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    expect(seen(read(`${text}HTTP/1.1 500`))).toEqual({
      ...WHOLE,
      status: 200,
      reply: "ok",
      hasSurplus: true,
    });
  });

  test("longer than anybody needs is read over, and not kept", () => {
    const head = (length: number) => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;
    const most = read(head(MAX_REPLY_BYTES) + "x".repeat(MAX_REPLY_BYTES), [1000, 5000]);
    expect(most.reply.length).toBe(MAX_REPLY_BYTES);
    const more = read(head(MAX_REPLY_BYTES + 1) + "x".repeat(MAX_REPLY_BYTES + 1), [1000, 5000]);
    expect(seen(more)).toEqual({
      status: 200,
      reply: "",
      isComplete: true,
      isWhole: false,
      hasSurplus: false,
    });
  });
});

describe("header fields", () => {
  test("are joined where they are repeated, and the first counts where only one makes sense", () => {
    const { head } = read(
      "HTTP/1.1 429 X\r\nRetry-After: 3\r\nretry-after: 9\r\nWWW-Authenticate: A\r\nwww-authenticate: B\r\n" +
        "__proto__: x\r\ncontent-length: 0\r\n\r\n",
    );
    expect({ ...head!.headers }).toEqual({
      "retry-after": "3",
      "www-authenticate": "A, B",
      ["__proto__"]: "x",
      "content-length": "0",
    });
  });

  test.for([
    ["1.1", "", true, Number.POSITIVE_INFINITY],
    ["1.1", "Connection: Close\r\n", false, Number.POSITIVE_INFINITY],
    ["1.1", "connection: upgrade ,close\r\n", false, Number.POSITIVE_INFINITY],
    ["1.0", "", false, Number.POSITIVE_INFINITY],
    ["1.0", "connection: keep-alive\r\n", true, Number.POSITIVE_INFINITY],
    ["1.1", "keep-alive: timeout=5, max=100\r\n", true, 4000],
    ["1.1", "keep-alive: timeout=1\r\n", false, 0],
  ] as const)("HTTP/%s with %j keeps the connection: %s, for %d ms", ([version, fields, keeps, ms]) => {
    const { head } = read(`HTTP/${version} 200 OK\r\n${fields}content-length: 0\r\n\r\n`);
    expect(head).toMatchObject({ keepsAlive: keeps, keepAliveMs: ms });
  });
});

describe("what is malformed is one clear error:", () => {
  const ok = "HTTP/1.1 200 OK\r\n";
  const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
  test.for([
    ["another protocol", "SSH-2.0-x\r\n", 'the answer is not HTTP/1.1, it begins with "SSH-2.0-x"'],
    ["HTTP/2", "HTTP/2 200\r\n\r\n", 'the answer is not HTTP/1.1, it begins with "HTTP/2 200"'],
    ["a short status", "HTTP/1.1 20\r\n\r\n", 'the answer is not HTTP/1.1, it begins with "HTTP/1.1 20"'],
    ["a field without colon", `${ok}abc\r\n\r\n`, 'the answer has the malformed header line "abc"'],
    ["a blank before the colon", `${ok}a : b\r\n\r\n`, 'the answer has the malformed header line "a : b"'],
    ["a folded field", `${ok}a: b\r\n c\r\n\r\n`, 'the answer has the malformed header line "c"'],
    ["a bare line feed", `${ok}a: b\nc: d\r\n\r\n`, 'the answer has the malformed header line "a: b c: d"'],
    [
      "two lengths",
      `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      'the answer has the content-length "1, 2"',
    ],
    ["a negative length", `${ok}content-length: -1\r\n\r\n`, 'the answer has the content-length "-1"'],
    [
      "a length beyond all",
      `${ok}content-length: ${"9".repeat(16)}\r\n\r\n`,
      `the answer has the content-length "${"9".repeat(16)}"`,
    ],
    ["an empty length", `${ok}content-length:\r\n\r\n`, 'the answer has the content-length ""'],
    [
      "a length and chunks",
      `${ok}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      "the answer has both a content-length and a transfer-encoding",
    ],
    [
      "an encoding nobody asked for",
      `${ok}transfer-encoding: gzip, chunked\r\n\r\n`,
      'the answer has the transfer-encoding "gzip, chunked", which was not asked for',
    ],
    ["a chunk without size", `${chunked}\r\n`, 'the answer has a chunk of size ""'],
    ["a size that is none", `${chunked}0x5\r\n`, 'the answer has a chunk of size "0x5"'],
    [
      "a chunk longer than it says",
      `${chunked}1\r\nabc`,
      "the answer has a chunk that is longer than it says",
    ],
    ["an endless size line", chunked + "0".repeat(300), "the answer has a chunk size of more than 256 bytes"],
    [
      "endless trailers",
      `${chunked}0\r\n${"a: b\r\n".repeat(3000)}`,
      "the answer has a trailer of more than 16384 bytes",
    ],
    ["an endless head", ok + "a: b\r\n".repeat(3000), "the answer has a header of more than 16384 bytes"],
    [
      "endless interim answers",
      "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000),
      "the answer has a header of more than 16384 bytes",
    ],
    [
      "another protocol halfway",
      "HTTP/1.1 101 Switching\r\n\r\n",
      "the answer switches to another protocol, which was not asked for",
    ],
  ] as const)("%s", ([, text, message]) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (cuts) => {
        expect(() => read(text)).toThrow(new ResponseError(message));
        expect(() => read(text, cuts)).toThrow(ResponseError);
      }),
      { numRuns: 20 },
    );
  });

  test("arbitrary bytes are read or refused, and never anything else", () => {
    const piece = fc.constantFrom(
      ..."HTTP/1.1 200 OK\r\n|\r\n|\r|\n|: |content-length|transfer-encoding: chunked|5|0|a|\0".split("|"),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }),
        fc.array(fc.nat()),
        (pieces, cuts) => {
          const text = pieces.join("");
          for (const start of ["", ok, chunked]) {
            try {
              read(start + text, cuts);
            } catch (error) {
              expect(error).toBeInstanceOf(ResponseError);
            }
          }
        },
      ),
    );
  });
});
