/**
 * stampede ledger: what became of everything that a fleet sent. `serve` keeps the account, without it the account of a running service is
 * printed.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { accountTable } from "../terminal/account-table.ts";
import { EXIT } from "./exit.ts";
import { fetchAccount } from "./fetch-account.ts";
import { ledgerServeCommand } from "./ledger-serve.ts";
import { checkLedgerUrl } from "./options.ts";

interface Options {
  json?: boolean;
  watch?: boolean;
}

const DEFAULT_URL = "http://127.0.0.1:4330";
const WATCH_MS = 1000;

const EXAMPLES = `
Examples:
  stampede ledger serve --collectors http://127.0.0.1:8888/metrics --report account.json
  stampede replay --ledger http://127.0.0.1:4330 --endpoint http://localhost:4317 --rate 1000 --duration 1m
  stampede ledger --watch

Exit codes: 0 balanced and all accepted, or not judged yet; 1 not; 3 the service cannot be reached.`;

export function ledgerCommand(): Command {
  return new Command("ledger")
    .summary("one account of a fleet: replicas, collectors, sink; `ledger serve` keeps it")
    .description(
      "Print the account of a running ledger service: what became of every item, and whether it balances.",
    )
    .argument("[url]", "of the service", checkLedgerUrl, DEFAULT_URL)
    .option("--json", "the whole account as JSON (docs/ledger.schema.json)")
    .option("--watch", "again every second until the account is closed")
    .addHelpText("after", EXAMPLES)
    .addCommand(ledgerServeCommand())
    .action(show);
}

async function show(url: string, { json, watch }: Options): Promise<void> {
  const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
  for (;;) {
    const account = await fetchAccount(url);
    const text = json ? `${JSON.stringify(account)}\n` : accountTable(account, { colour });
    // A screen shows the latest; a pipe has them one after the other.
    const clear = watch && !json && process.stdout.isTTY ? "\u001B[H\u001B[2J" : "";
    process.stdout.write(clear + text);
    process.exitCode = account.exitCode ?? (account.balanced === false ? EXIT.losses : EXIT.done);
    if (!watch || account.state === "ended") return;
    await sleep(WATCH_MS);
  }
}
