/** docs/faults.md: the fault table with the figures of one run. */
import { BURDENS, FAULTS } from "../../sink/faults.ts";
import { type Cell, over, type Result, type Row } from "./row.ts";
import type { Group } from "./rows.ts";

/** What a run of a row came to. */
export interface Told {
  row: Row;
  cell: Cell;
  result: Result;
}

const HEAD = `# Faults, and what the books say of them

What was done to a run, what its report said, and what the receiver counted. Each row was run over both protocols, plain and *frozen* (batches
compressed ahead to zstd). In every run both identities of the [ledger](ledger.md) held, and what was received lay between what was accepted
and that plus what was in doubt. \`test/faults\` runs all of it, and wrote this page. The figures are of one run: where a fault strikes by
chance or by the moment they differ from run to run, while the rules that they follow do not.

*Received* are the items that the receiver took, each counted once: the sink's own count; behind a Collector, that of the sink which it
hands on to; and the Collector's own counters where it stands alone. *Retried* are requests that were tried more than once. Under
*answers* stands how often each answer besides plain acceptance came.
`;

const COLUMNS = [
  "what is done",
  "protocol",
  "mode",
  "sent",
  "accepted",
  "rejected",
  "failed",
  "in doubt",
  "retried",
  "received",
  "answers",
];

/** The page. A run that is not among those told has the row of `before`, a page as this writes it. */
export function render(
  groups: readonly Group[],
  cells: readonly Cell[],
  told: readonly Told[],
  before: string,
): string {
  const known = new Map(before.split("\n").map((text) => [keyOf(text), `${text}\n`]));
  const parts = groups.map(({ title, rows }) => {
    const lines = rows.flatMap((row) =>
      cells.map((cell) => {
        const run = told.find((each) => each.row === row && isSame(each.cell, cell));
        const key = [row.what, shortName(cell), cell.mode];
        if (run) return line([...key, ...figures(run.result)]);
        return known.get(keyOf(line(key))) ?? line([...key, ...COLUMNS.slice(key.length).map(() => "")]);
      }),
    );
    const rule = line(COLUMNS.map((_, at) => (at >= 3 && at < 10 ? "---:" : "---")));
    return `\n## ${title}\n\n${line(COLUMNS)}${rule}${lines.join("")}`;
  });
  return HEAD + parts.join("") + faultTable();
}

/** What of a page does not change from run to run: all but the figures of the rows. */
export function stableOf(page: string): string {
  return page
    .split("\n")
    .map((text) => keyOf(text) ?? text)
    .join("\n");
}

function keyOf(text: string): string | undefined {
  return /^\| .*? \| (?:gRPC|HTTP) \| (?:plain|frozen) \|/.exec(text)?.[0];
}

function figures({ sums, received, answers }: Result): string[] {
  const { sent, accepted, rejected, failed, inDoubt, retriedRequests } = sums;
  const counts = [sent, accepted, rejected, failed, inDoubt, retriedRequests, received];
  const said = answers.map(({ code, count }) => `${count} x ${code}`).sort();
  return [...counts.map((count) => count.toLocaleString("en-US")), said.join(", ")];
}

/** The faults of the sink, as its help tells them. */
function faultTable(): string {
  const lines = (of: Record<string, string>) =>
    Object.entries(of).map(([name, text]) => line([`\`${name}\``, text]));
  return `\n## What the sink can be told to do

\`stampede sink --fault unavailable=0.1,throttled=0.05@2s,delay=200ms@0.5,seed=7\`: each fault with its probability, after \`@\` how soon to come
again where that can be said. At most one of them happens to a request. The same seed chooses the same requests.

${line(["fault", "what it does"])}${line(["---", "---"])}${lines(FAULTS).join("")}
On top of them, each with a duration and perhaps a probability:

${line(["burden", "what it does"])}${line(["---", "---"])}${lines(BURDENS).join("")}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function shortName({ protocol }: Cell): string {
  return over(protocol, { grpc: "gRPC", http: "HTTP" });
}

function isSame(one: Cell, other: Cell): boolean {
  return one.protocol === other.protocol && one.mode === other.mode;
}
