/** The sections of a run, each a set of cells. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BASE, SEND_CELLS, STAGE_CELLS } from "./cells.ts";
import { runChild } from "./children/start-child.ts";
import { COLLECTOR_RUNS } from "./collector.ts";
import { SUBJECT_NAMES, SUBJECTS, type SubjectName } from "./fixtures/subjects.ts";
import { limited, measureSend, measureStage, type Round } from "./measure-send.ts";
import { CONTESTS, contendersIn, contestName, measurePeer, preparePeers } from "./peers/peers.ts";
import type { Results, Row } from "./results.ts";
import { attempt, inTurns, type Run } from "./run.ts";
import { relativeSpread } from "./statistics.ts";

/** All names, in the order in which they are done. */
export function cellNames(isFull: boolean): string[] {
  return [
    ...SEND_CELLS.filter((cell) => isFull || !cell.isFull).map(({ name }) => name),
    ...STAGE_CELLS.map(({ name }) => name),
    ...SUBJECT_NAMES.map(compileName),
    READY,
    ...CONTESTS.map((contest) => peerName(contestName(contest))),
    ...COLLECTOR_RUNS.map(({ name }) => name),
    ...PROFILED.map(profileName),
  ];
}

const READY = "ready 1 GB of traces";
const compileName = (subject: string) => `compile ${subject}`;
const peerName = (contest: string) => `peers ${contest}`;
const profileName = (cell: string) => `profile ${cell}`;
/** Cells that are profiled when nobody says which. */
const PROFILED = ["send base", "send protocol: gRPC", "send compression: none"];

export async function sendSection(run: Run): Promise<Results["send"]> {
  const { bench } = run;
  const cells = SEND_CELLS.filter(({ name, isFull }) => run.wants(name) && (run.isFull || !isFull));
  // Before any round, for making templates leaves the machine warm and its page cache full.
  for (const cell of cells) {
    if (!cell.isFull) await attempt(run, cell.name, () => bench.fixtures.get(limited(bench, cell.spec)));
  }
  const measure = async (cell: (typeof cells)[number]): Promise<Round> => measureSend(bench, cell.spec);
  const small = cells.filter(({ isFull }) => !isFull);
  const large = cells.filter(({ isFull }) => isFull);
  const rows = await inTurns(run, small, measure);
  for (const cell of large) {
    const fixture = await attempt(run, cell.name, () => bench.fixtures.get(limited(bench, cell.spec)));
    rows.push(...(await inTurns(run, [cell], measure)));
    if (fixture) bench.fixtures.forget(fixture);
  }
  const factors = new Map(SEND_CELLS.map(({ name, factor }) => [name, factor]));
  const order = SEND_CELLS.map(({ name }) => name);
  return rows
    .map((row) => ({ ...row, factor: factors.get(row.name)! }))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

export async function stageSection(run: Run): Promise<Row[]> {
  const { bench } = run;
  const cells = STAGE_CELLS.filter(({ name }) => run.wants(name));
  for (const { name, spec } of cells) {
    await attempt(run, name, () => bench.fixtures.get(limited(bench, spec)));
  }
  return inTurns(run, cells, (cell) => measureStage(bench, cell));
}

/** Requests that each way packs; zstd-19 takes a second for some of them. */
const PACKED = { full: 16, quick: 4 };

/** Counts of old series have more digits, and pack worse. */
const AGES_HOURS = [1, 12];

export async function compileSection(run: Run): Promise<Results["compile"]> {
  const rows: Results["compile"] = [];
  for (const subject of SUBJECT_NAMES.filter((name) => run.wants(compileName(name)))) {
    run.tell(compileName(subject));
    const isMetrics = SUBJECTS[subject].signal === "metrics";
    for (const hours of isMetrics ? AGES_HOURS : [0]) {
      const row = await attempt(run, compileName(subject), () => compileRow(run, subject, hours));
      if (row) rows.push(isMetrics ? { ...row, subject: `${subject}, ${hours} h old` } : row);
    }
  }
  return rows;
}

async function compileRow(
  run: Run,
  subject: SubjectName,
  hours: number,
): Promise<Results["compile"][number]> {
  const fixture = { subject, form: "plain", batch: BASE.batch, rawBytes: 0 } as const;
  const { path } = await run.bench.fixtures.get(fixture);
  const requests = run.isQuick ? PACKED.quick : PACKED.full;
  const task = { kind: "compile", path, requests, ageSeconds: hours * 3600 } as const;
  const { items, plainBytes, ways } = await runChild(task);
  return {
    subject,
    items,
    plainBytesPerItem: plainBytes / items,
    ways: Object.entries(ways).map(([way, { bytes, cpuSeconds }]) => ({
      way,
      bytesPerItem: bytes / items,
      cpuMsPerThousand: (cpuSeconds * 1e6) / items,
    })),
  };
}

/** Spans of a gigabyte of request bodies. */
const READY_THOUSANDS = 2100;

export async function readySection(run: Run): Promise<Results["ready"]> {
  if (!run.wants(READY)) return undefined;
  run.tell(READY);
  const directory = mkdtempSync(join(run.bench.fixtures.directory, "ready-"));
  const thousands = run.isQuick ? READY_THOUSANDS / 100 : READY_THOUSANDS;
  const figures = await attempt(run, READY, () =>
    runChild({ kind: "ready", directory, thousands, batch: BASE.batch }),
  );
  rmSync(directory, { recursive: true });
  if (!figures) return undefined;
  const { spans, templateBytes, compiledBytes, generate, freeze, compile } = figures;
  const steps = Object.entries({ generate, freeze, compile }).map(([step, times]) => ({ step, ...times }));
  return { spans, templateBytes, compiledBytes, steps };
}

/** Peers, and ours beside them. */
export async function peerSection(run: Run): Promise<Pick<Results, "contests" | "missingPeers">> {
  const contests = CONTESTS.filter((contest) => run.wants(peerName(contestName(contest))));
  if (contests.length === 0) return { contests: [], missingPeers: {} };
  const missing = preparePeers();
  const results: Results["contests"] = [];
  for (const contest of contests) {
    const contenders = contendersIn(contest)
      .filter(({ command }) => {
        const program = command?.(contest)?.program;
        return program === undefined || !missing.has(program);
      })
      .map((contender) => ({
        ...contender,
        name: `${contestName(contest)}: ${contender.name}`,
        label: contender.name,
      }));
    for (const { name, spec } of contenders) {
      if (spec) await attempt(run, name, () => run.bench.fixtures.get(limited(run.bench, spec)));
    }
    const rows = await inTurns(run, contenders, (contender) =>
      contender.spec ? measureSend(run.bench, contender.spec) : measurePeer(run.bench, contest, contender),
    );
    // Without ours there is nothing to hold the others against.
    if (rows[0]?.name === contenders[0]!.name) results.push({ contest: contestName(contest), rows });
  }
  return { contests: results, missingPeers: Object.fromEntries(missing) };
}

/** Names that were given choose among all sending cells; without them the usual ones are profiled. */
export async function profileSection(run: Run, isChosen: boolean): Promise<Results["profiles"]> {
  const profiles: Results["profiles"] = [];
  for (const { name, spec, isFull } of SEND_CELLS) {
    const isWanted = isChosen
      ? run.wants(name) && !isFull
      : PROFILED.includes(name) && run.wants(profileName(name));
    if (!isWanted) continue;
    run.tell(profileName(name));
    const round = await attempt(run, profileName(name), () =>
      measureSend(run.bench, { ...spec, processes: 1 }, true),
    );
    if (round?.costMap) profiles.push({ name, costMap: round.costMap });
  }
  return profiles;
}

/** Cells whose rounds differ by more than this share say little. */
const NOISY = 0.2;

/** Names of the rows whose rounds are far apart. */
export function noisyRows(rows: readonly Row[]): string[] {
  return rows.filter((row) => relativeSpread(row.perCpuSecond) > NOISY).map(({ name }) => name);
}
