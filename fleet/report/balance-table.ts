/** The books of replicas and collectors as a table for people. */
import { ITEM_NAMES, SIGNALS, type Signal } from "../../otlp/signal.ts";
import type { Books } from "./balance.ts";

type Row = [label: string, cell: (signal: Signal) => number | string];

/** Plain text, lines without a final break: a column per signal, a section per witness. */
export function balanceTable(books: Books): string {
  const rows: (Row | string)[] = [
    books.replicas === books.expectedReplicas
      ? count(books.replicas, "replica")
      : `${books.replicas} of ${count(books.expectedReplicas, "replica")}`,
    ["  intended", (signal) => books.replicaItems[signal].intended],
    ["  unsent", (signal) => books.replicaItems[signal].unsent],
    ["  sent", (signal) => books.replicaItems[signal].sent],
    ["  accepted", (signal) => books.replicaItems[signal].accepted],
  ];
  if (books.collectors) {
    const { items } = books.collectors;
    rows.push(count(books.collectors.count, "collector"), ["  accepted", (signal) => items[signal].accepted]);
    const exporters = new Set(SIGNALS.flatMap((signal) => [...items[signal].exporters.keys()]));
    for (const exporter of exporters) {
      rows.push([`  ${exporter} sent`, (signal) => items[signal].exporters.get(exporter)?.sent ?? "-"]);
    }
    if (exporters.size === 0) rows.push(["  sent on", () => "not reported"]);
  }
  return layOut([["", (signal) => ITEM_NAMES[signal]], ...rows]);
}

function layOut(rows: readonly (Row | string)[]): string {
  const cells = rows.map((row) =>
    typeof row === "string" ? [row] : [row[0], ...SIGNALS.map((signal) => format(row[1](signal)))],
  );
  const labelWidth = Math.max(...cells.map(([label]) => label!.length));
  const cellWidth = Math.max(...cells.flatMap(([, ...values]) => values.map((value) => value.length)));
  return cells
    .map(
      ([label, ...values]) =>
        label!.padEnd(labelWidth) + values.map((v) => v.padStart(cellWidth + 3)).join(""),
    )
    .map((line) => line.trimEnd())
    .join("\n");
}

const format = (value: number | string) =>
  typeof value === "number" ? value.toLocaleString("en-US") : value;

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
