/**
 * The fault table: everything that a network and a receiver can do, over both protocols, plain and compressed ahead. What was
 * injected, what the report said, what the receiver counted; all must balance. The results stand in docs/faults.md; after a change
 * of rows, write them anew with: UPDATE_FAULTS=1 scripts/node node_modules/vitest/vitest.mjs run --project e2e test/faults
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../../otlp/test-certificates.ts";
import { generateTemplates } from "../templates.ts";
import { startToxiproxy, type Toxiproxy } from "../toxiproxy.ts";
import { runLossy, whyNoNamespace } from "./in-namespace.ts";
import { type Cell, type Fate, MODES, over, PROTOCOLS, type Result, type Row } from "./row.ts";
import { GROUPS } from "./rows.ts";
import { compileTemplates, eventsOf, runRow } from "./run-row.ts";
import { render, stableOf, type Told } from "./table.ts";

const DOCUMENT = join(import.meta.dirname, "../../docs/faults.md");
const TEMPLATES = `
traces: {count: 1500, spans: {avg_per_trace: 8, std_dev: 2, high_span_traces: {enabled: false}}, services: {count: 4}}
metrics: {metric_count: 60, timeseries_per_metric: {min: 50, max: 150, default: 100}, types: [host_metrics, k8s_pod]}
logs: {count: 6000}
`;
const CELLS: Cell[] = PROTOCOLS.flatMap((protocol) => MODES.map((mode) => ({ protocol, mode })));
/** No run may take longer, whatever is done to it. */
const END_MS = 120_000;
const MAX_RSS_BYTES = 1 << 30;

const directory = mkdtempSync(join(tmpdir(), "stampede-faults-"));
let templates = "";
const certificates = makeCertificates();
let toxiproxy: Toxiproxy;
const told: Told[] = [];

beforeAll(async () => {
  [templates, toxiproxy] = await Promise.all([generateTemplates(directory, TEMPLATES), startToxiproxy()]);
  await compileTemplates(templates);
});
afterAll(async () => {
  await toxiproxy?.close();
  rmSync(directory, { recursive: true });
  rmSync(certificates.directory, { recursive: true });
});

const isLossyPossible = await whyNoNamespace().then((why) => {
  if (why !== undefined) console.warn(`not tried, for packets are lost in a network of its own only: ${why}`);
  return why === undefined;
});

describe.each(GROUPS)("$title", ({ rows }) => {
  const cases = rows
    .filter((row) => row.lostPackets === undefined || isLossyPossible)
    .flatMap((row) => CELLS.map((cell) => [row.what, cell.protocol, cell.mode, row, cell] as const));
  test.concurrent.for(cases)(
    "%s: over %s, %s, every item is accounted for",
    { timeout: END_MS },
    async ([, , , row, cell]) => {
      const result =
        row.lostPackets === undefined
          ? await runAndAsk(row, cell)
          : await runLossy(row, cell, templates, row.lostPackets);
      told.push({ row, cell, result });
      expectBalance(row, cell, result);
      expectFates(row, cell, result);
      expectAnswers(row, cell, result);
      expect(result.rssBytes).toBeLessThan(MAX_RSS_BYTES);
    },
  );
});

/** Run a row against its target, and hold the result against what the target knows besides. */
async function runAndAsk(row: Row, cell: Cell): Promise<Result> {
  const target = await row.target(cell, { toxiproxy, certificates });
  try {
    const result = await runRow(row, cell, target, templates);
    expect(target.findings?.() ?? {}).toEqual({});
    if (target.rejected) expect(target.rejected()).toBe(result.sums.rejected);
    for (const [name, times] of Object.entries(target.injected?.() ?? {})) {
      expect(times, name).toBeGreaterThan(0);
    }
    return result;
  } finally {
    await target.close();
  }
}

function expectBalance(row: Row, { mode }: Cell, { sums, imbalances, received }: Result): void {
  expect(imbalances).toEqual(imbalances.map(() => 0));
  const events = eventsOf(row);
  expect([sums.intended, sums.sent, sums.unsent, sums.dropped]).toEqual([events, events, 0, 0]);
  expect(received).toBeGreaterThanOrEqual(sums.accepted);
  expect(received).toBeLessThanOrEqual(sums.accepted + sums.inDoubt);
  expect(sums.compiledRequests > 0).toBe(mode === "frozen");
}

const FATES: readonly Fate[] = ["rejected", "failed", "inDoubt"];

function expectFates({ ends, mayEnd = [], isHopeless = false }: Row, cell: Cell, { sums }: Result): void {
  const must = over(cell.protocol, ends);
  for (const fate of FATES) {
    if (must.includes(fate)) expect(sums[fate], fate).toBeGreaterThan(0);
    else if (!mayEnd.includes(fate)) expect(sums[fate], fate).toBe(0);
  }
  if (isHopeless) expect(sums.accepted).toBe(0);
  else expect(sums.accepted).toBeGreaterThan(0);
}

function expectAnswers(
  { answers, mayAnswer = [], mustTrouble = false }: Row,
  cell: Cell,
  result: Result,
): void {
  const must = over(cell.protocol, answers);
  const codes = result.answers.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining([...must]));
  expect([...must, ...mayAnswer]).toEqual(expect.arrayContaining(codes));
  if (mustTrouble) expect(codes).not.toEqual([]);
}

test("docs/faults.md has these faults; if not, run: UPDATE_FAULTS=1 ... vitest run --project e2e test/faults", () => {
  const before = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, "utf8") : "";
  const page = render(GROUPS, CELLS, told, before);
  if (process.env.UPDATE_FAULTS) writeFileSync(DOCUMENT, page);
  expect(stableOf(readFileSync(DOCUMENT, "utf8"))).toBe(stableOf(page));
});
