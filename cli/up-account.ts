/**
 * The account of a fleet that `stampede up` ran: what was sent beside what Collectors and sink counted, whether it agrees, who died; and
 * the exit code that follows.
 */
import { findImbalances } from "../fleet/report/balance.ts";
import { balanceTable } from "../fleet/report/balance-table.ts";
import type { FleetResult } from "../fleet/up/run-fleet.ts";
import { reportText } from "../sink/report-text.ts";
import { ledgerTable } from "../terminal/ledger-table.ts";
import { arrivalGaps } from "./arrivals.ts";
import { EXIT, type ExitCode } from "./exit.ts";

export interface Account {
  /** Ends with a line break. */
  text: string;
  exitCode: ExitCode;
}

/** Make the account. */
export function accountOf(
  { ends, report, books, deaths, received }: FleetResult,
  { colour }: { colour: boolean },
): Account {
  const problems = findImbalances(books);
  if (report && received) problems.push(...arrivalGaps(report, received));
  if (received?.exitCode === EXIT.losses) problems.push("what the sink received is not all right, see above");
  const verdict =
    problems.length + deaths.length === 0
      ? ["balanced: every event is accounted for"]
      : [...deaths, ...problems.map((line) => `NOT BALANCED: ${line}`)];
  const sections = [
    report && ledgerTable(report, { colour }),
    books.collectors && balanceTable(books),
    received && `The other end of the wire, ${reportText(received)}`,
    verdict.join("\n"),
  ];
  const text = sections
    .filter((section) => section !== undefined)
    .map((section) => `${section.trimEnd()}\n`)
    .join("\n");
  return { text, exitCode: exitCodeOf(ends, problems.length + deaths.length > 0) };
}

/** What all replicas say of themselves, all say; a bug or a refusal of one is the fleet's. */
function exitCodeOf(ends: FleetResult["ends"], isTroubled: boolean): ExitCode {
  const codes = ends.map(({ code }) => code);
  for (const code of [EXIT.bug, EXIT.usage]) if (codes.includes(code)) return code;
  for (const code of [EXIT.unreachable, EXIT.interrupted]) {
    if (codes.every((one) => one === code)) return code;
  }
  return isTroubled || codes.some((code) => code !== EXIT.done) ? EXIT.losses : EXIT.done;
}
