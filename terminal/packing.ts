/** How bodies left, in words. */
import type { Counter } from "../ledger/counts.ts";

type Packed = Readonly<
  Record<Extract<Counter, "requests" | "compressedRequests" | "compiledRequests">, number>
>;

/** Whether bodies were compressed once, ahead, or at each send. */
export function compressedText({ requests, compressedRequests, compiledRequests }: Packed): string {
  if (compressedRequests === 0) return "no";
  if (compiledRequests === 0) return "at each send";
  const percent = Math.round((compiledRequests / requests) * 100);
  return percent === 100 ? "once" : `${percent} % once`;
}
