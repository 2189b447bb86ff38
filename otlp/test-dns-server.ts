/**
 * For tests: a DNS server on UDP of 127.0.0.1. It knows one name, whose addresses change when the test says so, and fails on demand.
 * Source: RFC 1035, 4; RFC 3596.
 */
import { createSocket } from "node:dgram";
import { type AddressInfo, isIPv4 } from "node:net";

export interface DnsServer {
  /** ip:port of it. */
  address: string;
  /** Addresses of the name, of both families, from now on. */
  addresses: readonly string[];
  /** Kinds of questions that it answers with SERVFAIL. */
  failing: ReadonlySet<"A" | "AAAA">;
  close(): Promise<void>;
}

const HEADER_BYTES = 12;
const SERVER_FAILURE = 2;
const NAME_ERROR = 3;
/** Whoever obeyed it would not ask again within a test. */
const TTL_SECONDS = 600;
const TYPES = { A: 1, AAAA: 28 } as const;

export async function startDnsServer(name: string, addresses: readonly string[]): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const server: DnsServer = {
    address: "",
    addresses,
    failing: new Set(),
    close: () => new Promise((resolve) => socket.close(resolve)),
  };
  socket.on("message", (query, from) => {
    const question = questionOf(query);
    const kind = question.type === TYPES.AAAA ? "AAAA" : "A";
    const isKnown = question.name === name;
    const fits = isKnown ? server.addresses.filter((address) => isIPv4(address) === (kind === "A")) : [];
    const code = server.failing.has(kind) ? SERVER_FAILURE : isKnown ? 0 : NAME_ERROR;
    const answers = code === 0 ? fits : [];
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(query.readUInt16BE(0), 0);
    // A reply, authoritative, recursion available.
    header.writeUInt16BE(0x8580 | code, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const body = query.subarray(HEADER_BYTES, question.end);
    const records = answers.map((address) => recordOf(TYPES[kind], bytesOf(address)));
    socket.send(Buffer.concat([header, body, ...records]), from.port, from.address);
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
function recordOf(type: number, data: readonly number[]): Buffer {
  const record = Buffer.alloc(12 + data.length);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(data.length, 10);
  record.set(data, 12);
  return record;
}

function bytesOf(address: string): number[] {
  if (isIPv4(address)) return address.split(".").map(Number);
  const [front = "", back] = address.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const missing = 8 - groups(front).length - groups(back ?? "").length;
  const all = [...groups(front), ...Array<string>(missing).fill("0"), ...groups(back ?? "")];
  return all.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}
