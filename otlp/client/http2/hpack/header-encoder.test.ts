import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { HeaderDecoder } from "./header-decoder.ts";
import { HeaderEncoder, type HeaderList } from "./header-encoder.ts";
import { STATIC_TABLE } from "./static-table.ts";

const LIST: HeaderList = [
  ":method",
  "POST",
  ":path",
  "/a",
  "content-type",
  "application/grpc",
  "x-team",
  "secret",
];

/** Of a name that comes twice the first counts. */
function fieldsOf(list: HeaderList): [string, string][] {
  const fields = new Map<string, string>();
  for (let i = 0; i < list.length; i += 2) if (!fields.has(list[i]!)) fields.set(list[i]!, list[i + 1]!);
  return [...fields];
}

describe("a list", () => {
  test("is written out the first time and a byte a field from then on", () => {
    const encoder = new HeaderEncoder();
    const first = Buffer.from(encoder.encode(LIST));
    // The method is in the static table; of the path the name is, which is added with its value.
    expect(first.toString("latin1", 0, 2)).toBe("\x83\x44");
    expect(encoder.encode(LIST)).toEqual(Buffer.of(0x83, 62 + 2 + 0x80, 62 + 1 + 0x80, 62 + 0x80));
  });

  test("is the same buffer each time while the table is as it was, and another one afterwards", () => {
    const encoder = new HeaderEncoder();
    encoder.encode(LIST);
    const block = encoder.encode(LIST);
    const before = Buffer.from(block);
    expect(encoder.encode(LIST)).toBe(block);
    encoder.encode(["x-new", "1"]);
    expect(encoder.encode(LIST)).toEqual(Buffer.of(0x83, 63 + 2 + 0x80, 63 + 1 + 0x80, 63 + 0x80));
    expect(block).toEqual(before);
  });

  test("of fields that no longer fit is written out each time, and displaces nothing", () => {
    const encoder = new HeaderEncoder();
    encoder.encode(LIST);
    const block = Buffer.from(encoder.encode(LIST));
    const large = ["x-large", "\0".repeat(4000)];
    const largeBlock = Buffer.from(encoder.encode(large));
    expect(largeBlock.length).toBeGreaterThan(4000);
    expect(largeBlock[0]).toBe(0);
    expect(encoder.encode(large)).toEqual(largeBlock);
    expect(encoder.encode(LIST)).toEqual(block);
  });

  test("is written out again once the peer changed the table's size", () => {
    const encoder = new HeaderEncoder();
    const first = Buffer.from(encoder.encode(LIST));
    encoder.setTableSize(1000);
    expect(encoder.encode(LIST)).toEqual(Buffer.concat([Buffer.from("203fc907", "hex"), first]));
    encoder.setTableSize(1000);
    expect(encoder.encode(LIST)).toHaveLength(4);
    encoder.setTableSize(0);
    encoder.encode(LIST);
    const block = encoder.encode(LIST);
    // Nothing is added to a table of no bytes.
    expect(block.toString("latin1", 0, 2)).toBe("\x83\x04");
  });

  test("says nothing of sizes above 4096, which we do not use", () => {
    const encoder = new HeaderEncoder();
    const first = Buffer.from(encoder.encode(LIST));
    encoder.setTableSize(65_536);
    expect(encoder.encode(LIST)).toHaveLength(4);
    encoder.setTableSize(100);
    encoder.setTableSize(2 ** 32 - 1);
    expect(encoder.encode(LIST)).toEqual(Buffer.concat([Buffer.from("203fe11f", "hex"), first]));
  });

  test("comes back from a decoder in its order, for any lists and table sizes one after the other", () => {
    const names = fc.oneof(
      fc.constantFrom(...STATIC_TABLE.map(({ name }) => name)),
      fc.string({ unit: "binary-ascii" }),
    );
    const bytes = fc.uint8Array({ maxLength: 300 }).map((text) => Buffer.from(text).toString("latin1"));
    const fields = fc.oneof(
      fc.constantFrom(...STATIC_TABLE).map(({ name, value }) => [name, value]),
      fc.tuple(names, fc.oneof(fc.constantFrom("", "a", "application/grpc"), bytes)),
    );
    const lists = fc.array(
      fc.array(fields, { maxLength: 8 }).map((list) => list.flat()),
      { minLength: 1, maxLength: 6 },
    );
    const steps = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ list: fc.nat() }) },
        fc.record({ size: fc.nat({ max: 6000 }) }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(lists, steps, (choice, doneSteps) => {
        const encoder = new HeaderEncoder();
        const decoder = new HeaderDecoder();
        for (const step of doneSteps) {
          if ("size" in step) encoder.setTableSize(step.size);
          else {
            const list = choice[step.list % choice.length]!;
            expect([...decoder.decode(encoder.encode(list))]).toEqual(fieldsOf(list));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a server of node:http2 sees what was sent", () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const path = (name: string) => [
    ":method",
    "POST",
    ":scheme",
    "http",
    ":path",
    name,
    ":authority",
    "target:4317",
  ];
  /** A server ignores or refuses a value of these that is not true of the request. */
  const special = ["transfer-encoding", "content-length", "host"];
  const known = STATIC_TABLE.filter(({ name }) => !name.startsWith(":") && !special.includes(name));
  const anyByte = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).filter(
    (c) => c === "\t" || (c >= " " && c !== "\x7f"),
  );
  const lists: HeaderList[] = [
    [
      ...path("/a"),
      "content-type",
      "application/grpc",
      "te",
      "trailers",
      "authorization",
      "Bearer 0123456789",
    ],
    [...path("/b"), "content-type", "application/grpc", "te", "trailers", "grpc-encoding", "gzip"],
    [...path("/all"), "x-all", `a${anyByte.join("")}z`, "x-long", "\xe9".repeat(5000)],
    [...path("/known"), ...known.flatMap(({ name, value }) => [name, value || `of ${name}`])],
  ];

  test.each([
    ["of the usual table size", 4096],
    ["with a small table", 150],
    ["without a table", 0],
    ["with a large table", 65_536],
  ])("%s, and after it changed its mind", async (_, headerTableSize) => {
    const seen: string[][] = [];
    const server = http2.createServer({ settings: { headerTableSize } });
    let session: http2.ServerHttp2Session | undefined;
    server.on("session", (opened) => {
      session = opened;
    });
    server.on("stream", (stream: http2.ServerHttp2Stream, _headers, _flags, raw) => {
      seen.push(raw);
      stream.respond({ ":status": 204 }, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => server.close());

    const encoder = new HeaderEncoder();
    const client = connect((server.address() as AddressInfo).port, encoder);
    const expected: HeaderList[] = [];
    let sizes = 0;
    for (const nextSize of [100, 4096, undefined]) {
      await expect.poll(() => client.sizes.length, { timeout: 20_000 }).toBe(++sizes);
      for (const list of [...lists, ...lists, ...lists]) {
        client.send(encoder.encode(list));
        expected.push(list);
      }
      await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(expected.length);
      if (nextSize !== undefined) session!.settings({ headerTableSize: nextSize });
    }
    expect(seen).toEqual(expected);
    expect(client.sizes).toEqual([headerTableSize, 100, 4096]);
  });

  /** The least of a client: preface, SETTINGS, and requests without a body (RFC 9113, 3.4, 4.1, 6.2 and 6.5). */
  function connect(port: number, encoder: HeaderEncoder) {
    const socket = net.connect(port, "127.0.0.1");
    closing.push(() => socket.destroy());
    /** SETTINGS_HEADER_TABLE_SIZE each time it was said. */
    const sizes: number[] = [];
    let streamId = -1;
    let bytes = Buffer.alloc(0);
    const write = (type: number, flags: number, id: number, payload: Buffer) => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head.writeUInt8(type, 3);
      head.writeUInt8(flags, 4);
      head.writeUInt32BE(id, 5);
      socket.write(Buffer.concat([head, payload]));
    };
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    write(4, 0, 0, Buffer.alloc(0));
    socket.on("data", (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
        const end = 9 + bytes.readUIntBE(0, 3);
        const isSettings = bytes[3] === 4 && bytes[4] === 0;
        if (isSettings) {
          for (let at = 9; at < end; at += 6) {
            if (bytes.readUInt16BE(at) !== 1) continue;
            encoder.setTableSize(bytes.readUInt32BE(at + 2));
            sizes.push(bytes.readUInt32BE(at + 2));
          }
          write(4, 1, 0, Buffer.alloc(0));
        }
        bytes = bytes.subarray(end);
      }
    });
    return {
      sizes,
      send: (block: Buffer) => {
        streamId += 2;
        write(1, 0x5, streamId, block);
      },
    };
  }
});
