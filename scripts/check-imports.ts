/**
 * Holds the import direction of ARCHITECTURE.md: which folder may import which, and no cycles between files.
 * Prints every breach and exits 1, or one ok line.
 *
 * Own walker: one screen of code for one rule table, where a package would be a config language to learn.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** The contract between all parts. They may use each other, as long as no cycle comes of it, and nothing else of ours. */
const BASE = ["config", "otlp", "template", "ledger"];

/** Folders that a folder may import from, beside itself. Folders not listed here are breaches: settle their place first. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  config: BASE,
  otlp: BASE,
  template: BASE,
  ledger: BASE,
  // Never each other: what two of them need belongs to the base.
  generator: BASE,
  replayer: BASE,
  sink: BASE,
  recorder: BASE,
  // The view shows samples and ledgers; it knows no part that makes them.
  terminal: BASE,
  fleet: [...BASE, "generator", "replayer", "sink", "recorder"],
  console: [...BASE, "generator", "replayer", "sink", "recorder", "fleet"],
  cli: [...BASE, "generator", "replayer", "sink", "recorder", "fleet", "console", "terminal"],
};

/** Development code: may import anything, and nothing may import it. */
const FREE = ["bench", "test", "scripts"];

const root = normalize(join(import.meta.dirname, ".."));
const files = globSync(`{${[...Object.keys(MAY_IMPORT), ...FREE].join(",")}}/**/*.ts`, { cwd: root })
  .filter((file) => !file.includes("node_modules"))
  .sort();
const breaches: string[] = [];
const importsOf = new Map(files.map((file) => [file, localImports(file)]));

for (const file of globSync("*/**/*.ts", {
  cwd: root,
  exclude: ["node_modules", ".*", "generated", "coverage"],
})) {
  if (!importsOf.has(file))
    breaches.push(`${file}: the folder ${folderOf(file)}/ has no place in the import direction`);
}
for (const [file, imports] of importsOf) {
  for (const { target, line } of imports) {
    const problem = breach(file, target);
    if (problem) breaches.push(`${file}:${line}: ${problem}`);
  }
}
breaches.push(...cycles());

if (breaches.length > 0) {
  process.stderr.write(`${breaches.join("\n")}\n`);
  process.exit(1);
}
process.stdout.write(`${files.length} files keep the import direction, no cycles\n`);

function breach(file: string, target: string): string | undefined {
  if (!files.includes(target))
    return target.endsWith(".ts") ? `imports ${target}, which does not exist` : undefined;
  const [from, to] = [folderOf(file), folderOf(target)];
  // A test may hold any two parts against each other: the client against the sink, the stamper against the generator.
  if (from === to || FREE.includes(from) || file.endsWith(".test.ts")) return undefined;
  if (target.endsWith(".test.ts")) return `imports the test ${target}`;
  if (MAY_IMPORT[from]?.includes(to)) return undefined;
  return `${from}/ must not import ${to}/ (${target})`;
}

function folderOf(file: string): string {
  return file.slice(0, file.indexOf("/"));
}

/** Relative imports of a file, static and dynamic, as paths from the root. */
function localImports(file: string): { target: string; line: number }[] {
  const text = readFileSync(join(root, file), "utf8");
  const found: { target: string; line: number }[] = [];
  // Statements begin a line (the formatter sees to it), so texts and comments that merely speak of imports do not match.
  const patterns = [
    /^(?:import|export)\b[^"';]*?\bfrom\s*"(\.[^"]+)"/gm,
    /^import\s*"(\.[^"]+)"/gm,
    /\bimport\(\s*"(\.[^"]+)"/g,
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const target = relative(root, join(root, dirname(file), match[1]!));
      found.push({ target, line: text.slice(0, match.index).split("\n").length });
    }
  }
  return found;
}

/** Every cycle once, as the path that closes it. Depth first; a file that was left holds no cycle that is not yet told. */
function cycles(): string[] {
  const told: string[] = [];
  const left = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (left.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      told.push(`cycle: ${[...path.slice(start), file].join(" -> ")}`);
      return;
    }
    path.push(file);
    for (const { target } of importsOf.get(file) ?? []) visit(target);
    path.pop();
    left.add(file);
  };
  for (const file of files) visit(file);
  return told;
}
