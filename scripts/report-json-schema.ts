/**
 * The JSON Schema of a report, as docs/report.schema.json holds it.
 */
import { z } from "zod";
import { reportSchema } from "../ledger/report-schema.ts";

/** Where the schema is kept, from the root of the repository. */
export const REPORT_SCHEMA_FILE = "docs/report.schema.json";

/** JSON Schema (draft 2020-12) of what `stampede replay --report` writes. Plain data. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema);
  return { $schema, title: "Stampede report", ...schema };
}
