/**
 * Membership by DNS: how many replicas a service has, and which of them this one is.
 *
 * A container engine's DNS (or a headless Service of Kubernetes) answers the service's name with one address per running
 * replica. Sorted, that is an order all agree on. It serves to share the rate; who somebody is for longer than a run, it does
 * not tell, for addresses are given out again.
 */
import { resolve4 } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Replica } from "../replayer/settings.ts";

/** A view of the fleet that has not changed for this long is taken for the fleet; replicas start within a second or two. */
const STABLE_MS = 2000;
const POLL_MS = 250;
const GIVE_UP_MS = 60_000;

export class MembershipError extends Error {
  override readonly name = "MembershipError";
  readonly code = "no_membership";
}

/** Wait until the view is stable, then tell this replica's place in it. Throws MembershipError when it is in none. */
export async function joinFleet(service: string): Promise<Replica> {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  );
  const began = performance.now();
  let view: string[] = [];
  let viewSince = began;
  let problem = "";
  while (performance.now() - began < GIVE_UP_MS) {
    const addresses = await resolve4(service).then(
      (found) => found.sort(),
      (error: Error) => {
        problem = error.message;
        return [];
      },
    );
    if (addresses.join() !== view.join()) {
      view = addresses;
      viewSince = performance.now();
    } else if (view.length > 0 && performance.now() - viewSince >= STABLE_MS) {
      const index = view.findIndex((address) => own.has(address));
      if (index >= 0) return { index, count: view.length };
      problem = `${view.join(", ")} are others`;
    }
    await sleep(POLL_MS);
  }
  throw new MembershipError(
    `--fleet-dns ${service}: no address of this machine among those of the name (${problem}); is it the service that this replica belongs to?`,
  );
}
