/**
 * How long somebody who connects may take, and how many may: whoever says nothing, or says it slowly, is not to hold a server for ever.
 * Senders keep their connections open between requests, for minutes too; a connection that is ended is one that they open again.
 */
export interface ServerLimits {
  /** Connections at a time; those beyond are closed. */
  connections: number;
  /** From the beginning of a connection to the head of its first request, over gRPC to its settings; and of the head of any request. ms */
  headMs: number;
  /** From the first byte of a request to the last of its body. Ends before any answer: who is slow in good faith may try again. ms */
  requestMs: number;
  /** For so long a connection stays on which nothing begins or ends. ms */
  idleMs: number;
}

/** Forty replicas with 500 requests in flight each have 20,000 connections over HTTP. */
export const DEFAULT_LIMITS: ServerLimits = {
  connections: 20_000,
  headMs: 30_000,
  requestMs: 120_000,
  idleMs: 600_000,
};

/** How often is looked for what is overdue. */
export function lookMs({ headMs }: ServerLimits): number {
  return Math.min(5000, headMs);
}
