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

/** certificates  paths of a certificate and its key (PEM), to listen with TLS too */
export async function startReceiver(certificates?: {
  serverCert: string;
  serverKey: string;
}): Promise<Receiver> {
  const words = certificates ? [certificates.serverCert, certificates.serverKey] : [];
  const child = fork(new URL("./receiver.ts", import.meta.url), words, { execArgv: [] });
  const [ports] = (await once(child, "message")) as [ReceiverPorts];
  return {
    ports,
    async begin(counted) {
      await ask(child, { begin: counted === undefined ? {} : { counted } });
    },
    async received() {
      return (await ask(child, { tell: true })) as Received;
    },
    stop: () => child.disconnect(),
  };
}

async function ask(child: ChildProcess, order: ReceiverOrder): Promise<unknown> {
  const answer = once(child, "message");
  child.send(order);
  return (await answer)[0];
}
