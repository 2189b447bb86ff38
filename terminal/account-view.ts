/**
 * The account of a fleet while it runs: its table, drawn in place on a terminal, or a line now and then where there is none.
 */
import type { Account } from "../ledger/account-schema.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { accountRows } from "./account-table.ts";
import { cutRow, plainText, type Row } from "./cell.ts";
import { clock, grouped, milliseconds } from "./figures.ts";
import type { LineWriter } from "./line-view.ts";
import { canDraw, type Environment, type OutputStream } from "./view.ts";
import type { Size } from "./view-model.ts";

/** An open view; whoever opened it closes it. */
export interface AccountView {
  /** Show the account of this moment; call it once a second. */
  show(account: Account): void;
  /** Print a line that stays. */
  note(text: string): void;
  /** Others have written on the screen: draw anew, below that. */
  redraw(): void;
  /** Take away what is drawn. Harmless when repeated. */
  close(): void;
}

/** Time of the run between two lines. */
const LINE_MS = 5000;

/** Open the view that fits the stream; lines go to the writer. NO_COLOR is obeyed. */
export async function openAccountView(
  { note }: LineWriter,
  stream: OutputStream = process.stderr,
  env: Environment = process.env,
): Promise<AccountView> {
  if (!canDraw(stream, env)) return accountLines(note);
  const { openScreen } = await import("./screen.ts");
  let latest: Account | undefined;
  const screen = openScreen(stream, !env.NO_COLOR, (size) => latest && fitted(accountRows(latest), size));
  return {
    show(account) {
      latest = account;
      screen.draw();
    },
    note: (text) => screen.note(text),
    redraw: () => screen.redraw(),
    close: () => screen.clear(),
  };
}

function accountLines(note: (text: string) => void): AccountView {
  let nextAtMs = LINE_MS;
  return {
    show(account) {
      if (account.elapsedMs < nextAtMs) return;
      nextAtMs = (Math.floor(account.elapsedMs / LINE_MS) + 1) * LINE_MS;
      note(accountLine(account));
    },
    note,
    redraw() {},
    close() {},
  };
}

/** One line without a line break; what is zero and would mean trouble is left out. */
export function accountLine({ elapsedMs, replicas, signals, lagMs, collectors }: Account): string {
  const sum = (...counters: ("sent" | "accepted" | "rejected" | "failed" | "inDoubt" | "unsent")[]) =>
    counters.reduce(
      (total, counter) =>
        total + SIGNALS.reduce((items, signal) => items + (signals[signal]?.[counter] ?? 0), 0),
      0,
    );
  const of = replicas.expected === null ? "" : ` of ${replicas.expected}`;
  const parts = [
    `${clock(elapsedMs)} ${replicas.running + replicas.paused}${of} replicas`,
    `sent ${grouped(sum("sent"))}, ${grouped(elapsedMs > 0 ? (sum("sent") * 1000) / elapsedMs : 0)} a second`,
    `accepted ${grouped(sum("accepted"))}`,
  ];
  const trouble: [string, number][] = [
    ["rejected, failed or in doubt", sum("rejected", "failed", "inDoubt")],
    ["unsent", sum("unsent")],
    ["replicas lost", replicas.lost],
    ["Collectors gone", collectors?.gone ?? 0],
  ];
  for (const [name, value] of trouble) if (value > 0) parts.push(`${name} ${grouped(value)}`);
  if (lagMs >= 1000) parts.push(`${milliseconds(lagMs)} behind schedule`);
  return parts.join(", ");
}

/** The rows that a terminal has room for, and one below them for the cursor: gaps go first, then what stands before the verdict. */
export function fitted(rows: readonly Row[], { columns, rows: height }: Size): Row[] {
  const cut = rows.map((row) => cutRow(row, columns));
  const most = height - 1;
  if (cut.length <= most) return cut;
  const dense = cut.filter((row) => plainText(row).trim() !== "");
  return dense.length <= most ? dense : [...dense.slice(0, most - 1), dense.at(-1)!];
}
