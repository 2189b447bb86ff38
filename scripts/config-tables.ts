/**
 * The tables of keys in docs/configuration.md. The prose is written by hand; between a line `<!-- keys of generator: traces.spans -->`
 * and the next `<!-- end of keys -->` stands a table made from the schema.
 *
 * A table has the keys of its section but for those of sections that have a table of their own; `*` is the whole file.
 */
import { stringify } from "yaml";
import { CONFIGS, type ConfigNode, type DocumentedConfig, keysOf } from "./documented-configs.ts";

/** The document, from the root of the repository. */
export const TABLES_FILE = "docs/configuration.md";

const MARKED = /(<!-- keys of (generator|replayer): (\S+) -->\n)[\s\S]*?(<!-- end of keys -->)/g;
const HEAD = "| key | value | default | what it does | example |\n|---|---|---|---|---|\n";
/** A whole number that no double holds exactly any more is not worth telling as a bound. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;

/** The document with its tables as the schemas have them. Throws Error where a table names a section that is not there. */
export function withTables(document: string): string {
  const tables = tablesOf(document);
  return document.replace(MARKED, (_, begin: string, name: string, section: string, end: string) => {
    const config = CONFIGS.find((each) => each.name === name)!;
    const rows = rowsOf(config, section, tables.get(name)!);
    if (rows.length === 0) throw new Error(`${TABLES_FILE}: ${name} has no keys at ${section}`);
    return `${begin}${HEAD}${rows.join("\n")}\n${end}`;
  });
}

/** Paths of the keys of a config that no table of the document has. */
export function keysWithoutTable(document: string, { name, root }: DocumentedConfig): string[] {
  const sections = tablesOf(document).get(name) ?? [];
  return keysOf(root)
    .filter(({ path }) => !sections.some((section) => isBelow(path, section)))
    .map(({ path }) => path);
}

/** Sections that have a table, by the config's name. */
function tablesOf(document: string): Map<string, string[]> {
  const found = [...document.matchAll(MARKED)];
  return new Map(
    [...Map.groupBy(found, (match) => match[2]!)].map(([name, matches]) => [
      name,
      matches.map((match) => match[3]!),
    ]),
  );
}

function rowsOf({ root }: DocumentedConfig, section: string, tables: readonly string[]): string[] {
  const inner = tables.filter((table) => table !== section && (section === "*" || isBelow(table, section)));
  return keysOf(root)
    .filter(({ path }) => isBelow(path, section) && path !== section)
    .filter(({ path }) => !inner.some((table) => isBelow(path, table)))
    .map(({ path, node, section: isSection }) => {
      const key = `\`${section === "*" ? path : path.slice(section.length + 1)}\``;
      return isSection ? sectionRow(key, node) : valueRow(key, node);
    });
}

function isBelow(path: string, section: string): boolean {
  return section === "*" || path === section || path.startsWith(`${section}.`);
}

function sectionRow(key: string, node: ConfigNode): string {
  return `| ${key} | section | | ${cell(node.description ?? "")} | |`;
}

function valueRow(key: string, node: ConfigNode): string {
  const usual = node.default === undefined ? (node.absent ?? "") : code(node.default);
  const meaning = `${node.description ?? ""}${node.flag ? `; flag \`${node.flag}\`` : ""}`;
  const example = node.example === undefined ? "" : code(node.example);
  return `| ${key} | ${cell(valueWords(node))} | ${cell(usual)} | ${cell(meaning)} | ${cell(example)} |`;
}

/** What may stand there: `whole number, 1 to 1,000`. */
function valueWords(node: ConfigNode): string {
  if (node.short) return grouped(node.short);
  if (node.enum) return node.enum.map((one) => `\`${one}\``).join(", ");
  if (node.items) return `list of ${node.items.enum ? valueWords(node.items) : "texts"}`;
  if (typeof node.additionalProperties === "object") return "mapping of texts";
  switch (node.type) {
    case "integer":
      return `whole number${range(node)}`;
    case "number":
      return `number${range(node)}`;
    case "boolean":
      return "`true`, `false`";
    default:
      return "text";
  }
}

function range({ minimum, maximum = NO_BOUND }: ConfigNode): string {
  if (minimum === undefined) return "";
  return grouped(maximum === NO_BOUND ? `, ${minimum} or more` : `, ${minimum} to ${maximum}`);
}

/** Numbers of five digits and more with commas. */
const grouped = (text: string): string =>
  text.replace(/\d{5,}/g, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ","));

const code = (value: unknown): string =>
  `\`${stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trimEnd()}\``;

const cell = (text: string): string => text.replaceAll("|", "\\|");
