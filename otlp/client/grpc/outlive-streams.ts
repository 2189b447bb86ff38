import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";

/** Holds what a stream needs for as long as the stream is there, and lets go of it when the stream has been collected. */
const held = new FinalizationRegistry<object>(() => undefined);

/**
 * The native half of a session, which is to outlive those of its streams; taken while the session stands.
 *
 * A stream that is destroyed while its bytes wait in the socket is freed by the garbage collector, with the header fields that came
 * of a block which never ended. If the collector frees the session first, Node finds these fields unfreed and aborts the process
 * (node_http2.cc, `current_nghttp2_memory_ == 0`, in Node 24 to 26): a target that reads nothing and answers with broken headers
 * would end us.
 *
 * Weak, for native code holds what is bound to a session until the target has acknowledged its settings: it would never be freed.
 */
export function nativeHalf(session: ClientHttp2Session): WeakRef<object> {
  const symbol = Object.getOwnPropertySymbols(session).find(({ description }) => description === "kHandle");
  const half = symbol && (session as unknown as Record<symbol, object | undefined>)[symbol];
  return new WeakRef(half ?? session);
}

/** Keep a session's native half until the garbage collector has taken a stream of it. */
export function keepUntilCollected(half: WeakRef<object>, stream: ClientHttp2Stream): void {
  const alive = half.deref();
  if (alive) held.register(stream, alive);
}
