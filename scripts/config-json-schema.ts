/**
 * JSON Schemas of the configs, for editors: completion, descriptions, and most mistakes underlined while writing.
 *
 * They describe the YAML as it is written, so they take what `loadConfig` takes: `${NAME}` where any single value stands, and
 * `10_000`, which is a text to YAML. Rules between keys are left to `stampede check`.
 */
import type { ConfigNode, DocumentedConfig } from "./documented-configs.ts";

type JsonSchema = Record<string, unknown>;

/** Draft 7 is what editors know best; nothing in here needs a later one. */
const DRAFT = "http://json-schema.org/draft-07/schema#";

const VARIABLE = { $ref: "#/definitions/variable" };
const WRITTEN_NUMBER = { $ref: "#/definitions/written_number" };

const DEFINITIONS = {
  variable: {
    description: "A value from the environment: ${NAME} or ${NAME:-default}.",
    type: "string",
    pattern: "\\$\\{",
  },
  written_number: {
    description:
      "A number with underscores (10_000), or a value from the environment: ${NAME} or ${NAME:-default}.",
    type: "string",
    pattern: "\\$\\{|^[-+]?[0-9]+(_[0-9]+)+(\\.[0-9]+)?$",
  },
};

/** The JSON Schema of a config file. Plain data. */
export function configJsonSchema({ name, command, root }: DocumentedConfig): JsonSchema {
  return {
    $schema: DRAFT,
    title: `Stampede ${name} config`,
    description: `What \`${command} --config\` reads. Every key is optional.`,
    ...mapping(root),
    definitions: DEFINITIONS,
  };
}

function mapping({ properties = {}, required }: ConfigNode): JsonSchema {
  const described = Object.entries(properties).map(([key, node]) => [
    key,
    { ...notes(node), ...value(node) },
  ]);
  return {
    type: "object",
    properties: Object.fromEntries(described),
    ...(required && { required }),
    additionalProperties: false,
  };
}

function value(node: ConfigNode): JsonSchema {
  if (node.properties) return mapping(node);
  if (typeof node.additionalProperties === "object") {
    return { type: "object", additionalProperties: value(node.additionalProperties) };
  }
  if (node.items) {
    const { minItems, maxItems } = node;
    return { type: "array", items: value(node.items), ...given({ minItems, maxItems }) };
  }
  // Unions of single values say themselves which types they take; one of a list and a value does not.
  if (node.anyOf?.some(({ items }) => items)) return { anyOf: node.anyOf.map(value) };
  const types = [node.type ?? "string"].flat();
  const forms = types.map((type) => scalar(node, type));
  // A plain text may hold a variable as it is.
  if (types.includes("string") && !forms.some((form) => form.pattern ?? form.enum)) return oneOf(forms);
  return oneOf([...forms, types.some(isNumeric) ? WRITTEN_NUMBER : VARIABLE]);
}

function scalar(node: ConfigNode, type: string): JsonSchema {
  const { minimum, maximum, minLength, maxLength, pattern } = node;
  if (isNumeric(type)) return { type, ...given({ minimum, maximum }) };
  if (type === "string") return { type, ...given({ enum: node.enum, minLength, maxLength, pattern }) };
  return { type };
}

function notes({
  description = "",
  absent,
  flag,
  default: usual,
  example,
  deprecated,
}: ConfigNode): JsonSchema {
  const parts = [sentence(description)];
  if (absent) parts.push(`Default: ${absent}.`);
  if (flag) parts.push(`The flag ${flag} wins over it.`);
  return given({
    description: parts.join(" "),
    default: isEmpty(usual) ? undefined : usual,
    examples: example === undefined ? undefined : [example],
    deprecated,
  });
}

const isNumeric = (type: string): boolean => type === "number" || type === "integer";

const oneOf = (forms: JsonSchema[]): JsonSchema => (forms.length === 1 ? forms[0]! : { anyOf: forms });

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/[^.]$/, "$&.");

/** The default of a section: all of its keys have theirs. */
const isEmpty = (usual: unknown): boolean => JSON.stringify(usual) === "{}";

/** Without what is undefined. */
function given(members: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined));
}
