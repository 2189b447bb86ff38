/** The discarding receiver as a process of its own: started, asked, stopped. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Signal } from "../../otlp/signal.ts";
import type { Received, ReceiverOrder, ReceiverPorts } from "./receiver.ts";

export interface Receiver {
  ports: ReceiverPorts;
  /** Count from zero; items too when `counted` names the signal that will come, which costs the receiver, not the sender. */
  begin(counted?: Signal): Promise<void>;
  /** What has come since `begin`. */
  received(): Promise<Received>;
  stop(): void;
}

/** The receiver has ended, or says nothing any more. */
class ReceiverError extends Error {
  override readonly name = "ReceiverError";
  readonly code = "receiver_failed";
}

/** On a machine that has other things to do. */
const ANSWER_MS = 60_000;

/**
 * Throws ReceiverError, as later its `begin` and `received` do.
 * certificates  paths of a certificate and its key (PEM), to listen with TLS too
 */
export async function startReceiver(certificates?: {
  serverCert: string;
  serverKey: string;
}): Promise<Receiver> {
  const words = certificates ? [certificates.serverCert, certificates.serverKey] : [];
  const child = fork(new URL("./receiver.ts", import.meta.url), words, { execArgv: [] });
  const ports = (await nextWord(child)) as ReceiverPorts;
  return {
    ports,
    async begin(counted) {
      await ask(child, { begin: counted === undefined ? {} : { counted } });
    },
    async received() {
      return (await ask(child, { tell: true })) as Received;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}

async function ask(child: ChildProcess, order: ReceiverOrder): Promise<unknown> {
  const answer = nextWord(child);
  // Where it is gone already, `answer` knows.
  child.send(order, () => {});
  return answer;
}

/** What it says next. */
async function nextWord(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const end = (why: string) => over.abort(new ReceiverError(`the receiver that discards ${why}`));
  const onExit = () => end(`has ended with ${child.signalCode ?? `code ${child.exitCode}`}`);
  const late = setTimeout(() => end(`did not answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);
  child.once("exit", onExit);
  if (child.exitCode !== null || child.signalCode !== null) onExit();
  try {
    return (await once(child, "message", { signal: over.signal }))[0];
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    clearTimeout(late);
    child.off("exit", onExit);
  }
}
