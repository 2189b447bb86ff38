/**
 * stampede check: validate config files and report every problem in one pass.
 */
import { Command } from "commander";
import type { z } from "zod";
import { type ConfigDocument, readDocument } from "../config/document.ts";
import { nodesAt, type SchemaNode, schemaNode } from "../config/expectation.ts";
import { validateDocument } from "../config/load.ts";
import { ConfigError } from "../config/problem.ts";
import { generatorConfigSchema } from "../generator/config.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import { CliError, EXIT } from "./exit.ts";

/** What a config file can be for. */
interface Kind {
  name: string;
  schema: z.ZodType;
  keys: SchemaNode;
}

const kindOf = (name: string, schema: z.ZodType): Kind => ({ name, schema, keys: schemaNode(schema) });

export function checkCommand(): Command {
  return new Command("check")
    .summary("validate config files, reporting every problem")
    .description(
      "Validate generator and replayer config files. Every problem is reported, one a line, with its place.\nWhich of the two a file is, its keys tell.",
    )
    .argument("<file...>", "config files (YAML)")
    .addHelpText("after", "\nExample:\n  stampede check generator.yaml replayer.yaml")
    .action((files: string[]) => {
      const kinds = [kindOf("generator", generatorConfigSchema), kindOf("replayer", replayerConfigSchema)];
      const problems = files.flatMap((file) => checkFile(file, kinds));
      if (problems.length > 0) throw new CliError(problems.join("\n"), EXIT.usage);
    });
}

/** Print the file's ok line and notes, or return its problems as lines. */
function checkFile(file: string, kinds: readonly Kind[]): string[] {
  try {
    const document = readDocument(file);
    const kind = recognise(document, kinds);
    const { notes } = validateDocument(document, kind.schema);
    for (const note of notes) process.stderr.write(`${note}\n`);
    process.stdout.write(`${file}: ok (${kind.name} config)\n`);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

/** The kind that knows most of the file's keys, two levels deep (`metrics` is a section of both). Ties go to the first. */
function recognise(document: ConfigDocument, kinds: readonly Kind[]): Kind {
  const known = (kind: Kind) => countKnown(document.value as object, kind.keys);
  const best = kinds.toSorted((a, b) => known(b) - known(a))[0]!;
  if (known(best) > 0) return best;
  const { file } = document;
  const keys = kinds.map((kind) => `${kind.name}: ${Object.keys(kind.keys.properties ?? {}).join(", ")}`);
  const message = `is neither a generator nor a replayer config; top-level keys are for ${keys.join("; for ")}`;
  throw new ConfigError([{ file, line: 1, column: 1, path: "", message }]);
}

function countKnown(value: object, root: SchemaNode): number {
  let count = 0;
  for (const [key, section] of Object.entries(value)) {
    if (nodesAt(root, [key]).length === 0) continue;
    count++;
    if (typeof section !== "object" || section === null) continue;
    for (const member of Object.keys(section)) if (nodesAt(root, [key, member]).length > 0) count++;
  }
  return count;
}
