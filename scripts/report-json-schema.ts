/**
 * The JSON Schemas of what is written for programs: a replica's report and a fleet's account.
 */
import { z } from "zod";
import { accountSchema } from "../ledger/account-schema.ts";
import { reportSchema } from "../ledger/report-schema.ts";

/** Where the schema is kept, from the root of the repository. */
export const REPORT_SCHEMA_FILE = "docs/report.schema.json";

/** JSON Schema (draft 2020-12) of what `stampede replay --report` writes. Plain data. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema);
  return { $schema, title: "Stampede report", ...schema };
}

/** Where the schema of the account is kept, from the root of the repository. */
export const LEDGER_SCHEMA_FILE = "docs/ledger.schema.json";

/** JSON Schema (draft 2020-12) of what the ledger service answers and `stampede ledger --json` prints. Plain data. */
export function ledgerJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(accountSchema, { reused: "ref" });
  return { $schema, title: "Stampede ledger", ...schema };
}
