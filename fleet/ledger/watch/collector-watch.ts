/**
 * Reading collectors and sinks, which come and go: every name is asked for its addresses anew each time.
 */
import { z } from "zod";
import { maskUrl } from "../../../otlp/mask-url.ts";
import { perSignal } from "../../../otlp/signal.ts";
import type { CollectorBook } from "../books/collector-book.ts";
import { SINK_COUNTERS, type SinkBook, type SinkReading } from "../books/sink-book.ts";
import { addressesOf } from "./addresses.ts";
import { fetchJson } from "./fetch-text.ts";
import { scrapeSelfMetrics } from "./self-metrics.ts";

/** Of one reading. Who takes longer is read again a second later. */
const TIMEOUT_MS = 2000;

/** What a sink has counted has some 2 kB. */
const COUNT_BOUNDS = { timeoutMs: TIMEOUT_MS, maxBytes: 1024 * 1024 };
/** The verdict of one that has seen much names what is missing of each incarnation. */
const VERDICT_BOUNDS = { timeoutMs: 20_000, maxBytes: 64 * 1024 * 1024 };
const SINK_ANSWER = "what a stampede sink has counted";

export class SourceError extends Error {
  override readonly name = "SourceError";
  readonly code = "bad_source";
}

/** Where to read; `host` stands for all its addresses. */
export interface Source {
  /** As the user wrote it. */
  text: string;
  host: string;
  url: URL;
}

/**
 * Parse `dns:///collector:8888` or `http://collector:8888/metrics`, several with commas. Throws SourceError.
 * path  that is read where none is written
 */
export function parseSources(text: string, path: string): Source[] {
  return text.split(",").map((written) => {
    const trimmed = written.trim();
    const refuse = (what: string): never => {
      // A password may hold a comma.
      const shown = maskUrl(text.includes("@") ? text.trim() : trimmed);
      throw new SourceError(`"${shown}": ${what}; write http://host:port${path} or dns:///name:port`);
    };
    const isDns = trimmed.startsWith("dns:///");
    if (!isDns && !trimmed.startsWith("http://")) refuse("must begin with http:// or dns:///");
    const address = isDns ? `http://${trimmed.slice("dns:///".length)}` : trimmed;
    if (!URL.canParse(address)) refuse("is no URL");
    const url = new URL(address);
    if (url.username !== "" || url.password !== "") refuse("holds a user name");
    if (url.port === "" && isDns) refuse("has no port");
    if (url.pathname === "/") url.pathname = path;
    return { text: trimmed, host: url.hostname, url };
  });
}

/** A reading of all: whom it reached, and what it did not. */
export interface Round {
  reached: number;
  troubles: string[];
}

/**
 * Read every collector once, and note those that do not answer or are not there any more.
 * isFromZero  whether a collector that was never read before, and started at that moment (ms, NaN where it does not tell), counts from zero
 */
export async function readCollectors(
  sources: readonly Source[],
  book: CollectorBook,
  isFromZero: (startedAtMs: number) => boolean,
): Promise<Round> {
  const seen = new Set<string>();
  const round = await readAll(
    sources,
    seen,
    async (url, host) => {
      const reading = await scrapeSelfMetrics(url.href, TIMEOUT_MS);
      const nowMs = Date.now();
      const startedAtMs = nowMs - (reading.uptimeSeconds ?? Number.NaN) * 1000;
      book.read(url.href, host, reading, nowMs, isFromZero(startedAtMs));
    },
    (address, trouble) => book.miss(address, trouble),
  );
  for (const { address } of book.entries())
    if (!seen.has(address)) book.miss(address, "no longer among the addresses of its name");
  return round;
}

const items = z.object(
  Object.fromEntries(SINK_COUNTERS.map((name) => [name, z.number().nonnegative()])) as Record<
    (typeof SINK_COUNTERS)[number],
    z.ZodNumber
  >,
);
const sinkReading = z.object({
  startedAt: z.string().max(40),
  signals: z.object(perSignal(() => items)),
  verification: z
    .object({
      ok: z.boolean(),
      findings: z.record(z.string().max(100), z.unknown()),
      missing: z.object({ traces: z.number(), incompleteTraces: z.number() }),
    })
    .optional(),
});

/** Read every sink once. isVerified: with its verdict, which takes it longer. */
export async function readSinks(
  sources: readonly Source[],
  book: SinkBook,
  isFromZero: (startedAtMs: number) => boolean,
  isVerified: boolean,
): Promise<Round> {
  return readAll(
    sources,
    new Set(),
    async (url) => {
      const asked = new URL(url);
      if (isVerified) asked.pathname += "/verified";
      const answer = await fetchJson(asked, {
        ...(isVerified ? VERDICT_BOUNDS : COUNT_BOUNDS),
        expected: SINK_ANSWER,
      });
      const parsed = sinkReading.safeParse(answer);
      if (!parsed.success) throw new Error(`answered something else than ${SINK_ANSWER}`);
      const { startedAt, signals, verification } = parsed.data;
      const reading: SinkReading = { startedAt, signals };
      if (verification) {
        const { ok, findings, missing } = verification;
        reading.verdict = {
          ok,
          missingTraces: missing.traces + missing.incompleteTraces,
          findings: Object.keys(findings).slice(0, 50),
        };
      }
      book.read(url.host, reading, Date.now(), isFromZero(Date.parse(startedAt)));
    },
    (address, trouble) => book.miss(address, trouble),
  );
}

async function readAll(
  sources: readonly Source[],
  seen: Set<string>,
  read: (url: URL, host: string) => Promise<void>,
  miss: (address: string, trouble: string) => void,
): Promise<Round> {
  const round: Round = { reached: 0, troubles: [] };
  const readOne = async (url: URL, host: string) => {
    try {
      await read(url, host);
      round.reached++;
    } catch (error) {
      const trouble = (error as Error).message;
      round.troubles.push(`${url.host}: ${trouble}`);
      miss(url.host, trouble);
    }
  };
  const each = sources.map(async ({ url, host }) => {
    const addresses = await addressesOf(host);
    if (addresses.length === 0) round.troubles.push(`${host}: the name is unknown`);
    const reading: Promise<void>[] = [];
    for (const address of addresses) {
      const one = new URL(url);
      one.hostname = address;
      if (seen.has(one.host)) continue;
      seen.add(one.host);
      reading.push(readOne(one, host));
    }
    await Promise.all(reading);
  });
  await Promise.all(each);
  return round;
}
