/**
 * Who is connected, and what he is waited for. Looked over every few seconds, so that a request costs two entries in maps and no timer.
 */
import { constants, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { ServerLimits } from "../limits.ts";

interface Peer {
  /** Whether his settings have come, as those of everybody who speaks HTTP/2 do. */
  hasGreeted: boolean;
  openStreams: number;
  /** When a stream began or ended last, else when he came; performance.now(). */
  movedAtMs: number;
}

export class Peers {
  readonly #limits: ServerLimits;
  readonly #peers = new Map<Http2Session, Peer>();
  /** Requests that are still read, by when they began. */
  readonly #reading = new Map<ServerHttp2Stream, number>();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  sessions(): Iterable<Http2Session> {
    return this.#peers.keys();
  }

  come(session: Http2Session): void {
    const peer: Peer = { hasGreeted: false, openStreams: 0, movedAtMs: performance.now() };
    this.#peers.set(session, peer);
    session.once("remoteSettings", () => {
      peer.hasGreeted = true;
    });
    session.once("close", () => this.#peers.delete(session));
  }

  /** A request has begun. */
  begin(stream: ServerHttp2Stream): void {
    const peer = stream.session && this.#peers.get(stream.session);
    if (!peer) return;
    const nowMs = performance.now();
    peer.openStreams++;
    peer.movedAtMs = nowMs;
    this.#reading.set(stream, nowMs);
    stream.once("close", () => {
      this.#reading.delete(stream);
      peer.openStreams--;
      peer.movedAtMs = performance.now();
    });
  }

  /** It was read, or is not to be. */
  read(stream: ServerHttp2Stream): void {
    this.#reading.delete(stream);
  }

  /** End what is overdue. */
  look(): void {
    const { headMs, requestMs, idleMs } = this.#limits;
    const nowMs = performance.now();
    // The oldest come first.
    for (const [stream, beganAtMs] of this.#reading) {
      if (nowMs - beganAtMs <= requestMs) break;
      stream.close(constants.NGHTTP2_CANCEL);
    }
    for (const [session, { hasGreeted, openStreams, movedAtMs }] of this.#peers) {
      const stillMs = nowMs - movedAtMs;
      if (stillMs > idleMs && openStreams === 0) session.close();
      else if (stillMs > (hasGreeted ? idleMs : headMs)) session.destroy();
    }
  }
}
