import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { openGrpcTransport } from "./grpc-transport.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const BODY_BYTES = 4_000_000;

function frame(type: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Windows larger than any body: SETTINGS_INITIAL_WINDOW_SIZE, and that of the connection. */
const GREETING = Buffer.concat([
  frame(4, 0, Buffer.from([0, 4, 0x7f, 0xff, 0xff, 0xff])),
  frame(8, 0, Buffer.from([0x40, 0, 0, 0])),
]);
/** HEADERS with `:status: 200` and `x-odd: yyyyy`, to be continued; DATA comes instead. */
const BROKEN = Buffer.concat([
  frame(1, 1, Buffer.from("\x88\x00\x05x-odd\x05yyyyy", "latin1")),
  frame(0, 1, Buffer.alloc(3)),
]);

test("a target that reads nothing and breaks off its headers neither ends us nor leaves anything behind", async () => {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write(GREETING);
    socket.once("data", () => {
      socket.pause();
      setTimeout(() => socket.write(BROKEN), 50);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = parseEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    protocol: "grpc",
  });
  const sendOnce = async (): Promise<WeakRef<Buffer>> => {
    const transport = openGrpcTransport({ endpoint, protocol: "grpc", timeoutMs: 500 });
    const body = Buffer.alloc(BODY_BYTES);
    const answer = await new Promise<Answer>((resolve) => transport.send("traces", body, resolve));
    expect(answer).toMatchObject({ kind: "lost", sent: true });
    await transport.close();
    return new WeakRef(body);
  };
  const bodies = await Promise.all(Array.from({ length: 8 }, sendOnce));
  await expect
    .poll(
      async () => {
        await turn();
        collectGarbage();
        return bodies.filter((body) => body.deref() !== undefined).length;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
  server.close();
});
