/** A ledger service for a test, on a port of its own, and what replicas and people send to it. */
import { onTestFinished } from "vitest";
import type { Statement } from "../../ledger/statement-schema.ts";
import { type LedgerOptions, type LedgerService, startLedger } from "./service.ts";

/** Start it; the end of the test closes it. What is not given is not read, not waited for and not told. */
export async function startTestLedger(options: Partial<LedgerOptions> = {}): Promise<LedgerService> {
  const service = await startLedger({
    release: "0",
    listen: "127.0.0.1:0",
    collectors: [],
    sinks: [],
    settleMs: 30_000,
    onNote: () => {},
    ...options,
  });
  onTestFinished(() => service.close());
  return service;
}

/** Where a path of it is. */
export const urlOf = ({ address }: LedgerService, path: string): string => `http://${address}${path}`;

/** What it answers to a body. */
export interface Answer {
  status: number;
  reply: Record<string, unknown>;
}

/** Post a body to a path of it. */
export async function post(
  service: LedgerService,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(urlOf(service, path), { method: "POST", body, headers });
  return { status: response.status, reply: (await response.json()) as Record<string, unknown> };
}

/** Tell it as a replica does. */
export const push = (service: LedgerService, statement: Statement): Promise<Answer> =>
  post(service, "/api/statements", JSON.stringify(statement));
