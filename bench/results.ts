/** What a run of the benchmarks comes to: plain data, as docs/benchmarks.json has it. */

import type { Round } from "./measure-send.ts";
import type { CostMap } from "./profile/cost-map.ts";
import type { Spread } from "./statistics.ts";
import { spreadOf } from "./statistics.ts";

export interface Results {
  /** When it began, ISO 8601. */
  date: string;
  machine: Machine;
  settings: RunSettings;
  send: SendRow[];
  stages: Row[];
  compile: CompileRow[];
  ready?: ReadyRow;
  contests: ContestRow[];
  /** Why a peer did not take part, by name. */
  missingPeers: Record<string, string>;
  leftOut: (readonly [string, string])[];
  collector: CollectorRow[];
  profiles: { name: string; costMap: CostMap }[];
  /** Why cells have no figures, by name. */
  failures: Record<string, string>;
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  system: string;
  node: string;
  /** Of the project: version and commit, `+` behind it when files were changed. */
  version: string;
}

export interface RunSettings {
  seconds: number;
  warmSeconds: number;
  rounds: number;
  /** A quick run shows that all works; its figures are not to be quoted. */
  isQuick: boolean;
  /** Only cells whose names hold one of these. */
  names: string[];
  /** Load of the machine by others when it began: processes that want to run, averaged over a minute. */
  loadAverage: number;
}

/** A cell: medians and spreads over its rounds. Rates in items. */
export interface Row {
  name: string;
  label: string;
  /** Of the sender: user and system time of all its threads. */
  perCpuSecond: Spread;
  /** By the clock. */
  perSecond: Spread;
  /** On the wire; 0 where nothing is sent. */
  bytesPerItem: number;
  itemsPerRequest: number;
  /** Largest of all rounds; of several processes, of the largest one. */
  maxRssBytes: number;
  /** CPU time of the receiver over that of the sender. */
  receiverShare: number;
}

export interface SendRow extends Row {
  factor: string;
}

export interface CompileRow {
  subject: string;
  items: number;
  plainBytesPerItem: number;
  ways: { way: string; bytesPerItem: number; cpuMsPerThousand: number }[];
}

export interface ReadyRow {
  spans: number;
  templateBytes: number;
  compiledBytes: number;
  steps: { step: string; seconds: number; cpuSeconds: number }[];
}

export interface ContestRow {
  contest: string;
  /** Ours first. */
  rows: Row[];
}

export interface CollectorRow {
  label: string;
  eventsPerSecond: number;
  /** Of one core. */
  senderCpuShare: number;
  maxRssBytes: number;
  /** Everything that was sent was accepted and counted by the Collector. */
  isWhole: boolean;
}

/** A row of the rounds of a cell. lifeShare: measured part of the time that the sender ran. */
export function rowOf(name: string, label: string, rounds: readonly Round[], lifeShare = 1): Row {
  const total = (of: (round: Round) => number) => rounds.reduce((sum, round) => sum + of(round), 0);
  const items = total((round) => round.items);
  return {
    name,
    label,
    perCpuSecond: spreadOf(rounds.map((round) => round.items / round.cpuSeconds)),
    perSecond: spreadOf(rounds.map((round) => round.items / round.seconds)),
    bytesPerItem: total((round) => round.wireBytes) / items,
    itemsPerRequest: items / total((round) => round.requests),
    maxRssBytes: Math.max(...rounds.map((round) => round.maxRssBytes)),
    receiverShare:
      (total((round) => round.receiverCpuSeconds) * lifeShare) / total((round) => round.cpuSeconds),
  };
}
