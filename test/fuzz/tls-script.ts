/** What answers a client that wants TLS, and is none, or a broken one. */
import type { Random } from "../../generator/random.ts";
import { mutated, noise, pick, type Script, written } from "./script.ts";

/** The script of one connection. */
export function tlsScript(random: Random): Script {
  const [label, bytes] = pick<[string, Buffer]>(random, [
    ["alert", record(21, Buffer.from([random.int(0, 3), random.int(0, 255)]))],
    ["server hello", record(22, handshake(random))],
    ["broken server hello", mutated(random, record(22, handshake(random)))],
    ["application data", record(23, noise(random, 300))],
    ["record of any type", record(random.int(0, 255), noise(random, 300))],
    ["http", Buffer.from("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")],
    ["http2", Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])],
    ["ssh", Buffer.from("SSH-2.0-OpenSSH_9.9\r\n")],
    ["noise", noise(random, 2000)],
    ["nothing", Buffer.alloc(0)],
  ]);
  const steps = written(random, bytes);
  return {
    label: `tls ${label}`,
    begins: pick(random, ["connected", "head"]),
    isDeaf: false,
    steps: () => steps,
  };
}

function record(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, payload.length >> 8, payload.length & 255]), payload]);
}

function handshake(random: Random): Buffer {
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    noise(random, 64),
    Buffer.from([0, 0x13, pick(random, [1, 2, 3, 0xff]), 0]),
    noise(random, 40),
  ]);
  return Buffer.concat([Buffer.from([2, 0, body.length >> 8, body.length & 255]), body]);
}
