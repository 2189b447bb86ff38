/** The account of a ledger service, as it tells it. */
import { type Account, accountSchema } from "../ledger/account-schema.ts";
import { CliError, EXIT } from "./exit.ts";

const TIMEOUT_MS = 10_000;

/** Throws CliError where no ledger answers. */
export async function fetchAccount(url: string): Promise<Account> {
  let value: unknown;
  try {
    const response = await fetch(new URL("/api/ledger", url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    value = await response.json();
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error && cause.message !== "" ? cause.message : message;
    throw new CliError(
      `no ledger service answers at ${url} (${reason}); is \`stampede ledger serve\` running, and is this its address?`,
      EXIT.unreachable,
      { cause: error },
    );
  }
  const parsed = accountSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError(
    `${url} answers something else than an account; is it a ledger service of this release?`,
    EXIT.unreachable,
  );
}
