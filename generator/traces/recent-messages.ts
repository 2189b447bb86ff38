/**
 * Messages that were sent lately, for workers that take several at once: what a batch holds beside the message that
 * the worker's own trace is about. Of bounded size, whatever the number of traces.
 */

/** A producer's span. */
export interface SentMessage {
  readonly trace: number;
  readonly ordinal: number;
  readonly spanCount: number;
}

/** Messages kept of each topic, and taken up from one trace. */
const KEPT = 64;

interface TopicLog {
  /** The message sent as the nth stands at n modulo KEPT. */
  readonly ring: SentMessage[];
  sent: number;
}

export class RecentMessages {
  readonly #logs: TopicLog[];
  /** Number of the next message that each consumer takes. */
  readonly #cursors: number[];
  /** Messages of the trace at hand: others may link to them once it is complete. */
  readonly #pending: { topic: number; message: SentMessage }[] = [];

  constructor(topics: number, consumers: number) {
    this.#logs = Array.from({ length: topics }, () => ({ ring: [], sent: 0 }));
    this.#cursors = Array.from({ length: consumers }, () => 0);
  }

  /** Note a message of the trace at hand. */
  send(topic: number, message: SentMessage): void {
    if (this.#pending.length < KEPT) this.#pending.push({ topic, message });
  }

  /** The trace is complete. */
  endTrace(): void {
    for (const { topic, message } of this.#pending) {
      const log = this.#logs[topic]!;
      log.ring[log.sent++ % KEPT] = message;
    }
    this.#pending.length = 0;
  }

  /** The next messages of earlier traces that a consumer takes: up to `most`, none of them twice. */
  take(topic: number, consumer: number, most: number): SentMessage[] {
    const { ring, sent } = this.#logs[topic]!;
    const from = Math.max(this.#cursors[consumer]!, sent - KEPT);
    const to = Math.min(sent, from + most);
    this.#cursors[consumer] = to;
    return Array.from({ length: to - from }, (_, nth) => ring[(from + nth) % KEPT]!);
  }
}
