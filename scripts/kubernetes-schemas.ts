/**
 * Kubernetes' schemas as kubeconform takes them: node scripts/kubernetes-schemas.ts FROM TO.
 *
 * FROM  a folder of the PyPI package kubernetes-validate: a file for each kind, which refers to definitions in one large file by an
 *       address that only that package resolves
 * TO    the same files, each with the definitions that it needs, and referring to nothing else
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Schema = Record<string, unknown>;

const DEFINITIONS = "_definitions.json";
const [from, to, ...more] = process.argv.slice(2);
if (from === undefined || to === undefined || more.length > 0) {
  process.stderr.write("takes two folders: FROM TO\n");
  process.exit(2);
}

const read = (file: string): Schema => JSON.parse(readFileSync(join(from, file), "utf8"));
const definitions = read(DEFINITIONS).$defs as Record<string, Schema>;
mkdirSync(to, { recursive: true });
for (const file of readdirSync(from)) {
  if (file === DEFINITIONS) continue;
  const schema = read(file);
  // Parts of kinds and lists of names are no documents.
  if (!("x-kubernetes-group-version-kind" in schema)) continue;
  writeFileSync(join(to, file), JSON.stringify(selfContained(schema)));
}

/** The schema of a document with all definitions that it leads to. */
function selfContained(document: Schema): Schema {
  const $defs: Record<string, Schema | undefined> = {};
  const visit = (schema: Schema): Schema =>
    JSON.parse(
      JSON.stringify(schema, (key, value) => {
        // A property may have that name, too.
        if (key !== "$ref" || typeof value !== "string") return value;
        const name = value.slice(value.lastIndexOf("/") + 1);
        if (!(name in $defs)) {
          // Before it is visited: definitions may lead to themselves.
          $defs[name] = undefined;
          $defs[name] = visit(definitions[name]!);
        }
        return `#/$defs/${name}`;
      }),
    );
  const { $id: _, ...rest } = visit(document);
  return { ...rest, $defs };
}
