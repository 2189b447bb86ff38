/** The account of a ledger service, as it tells it. */
import { fetchJson } from "../fleet/ledger/watch/fetch-text.ts";
import { type Account, accountSchema } from "../ledger/account-schema.ts";
import { CliError, EXIT } from "./exit.ts";

/** Of ten thousand replicas, which are all that a service keeps, it has some 12 MB. */
const BOUNDS = { timeoutMs: 10_000, maxBytes: 256 * 1024 * 1024, expected: "an account" };

/** Throws CliError where no ledger answers. */
export async function fetchAccount(url: string): Promise<Account> {
  const value = await fetchJson(new URL("/api/ledger", url), BOUNDS).catch((cause: Error) => {
    throw new CliError(
      `no ledger service answers at ${url} (${cause.message}); is \`stampede ledger serve\` running, and is this its address?`,
      EXIT.unreachable,
      { cause },
    );
  });
  const parsed = accountSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError(
    `${url} answers something else than an account; is it a ledger service of this release?`,
    EXIT.unreachable,
  );
}
