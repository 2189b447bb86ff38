import type { DnsQuestion } from "../../endpoint.ts";
import { addressesOf } from "./addresses.ts";

const EVERY_MS = 1_000;

/** Finds the addresses of a name; rejects when it cannot. */
export type Resolve = (host: string, question: DnsQuestion) => Promise<string[]>;

/** A watch that goes on. */
export interface Watch {
  /** The first answer has come, whatever it is. */
  begun: Promise<void>;
  stop(): void;
}

/**
 * Ask for the addresses of a name now, and again every second for as long as the watch stands.
 *
 * onAddresses  gets them, sorted, whenever they are others than before. A resolver that fails, or that knows none, changes
 *              nothing: what was known last is better than nothing.
 */
export function watchAddresses(
  host: string,
  question: DnsQuestion,
  onAddresses: (addresses: readonly string[]) => void,
  resolve: Resolve = addressesOf,
): Watch {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let known = "";
  const look = async (): Promise<void> => {
    const addresses = await resolve(host, question).catch(() => []);
    if (isStopped) return;
    if (addresses.length > 0 && addresses.join() !== known) {
      known = addresses.join();
      onAddresses(addresses);
    }
    timer = setTimeout(() => void look(), EVERY_MS).unref();
  };
  return {
    begun: look(),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
