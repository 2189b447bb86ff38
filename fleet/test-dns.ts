/** A DNS server for tests: one name, whose A records are what the test says when it is asked. */
import { createSocket } from "node:dgram";
import { once } from "node:events";

export interface TestDns {
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  /** What it answers; none: "no such name". Undefined: it does not answer. */
  addresses: readonly string[] | undefined;
  /** Questions so far. */
  readonly questions: number;
  close(): void;
}

export async function startDns(addresses: readonly string[] = []): Promise<TestDns> {
  const state = { addresses: addresses as readonly string[] | undefined, questions: 0 };
  const server = createSocket("udp4").on("message", (query, { port, address }) => {
    state.questions++;
    if (state.addresses) server.send(answer(query, state.addresses), port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(state, {
    address: `127.0.0.1:${server.address().port}`,
    close: () => server.close(),
  });
}

/** The reply to a query with one question: an A record an address, or "no such name" when there are none. */
function answer(query: Buffer, addresses: readonly string[]): Buffer {
  let end = 12;
  while (query[end] !== 0) end += query[end]! + 1;
  const question = query.subarray(12, end + 5);
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(addresses.length > 0 ? 0x8580 : 0x8583, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.fill(0, 8);
  const records = addresses.map((text) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...text.split(".").map(Number)]),
  );
  return Buffer.concat([head, question, ...records]);
}
