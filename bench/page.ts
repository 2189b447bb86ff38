/** Results as a page: docs/benchmarks.md is written by this, and by nobody else. */
import { costMapText } from "./profile/cost-map.ts";
import type { CollectorRow, CompileRow, ReadyRow, Results, Row, SendRow } from "./results.ts";
import { relativeSpread, type Spread } from "./statistics.ts";

/** The whole page, in Markdown. */
export function pageOf(results: Results): string {
  const parts = [
    head(results),
    section("Sending", sendSection(results.send)),
    section("Stages", stageSection(results.stages)),
    section("Compiling", compileSection(results.compile, results.ready)),
    section("Peers", peerSection(results)),
    section("Into a real Collector", collectorSection(results.collector)),
    section("Where the time goes", profileSection(results)),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function section(title: string, text: string): string {
  return text === "" ? "" : `## ${title}\n\n${text}`;
}

function head({ date, machine, settings, failures }: Results): string {
  const memory = (machine.memoryBytes / 2 ** 30).toFixed(0);
  const lines = [
    "# Benchmarks",
    "",
    "Written by `npm run bench`, with all figures in [benchmarks.json](benchmarks.json); do not edit it by hand. How it measures:",
    "[measuring.md](measuring.md#6-speed). What the figures mean, and what was tried: [performance.md](performance.md).",
    "",
  ];
  if (settings.isQuick) {
    lines.push(
      "> **A quick run.** Short rounds, small templates, perhaps beside other work on the machine: it shows that every cell runs.",
      "> Its figures are not to be quoted.",
      "",
    );
  }
  if (settings.names.length > 0) lines.push(`> Only cells that are called ${settings.names.join(", ")}.`, "");
  for (const [name, reason] of Object.entries(failures)) lines.push(`> \`${name}\` failed: ${reason}`, "");
  lines.push(
    `${date.slice(0, 10)}, Stampede ${machine.version}, Node ${machine.node}, ${machine.system}, ${machine.cores} cores (${machine.cpu}), ` +
      `${memory} GiB. Rounds of a cell: ${settings.rounds}, of ${settings.seconds} s after ${settings.warmSeconds} s of warm-up, each in a fresh ` +
      `process; cells of a section take turns. Load of the machine before it began: ${settings.loadAverage.toFixed(1)}.`,
    "",
    "Figures are medians, ± half the spread over all rounds. A million items per CPU-second of the sender (M/CPU-s) is what a core gives,",
    "user and system time of all threads; M/s is by the clock, with the receiver on the same machine.",
  );
  return lines.join("\n");
}

function sendSection(rows: readonly SendRow[]): string {
  if (rows.length === 0) return "";
  const text = [
    "The base cell, and one factor varied at a time. The receiver is one more process, which discards; `receiver` is its CPU time over",
    "the sender's. RSS is the peak of a process.",
    "",
    ...table(
      ["factor", "value", "M/CPU-s", "M/s", "B an item", "items a request", "RSS, MB", "receiver"],
      rows.map((row) => [row.factor, row.label, ...rates(row), ...shape(row)]),
    ),
  ];
  return text.join("\n");
}

function stageSection(rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  const lines = [
    "Parts of the base cell by themselves: loops without a replay around them. *All but stamping* is the whole sender over the same records",
    "with empty slot tables.",
    "",
    ...table(
      ["stage", "M/CPU-s", "ns an item", "M/s"],
      rows.map((row) => [
        row.label,
        rate(row.perCpuSecond),
        (1e9 / row.perCpuSecond.median).toFixed(1),
        rate(row.perSecond),
      ]),
    ),
  ];
  for (const protocol of ["HTTP", "gRPC"]) {
    const all = rows.find(({ label }) => label === `all, ${protocol}`);
    const still = rows.find(({ label }) => label === `all but stamping, ${protocol}`);
    if (!all || !still) continue;
    const cost = 1 - all.perCpuSecond.median / still.perCpuSecond.median;
    lines.push("", `Over ${protocol}, stamping costs ${(cost * 100).toFixed(1)} % of the sender's CPU time.`);
  }
  return lines.join("\n");
}

function compileSection(rows: readonly CompileRow[], ready: ReadyRow | undefined): string {
  const lines: string[] = [];
  if (rows.length > 0) {
    const ways = rows[0]!.ways.map(({ way }) => way);
    lines.push(
      "Requests of about 1,000 items, packed in each way: bytes an item, and milliseconds of CPU per 1,000 items.",
      "",
      ...table(
        ["", "plain", ...ways],
        rows.map((row) => [
          row.subject,
          row.plainBytesPerItem.toFixed(0),
          ...row.ways.map((way) => `${way.bytesPerItem.toFixed(1)} B, ${way.cpuMsPerThousand.toFixed(1)} ms`),
        ]),
      ),
    );
  }
  if (ready) {
    const steps = ready.steps.map(
      ({ step, seconds, cpuSeconds }) =>
        `${step} ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of CPU)`,
    );
    lines.push(
      ...(lines.length > 0 ? [""] : []),
      `From a config to templates that are ready to be sent: ${count(ready.spans)} spans, ${megabytes(ready.templateBytes)} MB, compiled ` +
        `${megabytes(ready.compiledBytes)} MB: ${steps.join(", ")}.`,
    );
  }
  return lines.join("\n");
}

function peerSection({ contests, missingPeers, leftOut }: Results): string {
  if (contests.length === 0) return "";
  const lines = [
    "Programs of others in the same run, into the same receiver, each at its best settings (`bench/peers/peers.ts`). *Ours* is how many",
    "times the items per CPU-second of the row the first row has. Peers compress with gzip, as they know no zstd. The JS exporter sends",
    "one ready batch again and again, without fresh ids. telemetrygen's own spans are a third as large as ours; GOGC=400 is no setting of",
    "its own, but Go's.",
  ];
  for (const { contest, rows } of contests) lines.push("", ...contestTable(contest, rows));
  const missing = Object.entries(missingPeers);
  for (const [name, reason] of missing) lines.push("", `${name} did not take part: ${reason}`);
  lines.push("", "Looked for and left out:", "", ...leftOut.map(([name, reason]) => `- ${name}: ${reason}.`));
  return lines.join("\n");
}

function contestTable(contest: string, rows: readonly Row[]): string[] {
  const ours = rows[0]!.perCpuSecond.median;
  return table(
    [contest, "M/CPU-s", "M/s", "B an item", "items a request", "RSS, MB", "ours"],
    rows.map((row, index) => [
      row.label,
      ...rates(row),
      ...shape(row).slice(0, 3),
      index === 0 ? "" : `${(ours / row.perCpuSecond.median).toPrecision(3)} x`,
    ]),
  );
}

function collectorSection(rows: readonly CollectorRow[]): string {
  if (rows.length === 0) return "";
  return [
    "The Collector is the limit here, so the rate is fixed, and what counts is the sender's share of a core (`bench/soak`).",
    "",
    ...table(
      ["", "events/s", "sender's share of a core", "RSS, MB", "all counted"],
      rows.map((row) => [
        row.label,
        count(row.eventsPerSecond),
        `${(row.senderCpuShare * 100).toFixed(1)} %`,
        megabytes(row.maxRssBytes),
        row.isWhole ? "yes" : "no",
      ]),
    ),
  ].join("\n");
}

function profileSection({ profiles }: Results): string {
  return profiles
    .map(
      ({ name, costMap }) =>
        `\`${name}\`, nanoseconds of CPU an item:\n\n\`\`\`\n${costMapText(costMap)}\n\`\`\``,
    )
    .join("\n\n");
}

function rates({ perCpuSecond, perSecond }: Row): [string, string] {
  return [rate(perCpuSecond), rate(perSecond)];
}

function shape({
  bytesPerItem,
  itemsPerRequest,
  maxRssBytes,
  receiverShare,
}: Row): [string, string, string, string] {
  return [
    bytesPerItem.toFixed(1),
    count(itemsPerRequest),
    maxRssBytes === 0 ? "" : megabytes(maxRssBytes),
    receiverShare.toFixed(2),
  ];
}

/** Millions, three digits, and half the spread where there is one. */
function rate(spread: Spread): string {
  const millions = (spread.median / 1e6).toPrecision(3);
  const half = relativeSpread(spread) * 50;
  return half === 0 ? millions : `${millions} ±${half.toFixed(0)} %`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function count(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

/** A table, its first column to the left, all others to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(heads),
    `|${heads.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`,
    ...rows.map(line),
  ];
}
