/**
 * Writes what is made from code: the JSON Schemas of the configs, the report and the ledger, the tables of keys in docs/configuration.md, and
 * the drawings of laws in docs/pace.md. `scripts/node scripts/write-schemas.ts`, after a change of a schema or a law.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configJsonSchema } from "./config-json-schema.ts";
import { TABLES_FILE, withTables } from "./config-tables.ts";
import { CONFIGS } from "./documented-configs.ts";
import { DRAWINGS_FILE, withDrawings } from "./law-drawings.ts";
import {
  LEDGER_SCHEMA_FILE,
  ledgerJsonSchema,
  REPORT_SCHEMA_FILE,
  reportJsonSchema,
} from "./report-json-schema.ts";

const inRoot = (file: string): string => join(import.meta.dirname, "..", file);

function writeJson(file: string, value: unknown): void {
  writeFileSync(inRoot(file), `${JSON.stringify(value, null, 2)}\n`);
}

writeJson(REPORT_SCHEMA_FILE, reportJsonSchema());
writeJson(LEDGER_SCHEMA_FILE, ledgerJsonSchema());
for (const config of CONFIGS) writeJson(config.file, configJsonSchema(config));
writeFileSync(inRoot(TABLES_FILE), withTables(readFileSync(inRoot(TABLES_FILE), "utf8")));
writeFileSync(inRoot(DRAWINGS_FILE), withDrawings(readFileSync(inRoot(DRAWINGS_FILE), "utf8")));
