/** Addresses behind a name that stands for several containers or Pods. */
import { lookup, resolve4 } from "node:dns/promises";
import { isIP } from "node:net";

/**
 * IPv4 addresses of `host`, sorted; none when the name is unknown, as a service without running containers is.
 * DNS is asked first, since its answer follows containers at once; then the system, which knows /etc/hosts.
 */
export async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0) return [host];
  try {
    return (await resolve4(host)).sort();
  } catch {
    try {
      return (await lookup(host, { all: true, family: 4 })).map(({ address }) => address).sort();
    } catch {
      return [];
    }
  }
}
