/**
 * Benchmarks: `node bench/main.ts [NAME] [--seconds N]` measures the cells whose name holds NAME and prints a table.
 *
 * Figures are million items per CPU-second: the median of three rounds, and their spread. A change inside the spread is none.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Cell, type CellResult, measure } from "./cell.ts";
import { stampCells } from "./stamp.ts";

const CELLS: readonly Cell[] = stampCells;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "2.4" } },
});
const wanted = positionals.join(" ");
const cells = CELLS.filter(({ name }) => name.includes(wanted));
if (cells.length === 0) {
  process.stderr.write(
    `no cell is called ${wanted}; there are:\n${CELLS.map(({ name }) => `  ${name}\n`).join("")}`,
  );
  process.exitCode = 2;
}

process.stdout.write(`Node ${process.version}, ${process.arch}, ${cpus()[0]?.model ?? "unknown CPU"}\n\n`);
const medians = new Map<string, number>();
for (const cell of cells) {
  const run = await cell.prepare();
  const result = measure(run, Number(values.seconds));
  run.close?.();
  medians.set(cell.name, result.median);
  const ratio = cell.against ? result.median / (medians.get(cell.against) ?? Number.NaN) : Number.NaN;
  process.stdout.write(`${row(cell.name, result, ratio)}  ${run.fixture ?? ""}\n`);
}

function row(name: string, { median, lowest, highest }: CellResult, ratio: number): string {
  const spread = (((highest - lowest) / median) * 100).toFixed(0);
  const against = Number.isNaN(ratio) ? "" : `x ${ratio.toFixed(2)}`;
  return `${name.padEnd(52)} ${median.toFixed(2).padStart(7)} M/CPU-s  +-${spread.padStart(2)} %  ${against.padEnd(6)}`;
}
