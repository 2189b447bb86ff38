/**
 * A DNS server for tests, on UDP of 127.0.0.1: it knows one name, whose addresses change when the test says so.
 * Source: RFC 1035, 4.
 */
import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

export interface DnsServer {
  /** ip:port of it. */
  address: string;
  /** IPv4 addresses of the name from now on. */
  addresses: readonly string[];
  close(): Promise<void>;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
const NAME_ERROR = 3;
/** Whoever obeyed it would not ask again within a test. */
const TTL_SECONDS = 600;

export async function startDnsServer(name: string, addresses: readonly string[]): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const server: DnsServer = {
    address: "",
    addresses,
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
  socket.on("message", (query, from) => {
    const question = questionOf(query);
    const isKnown = question.name === name;
    const answers = isKnown && question.type === TYPE_A ? server.addresses : [];
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    // A reply, authoritative, recursion available.
    header.writeUInt16BE(0x8580 | (isKnown ? 0 : NAME_ERROR), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const body = query.subarray(HEADER_BYTES, question.end);
    socket.send(Buffer.concat([header, body, ...answers.map(recordOf)]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  server.address = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  return server;
}

/** Name and type of the question of a query, and where it ends. */
function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join("."), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A record of the name in the question. */
function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split(".").map(Number), 12);
  return record;
}
