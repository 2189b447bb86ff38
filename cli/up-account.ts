/**
 * What is told of a fleet that `stampede up` ran: the ledger's account, who died, what the sink has found where it is not all right; and
 * the exit code that follows.
 */
import { type FleetResult, wasInterrupted } from "../fleet/up/run-fleet.ts";
import { reportText } from "../sink/report-text.ts";
import { accountTable } from "../terminal/account-table.ts";
import { EXIT, type ExitCode } from "./exit.ts";

/** text  ends with a line break */
export function accountText(
  { ends, account, deaths, received }: FleetResult,
  { colour }: { colour: boolean },
): { text: string; exitCode: ExitCode } {
  const isFound = received !== undefined && received.exitCode !== EXIT.done;
  const sections = [
    isFound ? `The other end of the wire, ${reportText(received)}` : "",
    account ? accountTable(account, { colour }) : "no account: the ledger died\n",
    deaths.join("\n"),
  ];
  const text = sections
    .filter((section) => section !== "")
    .map((section) => `${section.trimEnd()}\n`)
    .join("\n");
  const isTroubled = deaths.length > 0 || isFound || account?.exitCode !== EXIT.done;
  return { text, exitCode: exitCodeOf(ends, isTroubled) };
}

/** What all replicas say of themselves, all say; a bug or a refusal of one is the fleet's. */
function exitCodeOf(ends: FleetResult["ends"], isTroubled: boolean): ExitCode {
  const codes = ends.map((end) => (wasInterrupted(end) ? EXIT.interrupted : end.code));
  for (const code of [EXIT.bug, EXIT.usage]) if (codes.includes(code)) return code;
  for (const code of [EXIT.unreachable, EXIT.interrupted]) {
    if (codes.every((one) => one === code)) return code;
  }
  return isTroubled || codes.some((code) => code !== EXIT.done) ? EXIT.losses : EXIT.done;
}
