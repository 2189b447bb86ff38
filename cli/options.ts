/**
 * Reading the values of command line options. Each refuses with a text that says what the value must be.
 */
import { InvalidArgumentError } from "commander";
import { DURATION_FORM, parseDuration } from "../config/units.ts";
import { type FleetName, parseFleetName } from "../fleet/membership.ts";
import { LEDGER_URL_FORM, LISTEN_FORM, parseLedgerUrl, parseListen } from "../replayer/config/values.ts";
import { parseReplica } from "../replayer/config.ts";
import { CliError } from "./exit.ts";

export function collectHeader(text: string, headers: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  // The text may hold a secret, and what commander says of an InvalidArgumentError repeats it.
  if (equals <= 0)
    throw new CliError('--header: must be NAME=VALUE, and the argument has no name before a "="');
  return { ...headers, [text.slice(0, equals).trim()]: text.slice(equals + 1) };
}

export function parseWhole(text: string): number {
  const value = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("must be a whole number, 0 or more.");
  return value;
}

export function parsePositive(text: string): number {
  const value = parseWhole(text);
  if (value === 0) throw new InvalidArgumentError("must be 1 or more.");
  return value;
}

const TIMES: Readonly<Record<string, number>> = { "": 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Events a second: `15M`, `250k`, `15_000_000`, `0.5`. */
export function parseRate(text: string): number {
  const [, figures = "", unit = ""] = /^(.*?)([kKMG]?)$/.exec(text.trim().replaceAll("_", "")) ?? [];
  const value = Number(figures) * TIMES[unit]!;
  if (figures === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("must be a number, 0 or more, such as 1000, 250k or 15M.");
  return value;
}

export function parseTime(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError(`must be ${DURATION_FORM}, or 0.`);
  return value;
}

/** Names of hosts, with commas. Compose hands on what is not set as nothing. */
export function parseNames(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}

/** Steps of a rate, `RATE@TIME,...`, as a config has them. */
export function parseSteps(text: string): { rate: number; for?: string }[] {
  return text.split(",").map((step, at, all) => {
    const [rate, time, ...more] = step.split("@").map((part) => part.trim());
    const isLast = at === all.length - 1;
    if (more.length > 0 || (time === undefined && !isLast) || (time && parseDuration(time) === undefined))
      throw new InvalidArgumentError(
        `must be RATE@TIME,RATE@TIME,..., such as 1000@1m,5000@2m,800; "${step}" is not.`,
      );
    return { rate: parseRate(rate!), ...(time !== undefined && { for: time }) };
  });
}

export function checkFleetName(text: string): FleetName {
  const fleet = parseFleetName(text);
  if (!fleet)
    throw new InvalidArgumentError("must be NAME or NAME@ADDRESS[:PORT], such as replayer@127.0.0.1:5353.");
  return fleet;
}

export function checkReplica(text: string): string {
  if (!parseReplica(text)) throw new InvalidArgumentError("must be I/N with I from 0 to N - 1, such as 0/3.");
  return text;
}

/** The origin of a ledger service. */
export function checkLedgerUrl(text: string): string {
  const url = parseLedgerUrl(text);
  if (url === undefined) throw new InvalidArgumentError(`must be ${LEDGER_URL_FORM}.`);
  return url;
}

/** `host:port` of an address to listen on; a port alone is one of loopback. */
export function checkListen(text: string): string {
  const address = parseListen(text);
  if (address === undefined) throw new InvalidArgumentError(`must be ${LISTEN_FORM}.`);
  return address;
}
