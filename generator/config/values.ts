/**
 * Values and bounds that sections of the generator's config share.
 */
import { z } from "zod";

/** A file of more items than this would be larger than any disk: a slip of the keyboard. */
export const MAX_ITEMS = 1_000_000_000;

export const MAX_SERVICES = 1000;

/** What services, namespaces and keys may be called. */
export const name = z
  .string()
  .min(1)
  .max(200)
  .meta({ expected: "a text of 1 to 200 characters", short: "text" });

export const percentage = z.number().min(0).max(100);
