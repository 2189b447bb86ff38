import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { HeaderDecoder, HpackError } from "./header-decoder.ts";
import { HeaderEncoder } from "./header-encoder.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const lines = (text: string) => text.trim().split(/\n\s*/);
const decode = (decoder: HeaderDecoder, text: string) =>
  [...decoder.decode(hex(text))].map((field) => field.join(": "));

/** What the table has, the newest first: an index is asked for after the other until there is none. That changes nothing. */
function tableOf(decoder: HeaderDecoder): [string, string][] {
  const fields: [string, string][] = [];
  try {
    for (let index = 62; ; index++) fields.push(...decoder.decode(indexed(index)));
  } catch {
    return fields;
  }
}

function indexed(index: number): Buffer {
  if (index < 127) return Buffer.of(0x80 | index);
  return index < 255
    ? Buffer.of(0xff, index - 127)
    : Buffer.of(0xff, 0x80 | ((index - 127) % 128), (index - 127) >> 7);
}

describe("the examples of RFC 7541, appendix C, are decoded", () => {
  test.each([
    [
      "C.2.1",
      "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      "custom-key: custom-header",
      1,
    ],
    ["C.2.2", "040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path", 0],
    ["C.2.3", "1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret", 0],
    ["C.2.4", "82", ":method: GET", 0],
  ])("%s", (_, block, field, tableLength) => {
    const decoder = new HeaderDecoder();
    expect(decode(decoder, block)).toEqual([field]);
    expect(tableOf(decoder)).toHaveLength(tableLength);
  });

  /** Fields of each block, and the table behind it. */
  const requests = [
    [":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com", ":authority: www.example.com"],
    [
      ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
      "cache-control: no-cache\n:authority: www.example.com",
    ],
    [
      ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
      "custom-key: custom-value\ncache-control: no-cache\n:authority: www.example.com",
    ],
  ] as const;
  const cookie = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
  const responses = [
    [
      `:status: 302
      cache-control: private
      date: Mon, 21 Oct 2013 20:13:21 GMT
      location: https://www.example.com`,
      `location: https://www.example.com
      date: Mon, 21 Oct 2013 20:13:21 GMT
      cache-control: private
      :status: 302`,
    ],
    [
      `:status: 307
      cache-control: private
      date: Mon, 21 Oct 2013 20:13:21 GMT
      location: https://www.example.com`,
      `:status: 307
      location: https://www.example.com
      date: Mon, 21 Oct 2013 20:13:21 GMT
      cache-control: private`,
    ],
    [
      `:status: 200
      cache-control: private
      date: Mon, 21 Oct 2013 20:13:22 GMT
      location: https://www.example.com
      content-encoding: gzip
      ${cookie}`,
      `${cookie}
      content-encoding: gzip
      date: Mon, 21 Oct 2013 20:13:22 GMT`,
    ],
  ] as const;

  test.each([
    [
      "C.3, requests without Huffman code",
      4096,
      requests,
      [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
    ],
    [
      "C.4, requests with Huffman code",
      4096,
      requests,
      [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
    ],
    [
      "C.5, responses without Huffman code, in a table of 256 bytes",
      256,
      responses,
      [
        `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d
        546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
        "4803 3330 37c1 c0bf",
        `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
        6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
        2076 6572 7369 6f6e 3d31`,
      ],
    ],
    [
      "C.6, responses with Huffman code, in a table of 256 bytes",
      256,
      responses,
      [
        `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
        8f0b 97c8 e9ae 82ae 43d3`,
        "4883 640e ffc1 c0bf",
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
        dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
      ],
    ],
  ])("%s", (_, tableBytes, expected, blocks) => {
    const decoder = new HeaderDecoder(tableBytes);
    for (const [i, block] of blocks.entries()) {
      expect(decode(decoder, block)).toEqual(lines(expected[i]![0]));
      expect(tableOf(decoder).map((field) => field.join(": "))).toEqual(lines(expected[i]![1]));
    }
  });
});

describe("a block", () => {
  test("may be empty", () => {
    expect(new HeaderDecoder().decode(Buffer.alloc(0)).size).toBe(0);
  });

  test("may name a field twice: the first counts", () => {
    expect(decode(new HeaderDecoder(), "0001 6101 31 0001 6101 32 88 8d")).toEqual(["a: 1", ":status: 200"]);
  });

  test("means something else once the table has changed", () => {
    const decoder = new HeaderDecoder();
    decoder.decode(hex("4001 6101 31"));
    expect(decode(decoder, "88be")).toEqual([":status: 200", "a: 1"]);
    decoder.decode(hex("4001 6201 32"));
    expect(decode(decoder, "88be")).toEqual([":status: 200", "b: 2"]);
    expect(decode(decoder, "20 3fe11f 88")).toEqual([":status: 200"]);
    expect(() => decoder.decode(hex("88be"))).toThrow(HpackError);
  });

  test("that adds a field does so each time it comes", () => {
    const decoder = new HeaderDecoder();
    for (let times = 1; times <= 3; times++) {
      expect(decode(decoder, "4001 6101 31")).toEqual(["a: 1"]);
      expect(tableOf(decoder)).toHaveLength(times);
    }
  });

  test("that is overwritten later leaves the fields, and what is known of the block, as they were", () => {
    const decoder = new HeaderDecoder();
    const block = hex("0001 6101 31 88");
    const fields = decoder.decode(block);
    block.fill(0x82);
    expect([...fields]).toEqual([
      ["a", "1"],
      [":status", "200"],
    ]);
    expect([...decoder.decode(block)]).toEqual([[":method", "GET"]]);
    expect(decode(decoder, "0001 6101 31 88")).toEqual(["a: 1", ":status: 200"]);
  });

  test("that is one of many in turn has its own fields each time", () => {
    const decoder = new HeaderDecoder();
    for (let round = 0; round < 3; round++) {
      for (let index = 8; index <= 14; index++) {
        const status = [200, 204, 206, 304, 400, 404, 500][index - 8];
        expect(decode(decoder, (0x80 | index).toString(16))).toEqual([`:status: ${status}`]);
      }
    }
  });

  test("may add a field that is larger than the table, which empties it", () => {
    const decoder = new HeaderDecoder(64);
    decoder.decode(hex("4001 6101 31"));
    expect(tableOf(decoder)).toEqual([["a", "1"]]);
    // Its name is that of the field which it displaces.
    expect(decode(decoder, `7e 20 ${"78".repeat(32)}`)).toEqual([`a: ${"x".repeat(32)}`]);
    expect(tableOf(decoder)).toEqual([]);
    decoder.decode(hex("4001 6201 32"));
    expect(tableOf(decoder)).toEqual([["b", "2"]]);
  });

  test("may change the table's size at its start, twice at most", () => {
    const decoder = new HeaderDecoder();
    decoder.decode(hex("4001 6101 31 4001 6201 32"));
    expect(decode(decoder, "3f03 3fe11f 88")).toEqual([":status: 200"]);
    // 34 bytes in between: enough for one of the two.
    expect(tableOf(decoder)).toEqual([["b", "2"]]);
    decoder.decode(hex("3f02"));
    expect(tableOf(decoder)).toEqual([]);
  });

  const BROKEN_OFF = "the header block breaks off inside a field";
  const TOO_LARGE = "the header block has an integer above 268435456";
  const MISPLACED = "the header block changes the table's size once too often, or behind a field";
  test.each([
    ["with index 0", "80", "the header block names field 0, which its table does not have"],
    [
      "with an index beyond the table",
      "be",
      "the header block names field 62, which its table does not have",
    ],
    [
      "with a name of an index beyond the table",
      "7e0131",
      "the header block names field 62, which its table does not have",
    ],
    ["that enlarges the table", "3fe21f", "the header table is to have 4097 bytes, more than 4096"],
    ["that changes the table's size three times", "20 20 20", MISPLACED],
    ["that changes the table's size behind a field", "88 20", MISPLACED],
    ["with an integer of six bytes", "ff8080808000", TOO_LARGE],
    ["with an integer that never ends", "ff".repeat(100), TOO_LARGE],
    ["with an integer above 2^28", "00ff82ffff7f", TOO_LARGE],
    ["with a text as large as an integer can be", "00ff81ffff7f", BROKEN_OFF],
    ["that breaks off in an integer", "ff80", BROKEN_OFF],
    ["that breaks off before a name", "40", BROKEN_OFF],
    ["that breaks off in a name", "400261", BROKEN_OFF],
    ["that breaks off before a value", "400161", BROKEN_OFF],
    ["that breaks off in a value", "4001610231", BROKEN_OFF],
    ["that breaks off in a Huffman code", "40016182f1", BROKEN_OFF],
    [
      "with a wrong Huffman code",
      "40016181ff",
      "a text of the header block breaks off inside its Huffman code",
    ],
  ])("is refused %s", (_, block, message) => {
    expect(() => new HeaderDecoder().decode(hex(block))).toThrow(new HpackError(message));
  });

  test("whose fields count for too much is refused, however short it is", () => {
    const decoder = new HeaderDecoder(4096, 100);
    decoder.decode(hex(`4001 61 20 ${"78".repeat(32)}`));
    expect(decoder.decode(hex("be")).size).toBe(1);
    expect(() => decoder.decode(hex("bebe"))).toThrow(
      new HpackError("the header list has more than 100 bytes"),
    );
  });
});

/** Blocks of an encoder, some of them damaged, and any bytes. */
const hostileBlocks = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          0x40,
          0x41,
          0x7e,
          0x80,
          0x82,
          0xbe,
          0xbf,
          0xc0,
          0xff,
          0x3f,
          0x20,
          0,
          1,
          0x0f,
          0x10,
          0x61,
          0x7f,
        ),
      )
      .map((bytes) => Uint8Array.from(bytes)),
    fc
      .tuple(
        fc.array(fc.string({ maxLength: 60 }), { maxLength: 20 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
      )
      .map(([texts, place, byte, isDamaged]) => {
        const block = Buffer.from(new HeaderEncoder().encode(texts.flatMap((text) => [text, text])));
        if (isDamaged) block[place % block.length] = byte;
        return block as Uint8Array;
      }),
  ),
  { maxLength: 20 },
);

test("any bytes are fields within their bounds or an HpackError, and so are those after it", () => {
  let decoded = 0;
  let refused = 0;
  fc.assert(
    fc.property(hostileBlocks, fc.integer({ min: 0, max: 600 }), (blocks, tableBytes) => {
      const decoder = new HeaderDecoder(tableBytes, 1000);
      for (const block of blocks) {
        try {
          expect(bytesOf([...decoder.decode(Buffer.from(block))])).toBeLessThanOrEqual(1000);
          decoded++;
        } catch (error) {
          if (!(error instanceof HpackError)) throw error;
          refused++;
        }
        expect(bytesOf(tableOf(decoder))).toBeLessThanOrEqual(tableBytes);
      }
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(decoded, refused)).toBeGreaterThan(100);
});

function bytesOf(fields: readonly (readonly [string, string])[]): number {
  return fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

describe("what node:http2 sends", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  /** Every byte that a value may have (RFC 9110, 5.5). */
  const anyByte = ["\t", ...Array.from({ length: 224 }, (_, i) => String.fromCharCode(i + 32))]
    .filter((c) => c !== "\x7f")
    .join("");
  const headerSets: Record<string, string>[] = [
    { "content-type": "application/grpc", te: "trailers", "x-all": `a${anyByte}z` },
    { "content-type": "application/grpc", te: "trailers", "x-all": `a${anyByte}z`, "x-more": "0" },
    ...Array.from({ length: 20 }, (_, i) => ({
      "x-count": String(i),
      [`x-any-${i % 7}`]: `-${anyByte.slice(i * 12, i * 12 + 12)}-`,
    })),
    { "x-long": "abc\xe9".repeat(1500) },
    { "content-type": "application/grpc", te: "trailers" },
  ];

  test.each([
    ["in the usual table", 4096],
    ["in a small table", 200],
    ["without a table", 0],
    ["in a large table", 65_536],
  ])("is decoded to what it was, %s", async (_, headerTableSize) => {
    const settings = { headerTableSize };
    const server = http2.createServer({ settings });
    const requests: string[][] = [];
    const answers: string[][] = [];
    server.on("stream", (stream: http2.ServerHttp2Stream, _headers, _flags, raw) => {
      requests.push(raw);
      const set = headerSets[requests.length - 1]!;
      stream.respond({ ":status": 200, ...set }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", ...set }));
      stream.end();
    });
    const { port, up, down } = await recordingProxy(server);
    const session = http2.connect(`http://127.0.0.1:${port}`, { settings });
    closing.push(() => session.destroy());
    for (const set of headerSets) {
      const stream = session.request(set, { endStream: true });
      await new Promise<void>((resolve, reject) => {
        stream.on("response", (_headers, _flags, raw) => answers.push(raw));
        stream.on("trailers", (_headers, _flags, raw) => answers.push(raw));
        stream.on("error", reject).on("close", resolve).resume();
      });
    }

    const sent = decodeAll(Buffer.concat(up).subarray(PREFACE_BYTES), headerTableSize);
    expect(sent.map((fields) => fields.flat())).toEqual(requests);
    const received = decodeAll(Buffer.concat(down), headerTableSize);
    expect(received.map((fields) => fields.flat())).toEqual(answers);
    for (const [i, set] of headerSets.entries()) {
      expect(Object.fromEntries(sent[i]!)).toMatchObject(set);
      expect(Object.fromEntries(received[2 * i]!)).toMatchObject({ ":status": "200", ...set });
      expect(Object.fromEntries(received[2 * i + 1]!)).toEqual({ "grpc-status": "0", ...set });
    }
  });

  /** Passes a connection on to the server, and keeps what goes to it and what comes back. */
  async function recordingProxy(server: http2.Http2Server) {
    const up: Buffer[] = [];
    const down: Buffer[] = [];
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = net.createServer({ noDelay: true }, (client) => {
      const target = net.connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay();
      client.on("data", (bytes: Buffer) => up.push(bytes)).on("error", () => target.destroy());
      target.on("data", (bytes: Buffer) => down.push(bytes)).on("error", () => client.destroy());
      client.pipe(target).pipe(client);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    closing.push(() => proxy.close() && server.close());
    return { port: (proxy.address() as AddressInfo).port, up, down };
  }
});

const PREFACE_BYTES = 24;

/** The fields of each block in the frames that one end sent (RFC 9113, 4.1, 6.2 and 6.10). */
function decodeAll(frames: Buffer, tableBytes: number): [string, string][][] {
  const decoder = new HeaderDecoder(tableBytes);
  const decoded: [string, string][][] = [];
  let block: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const length = frames.readUIntBE(at, 3);
    const [type, flags] = [frames[at + 3]!, frames[at + 4]!];
    at += 9 + length;
    if (type !== 1 && type !== 9) continue;
    expect(flags & 0x08, "padding, which this does not know").toBe(0);
    const priorityBytes = type === 1 && (flags & 0x20) !== 0 ? 5 : 0;
    block.push(frames.subarray(at - length + priorityBytes, at));
    if ((flags & 0x04) === 0) continue;
    decoded.push([...decoder.decode(Buffer.concat(block))]);
    block = [];
  }
  return decoded;
}
