/**
 * Writes docs/report.schema.json from the schema in ledger/report-schema.ts: `scripts/node scripts/write-schemas.ts`, after a
 * change of it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPORT_SCHEMA_FILE, reportJsonSchema } from "./report-json-schema.ts";

writeFileSync(
  join(import.meta.dirname, "..", REPORT_SCHEMA_FILE),
  `${JSON.stringify(reportJsonSchema(), null, 2)}\n`,
);
