/** The result of a run with faults, as text: minute by minute, then the books, then what holds of them. */
import type { AnswerCount } from "../../ledger/snapshot.ts";
import { grouped } from "../../terminal/figures.ts";
import type { Account, Claim } from "./accounts.ts";
import type { Minute } from "./minutes.ts";

/** What the tables are made of. */
export interface FaultRun {
  minutes: readonly Minute[];
  /** By signal, and `total`. */
  accounts: Readonly<Record<string, Account>>;
  claims: readonly Claim[];
  answers: readonly AnswerCount[];
  /** Items that each life of the Collector said it accepted, when last seen. */
  acceptedByLife: readonly number[];
  /** Items that the refusing backend refused. */
  refusedForGood: number;
  highestSinkBytes: number;
}

const BOOK_LINES: readonly [label: string, of: (account: Account) => number][] = [
  ["intended", ({ intended }) => intended],
  ["  unsent", ({ unsent }) => unsent],
  ["  dropped", ({ dropped }) => dropped],
  ["  sent", ({ sent }) => sent],
  ["    accepted", ({ accepted }) => accepted],
  ["    rejected", ({ rejected }) => rejected],
  ["    failed", ({ failed }) => failed],
  ["    in doubt", ({ inDoubt }) => inDoubt],
  ["received, once each", ({ received }) => received],
  ["  not acknowledged", ({ unacknowledged }) => unacknowledged],
  ["sent and lost", ({ lost }) => lost],
  ["received again", ({ repeated }) => repeated],
];

/** All tables; ends with a line break. */
export function faultTables(run: FaultRun): string {
  return [
    minuteTable(run.minutes),
    bookTable(run.accounts),
    run.answers.map(({ code, count, message }) => `${grouped(count)} x ${code}  ${message}`.slice(0, 120)),
    [
      `receivers' own counters, as last seen: ${grouped(sum(run.acceptedByLife))} accepted over ${run.acceptedByLife.length} lives of the Collector`,
      `refused for good by the backend, its retries included: ${grouped(run.refusedForGood)}`,
      `most memory of the sink: ${megabytes(run.highestSinkBytes)} MB`,
    ],
    run.claims.map(({ claim, holds, figures }) => `${holds ? "holds" : "FAILS"}  ${claim}: ${figures}`),
  ]
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function minuteTable(minutes: readonly Minute[]): string[] {
  const head = ["min", "sent/s", "accepted/s", "lag s", "unsent", "failed", "in doubt", "RSS MB", "most"];
  const rows = minutes.map((one) => [
    `${one.minute}`,
    grouped(one.sentPerSecond),
    grouped(one.acceptedPerSecond),
    (one.worstLagMs / 1000).toFixed(1),
    grouped(one.unsent),
    grouped(one.failed),
    grouped(one.inDoubt),
    megabytes(one.rssBytes),
    megabytes(one.highestRssBytes),
  ]);
  const faults = ["  fault", ...minutes.map(({ fault }) => `  ${fault}`)];
  return aligned([head, ...rows]).map((line, index) => line + faults[index]);
}

function bookTable(accounts: Readonly<Record<string, Account>>): string[] {
  const names = Object.keys(accounts);
  const rows = BOOK_LINES.map(([, of]) => names.map((name) => grouped(of(accounts[name]!))));
  const labels = ["", ...BOOK_LINES.map(([label]) => label)];
  return aligned([names, ...rows]).map((line, index) => labels[index]!.padEnd(22) + line);
}

/** Columns to the right, two blanks between them. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((text, column) => text.padStart(widths[column]!)).join("  "));
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
