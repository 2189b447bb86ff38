/** Reading the self-metrics of all collectors, which come and go during a run. */
import { urlsOf } from "../ledger/addresses.ts";
import { scrapeSelfMetrics } from "../ledger/self-metrics.ts";
import { CollectorTally } from "./collector-tally.ts";
import { pause } from "./pause.ts";

export class CollectorsError extends Error {
  override readonly name = "CollectorsError";
  readonly code = "collectors_unreachable";
}

export class Collectors {
  readonly tally: CollectorTally;
  readonly #urls: readonly string[];
  #baselineTaken = false;
  #queued = 0;

  /** urls  of Prometheus pages; a host name stands for all its addresses, resolved anew at each reading */
  constructor(urls: readonly string[]) {
    this.#urls = urls;
    this.tally = new CollectorTally(() => this.#baselineTaken);
  }

  /** What waited in all queues at the last reading. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Read until every collector answers twice in a row, and take what they counted so far as the baseline.
   *
   * Throws CollectorsError, naming what does not answer, after `timeoutMs`.
   */
  async takeBaseline(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    let inARow = 0;
    let failure = "";
    while (inARow < 2) {
      if (signal.aborted || performance.now() > deadlineMs) {
        throw new CollectorsError(
          `${this.#urls.join(", ")}: no self-metrics within ${timeoutMs / 1000} s: ${failure}`,
        );
      }
      failure = await this.#readAll();
      inARow = failure === "" ? inARow + 1 : 0;
      if (inARow < 2) await pause(200, signal);
    }
    this.#baselineTaken = true;
  }

  /** Begin at zero instead: all that the collectors ever counted belongs to the run. */
  countFromZero(): void {
    this.#baselineTaken = true;
  }

  /** Read all that answer. Those that do not keep what they had; a collector may be gone for good. */
  async read(): Promise<void> {
    await this.#readAll();
  }

  /** Read all; returns why it did not succeed, empty when all answered. */
  async #readAll(): Promise<string> {
    const failures: string[] = [];
    let queued = 0;
    for (const url of this.#urls) {
      const each = await urlsOf(url);
      if (each.length === 0) failures.push(`${url}: the name is unknown`);
      const readings = each.map(async (one) => {
        try {
          const reading = await scrapeSelfMetrics(one);
          this.tally.add(one, reading);
          queued += reading.queued;
        } catch (error) {
          failures.push(`${one}: ${reasonOf(error as Error)}`);
        }
      });
      await Promise.all(readings);
    }
    this.#queued = queued;
    return failures.join("; ");
  }
}

/** fetch hides what happened in the cause of its error. */
const reasonOf = (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message);
