/**
 * How many rows a statement gave back: the same in its span and in the log record of it.
 */
import type { DatabaseCall } from "./services.ts";

/** Rows of a statement for a list, a full page or what there is; undefined for other statements, which do not tell. */
export function returnedRows({ statement }: DatabaseCall, word: number): number | undefined {
  if (statement.purpose !== "many") return undefined;
  return (word >>> 5) % 3 === 0 ? 20 : (word >>> 7) % 20;
}
