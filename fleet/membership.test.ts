import { createSocket, type Socket } from "node:dgram";
import dns from "node:dns/promises";
import { once } from "node:events";
import { syncBuiltinESMExports } from "node:module";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { joinFleet } from "./membership.ts";

/** A DNS server for one name: its A records are whatever `addresses` says when it is asked. */
let addresses: string[] = [];
let server: Socket;
const before = dns.getServers();

beforeEach(async () => {
  server = createSocket("udp4").on("message", (query, { port, address }) => {
    server.send(answer(query), port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  ask(`127.0.0.1:${server.address().port}`);
});
afterEach(() => {
  ask(...before);
  server.close();
});

/** Whom this process asks from now on; what was imported from Node by name is told of it. */
function ask(...servers: string[]): void {
  dns.setServers(servers);
  syncBuiltinESMExports();
}

/** The reply to a query with one question: an A record an address, or "no such name" when there are none. */
function answer(query: Buffer): Buffer {
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

const own = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family }) => family === "IPv4")!.address;

test("a replica's place is that of its address among all of them, in an order that all agree on", async () => {
  addresses = ["9.9.9.9", own, "10.0.0.200", "250.0.0.1"];
  const { index, count } = await joinFleet("replayer.test");
  expect(count).toBe(4);
  expect(index).toBe([...addresses].sort().indexOf(own));
});

test("a fleet that still grows is waited for until it has stayed the same for a while", async () => {
  addresses = [own];
  const joined = joinFleet("replayer.test");
  setTimeout(() => {
    addresses = [own, "250.0.0.1"];
  }, 700);
  expect((await joined).count).toBe(2);
});

test("a name that nobody has yet is asked for again", async () => {
  addresses = [];
  const joined = joinFleet("replayer.test");
  setTimeout(() => {
    addresses = [own];
  }, 300);
  expect(await joined).toEqual({ index: 0, count: 1 });
});
