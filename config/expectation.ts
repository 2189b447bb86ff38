/**
 * What a schema wants at a path, in words, and which keys it knows there. Read from the JSON Schema that zod makes of it,
 * so that an error text always says the whole rule ("a number above 0") and not just the part that broke first.
 */
import { z } from "zod";

/** The parts of a JSON Schema that matter here. */
export interface SchemaNode {
  type?: string | string[];
  properties?: Record<string, SchemaNode>;
  additionalProperties?: boolean | SchemaNode;
  items?: SchemaNode;
  prefixItems?: SchemaNode[];
  anyOf?: SchemaNode[];
  oneOf?: SchemaNode[];
  allOf?: SchemaNode[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  minLength?: number;
  /** Own words for the value, given with `.meta({ expected })`. */
  expected?: string;
}

/** The JSON Schema of what may be written in a file of this schema. */
export function schemaNode(schema: z.ZodType): SchemaNode {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    reused: "inline",
    cycles: "ref",
  }) as SchemaNode;
}

/** Every branch of the schema at a path: several where unions leave several open, none where the path is unknown. */
export function nodesAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode[] {
  let nodes = branches(root);
  for (const step of path) {
    nodes = nodes.flatMap((node) => {
      const next =
        typeof step === "number"
          ? (node.prefixItems?.[step] ?? node.items)
          : (ownProperty(node, String(step)) ??
            (typeof node.additionalProperties === "object" ? node.additionalProperties : undefined));
      return next ? branches(next) : [];
    });
  }
  return nodes;
}

/** Keys that the schema names at a path, in its order. */
export function knownKeys(root: SchemaNode, path: readonly PropertyKey[]): string[] {
  return [...new Set(nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/**
 * Words for what may stand at a path, to follow "must be": `a whole number from 1 to 10`. Undefined when the schema does not say.
 *
 * value  what stands there and broke a rule
 */
export function expectationAt(
  root: SchemaNode,
  path: readonly PropertyKey[],
  value: unknown,
): string | undefined {
  const words = nodesAt(root, path).map((node) => describe(node, value));
  if (words.length === 0 || words.includes(undefined)) return undefined;
  return [...new Set(words)].join(" or ");
}

function ownProperty(node: SchemaNode, key: string): SchemaNode | undefined {
  return node.properties && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
}

function branches(node: SchemaNode): SchemaNode[] {
  if (node.expected !== undefined) return [node];
  const parts = node.anyOf ?? node.oneOf ?? node.allOf;
  return parts ? parts.flatMap(branches) : [node];
}

function describe(node: SchemaNode, value: unknown): string | undefined {
  if (node.expected !== undefined) return node.expected;
  if (node.const !== undefined) return String(node.const);
  if (node.enum) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(", ")}`;
  switch (node.type) {
    case "integer":
      return `a whole number${range(node, value)}`;
    case "number":
      return `a number${range(node, value)}`;
    case "string":
      return (node.minLength ?? 0) > 0 ? "a text that is not empty" : "a text";
    case "boolean":
      return "true or false";
    case "null":
      return "empty";
    case "object":
      return "a mapping (key: value)";
    case "array": {
      const minimum = node.minItems ?? 0;
      return minimum > 0 ? `a list of ${minimum} or more` : "a list";
    }
    default:
      return undefined;
  }
}

function range(node: SchemaNode, value: unknown): string {
  // zod bounds every integer by what a double holds exactly; nobody needs to be told but who went beyond it.
  const isBeyond = Number.isInteger(value) && !Number.isSafeInteger(value);
  const max = node.maximum === Number.MAX_SAFE_INTEGER && !isBeyond ? undefined : node.maximum;
  const min = node.minimum === Number.MIN_SAFE_INTEGER ? undefined : node.minimum;
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  const words: string[] = [];
  if (node.exclusiveMinimum !== undefined) words.push(`above ${node.exclusiveMinimum}`);
  if (min !== undefined) words.push(`of ${min} or more`);
  if (node.exclusiveMaximum !== undefined) words.push(`below ${node.exclusiveMaximum}`);
  if (max !== undefined) words.push(`up to ${max}`);
  return words.length === 0 ? "" : ` ${words.join(" and ")}`;
}
