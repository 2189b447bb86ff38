/** The books of a run with faults, held against each other: what the replayer reported, what the sink verified. */
import type { Report } from "../../ledger/report.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import type { SinkReport } from "../../sink/report.ts";
import { grouped } from "../../terminal/figures.ts";

/** What the replayer says of items. */
const OWN = ["intended", "unsent", "dropped", "sent", "accepted", "rejected", "failed", "inDoubt"] as const;

/** One signal in both books, in items. */
export interface Account extends Record<(typeof OWN)[number], number> {
  /** What the sink took, each item once. */
  received: number;
  /** What came to the sink again. */
  repeated: number;
  /** Sent and never taken: sent - received. */
  lost: number;
  /** Taken although no answer said so: received - accepted. */
  unacknowledged: number;
}

/** A claim about the run, and whether it holds. */
export interface Claim {
  claim: string;
  holds: boolean;
  /** The figures it rests on. */
  figures: string;
}

/** The accounts of the signals that were sent, and their sum as `total`. */
export function accountsOf(report: Report, sink: SinkReport): Record<string, Account> {
  const accounts: Record<string, Account> = {};
  const total = emptyAccount();
  for (const signal of SIGNALS) {
    const own = report.signals[signal];
    if (!own) continue;
    const account = emptyAccount();
    for (const name of OWN) account[name] = own[name];
    account.received = sink.signals[signal].received;
    account.repeated = sink.signals[signal].repeated;
    account.lost = account.sent - account.received;
    account.unacknowledged = account.received - account.accepted;
    accounts[signal] = account;
    for (const name of Object.keys(total) as (keyof Account)[]) total[name] += account[name];
  }
  return { ...accounts, total };
}

/** What must hold of the books, whatever happened to connections, Collector and backend; `intended` items were asked for. */
export function claimsOf(report: Report, sink: SinkReport, intended: number): Claim[] {
  const accounts = accountsOf(report, sink);
  const { total, traces, metrics } = accounts;
  const ofEach = (
    claim: string,
    holds: (of: Account) => boolean,
    figures: (of: Account) => number[],
  ): Claim => ({
    claim,
    holds: Object.values(accounts).every(holds),
    figures: figures(total!).map(grouped).join(", "),
  });
  return [
    ofEach(
      "every item that was asked for was intended",
      () => total!.intended === intended,
      (of) => [of.intended, intended],
    ),
    ofEach(
      "intended = unsent + dropped + sent",
      (of) => of.intended === of.unsent + of.dropped + of.sent,
      (of) => [of.intended, of.unsent, of.dropped, of.sent],
    ),
    ofEach(
      "sent = accepted + rejected + failed + in doubt",
      (of) => of.sent === of.accepted + of.rejected + of.failed + of.inDoubt,
      (of) => [of.sent, of.accepted, of.rejected, of.failed, of.inDoubt],
    ),
    ofEach(
      "accepted <= received <= accepted + failed + in doubt",
      (of) => of.accepted <= of.received && of.received <= of.accepted + of.failed + of.inDoubt,
      (of) => [of.accepted, of.received, of.accepted + of.failed + of.inDoubt],
    ),
    missingClaim(sink, traces?.lost ?? 0),
    brokenClaim(sink, metrics?.lost ?? 0),
  ];
}

function emptyAccount(): Account {
  const own = Object.fromEntries(OWN.map((name) => [name, 0])) as Record<(typeof OWN)[number], number>;
  return { ...own, received: 0, repeated: 0, lost: 0, unacknowledged: 0 };
}

/** The sink names traces; of those of which nothing came it does not know the size, which is one span at least. */
function missingClaim({ verification }: SinkReport, lostSpans: number): Claim {
  const [missing, doubtful] = [verification!.missing, verification!.doubtful];
  const traces = missing.traces + doubtful.traces;
  const parts = missing.spans + doubtful.spans;
  return {
    claim: "what the sink misses of traces is what was sent and lost",
    holds: lostSpans === 0 ? traces + parts === 0 : traces + parts > 0 && traces + parts <= lostSpans,
    figures: `${grouped(lostSpans)} spans lost: ${grouped(traces)} traces, and ${grouped(parts)} spans of others`,
  };
}

/** Of a series whose difference is lost, the next one begins later than the one before it ended: no other finding may be there. */
function brokenClaim({ verification }: SinkReport, lostPoints: number): Claim {
  const { deltaGaps, ...others } = verification!.findings;
  const gaps = deltaGaps?.count ?? 0;
  const names = Object.entries(others).map(([name, { count }]) => `${grouped(count)} ${name}`);
  return {
    claim: "nothing is double or broken, and gaps are only where points were lost",
    holds: names.length === 0 && gaps <= lostPoints,
    figures: [...names, `${grouped(gaps)} gaps, ${grouped(lostPoints)} points lost`].join(", "),
  };
}
