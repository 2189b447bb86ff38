/**
 * All addresses of a name.
 *
 * DNS itself is asked, for A and for AAAA: it knows within a fraction of a second who runs behind a name, and tells all of them.
 * What it does not know (short names that need a search domain, the hosts file) the system's own look-up is asked for.
 */
import { lookup, Resolver } from "node:dns/promises";
import type { DnsQuestion } from "../../endpoint.ts";

/** Of one try; a resolver that is gone must not hold up news of another name. */
const TIMEOUT_MS = 1_000;
const TRIES = 2;

/**
 * The addresses of `host`, sorted, at least one. Rejects with an Error of one line when nobody knows any, or when DNS failed and
 * may know more than was found: half a list would be taken for all of it.
 */
export async function addressesOf(host: string, { server }: DnsQuestion): Promise<string[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (server !== undefined) resolver.setServers([server]);
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  const failure = answers.find((answer) => answer.status === "rejected" && !isNone(answer.reason));
  if (found.length > 0 && !failure) return sorted(found);
  if (server !== undefined) throw new Error(`DNS server ${server}: ${reasonOf(answers)}`);
  return sorted((await lookup(host, { all: true })).map(({ address }) => address));
}

/** DNS says that there is no such name, or no address of this kind. */
function isNone(error: NodeJS.ErrnoException): boolean {
  return error.code === "ENOTFOUND" || error.code === "ENODATA";
}

function reasonOf(answers: readonly PromiseSettledResult<string[]>[]): string {
  const errors = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as Error] : []));
  return (errors.find((error) => !isNone(error)) ?? errors[0]!).message;
}

function sorted(addresses: readonly string[]): string[] {
  return [...new Set(addresses)].sort();
}
