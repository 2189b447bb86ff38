/**
 * Values that sections of the replayer's config share.
 */
import { z } from "zod";

/** A path of the file system, as written: relative ones are relative to the working directory. */
export const filePath = z.string().min(1).meta({ expected: "the path of a file", short: "path" });

export const wholeNumber = z.int().min(0);

/** Events a second beyond anything that is sent: more is a slip of the keyboard. */
export const MAX_RATE = 1_000_000_000;
