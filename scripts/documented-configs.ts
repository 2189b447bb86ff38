/**
 * The configs that have a schema for editors and tables of keys in docs/configuration.md, both made from their zod schemas.
 */
import { schemaNode } from "../config/expectation.ts";
import { generatorConfigSchema } from "../generator/config.ts";
import { replayerConfigSchema } from "../replayer/config.ts";

/** A node of the JSON Schema that zod makes of a config, with what `.meta()` adds to it. */
export interface ConfigNode {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: string[];
  properties?: Record<string, ConfigNode>;
  propertyNames?: ConfigNode;
  additionalProperties?: boolean | ConfigNode;
  required?: string[];
  items?: ConfigNode;
  anyOf?: ConfigNode[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  deprecated?: boolean;
  /** A value as a file has it. Not `examples`, which zod keeps to itself where a value is transformed. */
  example?: unknown;
  /** What holds without a key that has no default. */
  absent?: string;
  /** The command's flag that wins over the key. */
  flag?: string;
  /** What a value must be, for error texts. */
  expected?: string;
  /** The same in a word or two, for tables. */
  short?: string;
}

/** A config that is documented. */
export interface DocumentedConfig {
  name: "generator" | "replayer";
  /** The command that reads it. */
  command: string;
  /** Where its JSON Schema is kept, from the root of the repository. */
  file: string;
  root: ConfigNode;
}

/** Both configs. */
export const CONFIGS: readonly DocumentedConfig[] = [
  {
    name: "generator",
    command: "stampede generate",
    file: "docs/generator.schema.json",
    root: schemaNode(generatorConfigSchema) as ConfigNode,
  },
  {
    name: "replayer",
    command: "stampede replay",
    file: "docs/replayer.schema.json",
    root: schemaNode(replayerConfigSchema) as ConfigNode,
  },
];

/** Every key of a config that holds a value, with its path: `traces.spans.std_dev`. Lists and mappings are values. */
export function keysOf(
  root: ConfigNode,
  prefix = "",
): { path: string; node: ConfigNode; section: boolean }[] {
  return Object.entries(root.properties ?? {}).flatMap(([key, node]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    const section = node.properties !== undefined;
    return [{ path, node, section }, ...keysOf(node, path)];
  });
}
