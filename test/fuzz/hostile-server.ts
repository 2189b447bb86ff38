/**
 * A server on a real socket that plays one script for one request, and answers well when it has none.
 *
 * It reads requests only as far as it must to know where they begin and end.
 */
import net, { type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { ACK, END_STREAM, FRAME, FRAME_HEAD_BYTES, PREFACE } from "../../otlp/client/http2/frames.ts";
import { frame, GREETING, goodAnswer, uint32 } from "./http2-frames.ts";
import type { Script, Step } from "./script.ts";

export type Kind = "http" | "grpc" | "tls";

/** What senders overwrite their bodies with once they are told that they may: nobody should see it. */
export const OVERWRITTEN = 0xee;
const OVERWRITTEN_RUN = Buffer.alloc(8, OVERWRITTEN);

const GOOD_HTTP = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
);

/** The script of a server that means well. */
export function goodScript(kind: Kind): Script {
  const steps = (streamId: number): Step[] => [{ write: kind === "grpc" ? goodAnswer(streamId) : GOOD_HTTP }];
  return { label: "good", begins: "whole", isDeaf: false, steps };
}

export class HostileServer {
  readonly #kind: Kind;
  readonly #server = net.createServer((socket) => this.#onConnection(socket));
  readonly #sockets = new Set<Socket>();
  #next: (() => Script) | undefined;
  /** Scripts that have begun. */
  played = 0;
  /** Requests of which a body came that had been given back already. */
  overwritten = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** host:port of 127.0.0.1 */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Play this for the next request, or the next connection where it begins so early. */
  playOnce(script: Script): void {
    this.#next = () => {
      this.#next = undefined;
      return script;
    };
    this.#begins = script.begins;
  }

  /** Play what comes from here for every request from now on, once all of it has come. */
  playAlways(next: () => Script): void {
    this.#next = next;
    this.#begins = "whole";
  }

  /** Break all connections and answer well from now on. */
  recover(): void {
    this.#next = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #begins: Script["begins"] = "whole";

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    const isPlayed = this.#next !== undefined && this.#begins === "connected";
    if (isPlayed) this.#play(socket, 1);
    else if (this.#kind === "grpc") socket.write(GREETING);
    const requests = READERS[this.#kind]({
      // What was played at the start was for the first request.
      head: (streamId) => this.#onHead(socket, streamId),
      whole: (streamId) => this.#onWhole(socket, streamId),
      reply: (bytes) => socket.write(bytes),
    });
    socket.on("data", (bytes: Buffer) => {
      if (bytes.includes(OVERWRITTEN_RUN)) this.overwritten++;
      requests(bytes);
    });
  }

  #onHead(socket: Socket, streamId: number): void {
    if (this.#next && this.#begins !== "whole") this.#play(socket, streamId);
  }

  #onWhole(socket: Socket, streamId: number): void {
    if (this.#next) this.#play(socket, streamId);
    // Where a script was played for this request, nothing more is said; a recovered server has new connections.
    else if (!this.#hostile.has(socket))
      socket.write(this.#kind === "grpc" ? goodAnswer(streamId) : GOOD_HTTP);
  }

  readonly #hostile = new WeakSet<Socket>();

  #play(socket: Socket, streamId: number): void {
    const script = this.#next!();
    this.played++;
    this.#hostile.add(socket);
    if (script.isDeaf) socket.pause();
    void playSteps(socket, script.steps(streamId));
  }
}

async function playSteps(socket: Socket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return;
    if (step === "end") socket.end();
    else if (step === "reset") socket.resetAndDestroy();
    else if ("pauseMs" in step) await sleep(step.pauseMs);
    else if (socket.writable) {
      socket.write(step.write);
      // The reader sees the pieces only if it may run in between.
      await turn();
    }
  }
}

interface Requests {
  head(streamId: number): void;
  whole(streamId: number): void;
  reply(bytes: Buffer): void;
}

/** How each kind tells where requests begin and end. */
const READERS: Record<Kind, (requests: Requests) => (bytes: Buffer) => void> = {
  http: readHttp,
  grpc: readHttp2,
  tls: ({ head, whole }) => {
    return () => {
      head(1);
      whole(1);
    };
  },
};

function readHttp({ head, whole }: Requests): (bytes: Buffer) => void {
  let text = "";
  let left: number | undefined;
  return (bytes) => {
    // Clients of ours never send a request before the last is answered.
    if (left === undefined) {
      text += bytes.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      left = Number(/content-length: (\d+)/.exec(text)![1]) - (text.length - end - 4);
      text = "";
      head(1);
    } else left -= bytes.length;
    if (left > 0) return;
    left = undefined;
    whole(1);
  };
}

function readHttp2({ head, whole, reply }: Requests): (bytes: Buffer) => void {
  let waiting: Buffer = Buffer.alloc(0);
  let skip = PREFACE.length;
  return (bytes) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    if (waiting.length < skip) return;
    let at = skip;
    skip = 0;
    while (waiting.length >= at + FRAME_HEAD_BYTES) {
      const length = waiting.readUIntBE(at, 3);
      const end = at + FRAME_HEAD_BYTES + length;
      if (waiting.length < end) break;
      const [type, flags, streamId] = [waiting[at + 3]!, waiting[at + 4]!, waiting.readUInt32BE(at + 5)];
      if (type === FRAME.settings && (flags & ACK) === 0)
        reply(frame(FRAME.settings, ACK, 0, Buffer.alloc(0)));
      if (type === FRAME.headers) head(streamId);
      if (type === FRAME.data && length > 0) reply(frame(FRAME.windowUpdate, 0, 0, uint32(length)));
      if ((type === FRAME.data || type === FRAME.headers) && (flags & END_STREAM) !== 0) whole(streamId);
      at = end;
    }
    waiting = waiting.subarray(at);
  };
}
