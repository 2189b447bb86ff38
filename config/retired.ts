/**
 * Keys of older files that are accepted without effect: `limits: {max_memory_gb, allow_unbounded}` of generator files.
 */
import type { z } from "zod";
import type { ConfigDocument } from "./document.ts";
import { knownKeys, schemaNode } from "./expectation.ts";
import { nearest } from "./nearest.ts";
import type { Problem } from "./problem.ts";

const RETIRED_KEY = "limits";
const RETIRED_MEMBERS = ["max_memory_gb", "allow_unbounded"];

/** Take retired keys out of the document's value, unless the schema knows them; say so in a note for each. */
export function dropRetired(
  document: ConfigDocument,
  schema: z.ZodType,
): { notes: Problem[]; problems: Problem[] } {
  const root = document.value as Record<string, unknown>;
  if (!Object.hasOwn(root, RETIRED_KEY)) return { notes: [], problems: [] };
  const { file } = document;
  const place = document.positionOf([RETIRED_KEY], "key");
  const message = "has no effect: memory is bounded whatever the size of the output; the key can be removed";
  const notes = [{ file, ...place, path: RETIRED_KEY, message }];
  if (knownKeys(schemaNode(schema), []).includes(RETIRED_KEY)) return { notes, problems: [] };
  const limits = root[RETIRED_KEY];
  delete root[RETIRED_KEY];
  const members = typeof limits === "object" && limits !== null ? Object.keys(limits) : [];
  const problems = members
    .filter((key) => !RETIRED_MEMBERS.includes(key))
    .map((key) => {
      const near = nearest(key, RETIRED_MEMBERS);
      const hint = near ? `did you mean ${near}?` : `known here: ${RETIRED_MEMBERS.join(", ")}`;
      return {
        file,
        ...document.positionOf([RETIRED_KEY, key], "key"),
        path: `${RETIRED_KEY}.${key}`,
        message: `unknown key; ${hint}`,
      };
    });
  return { notes, problems };
}
