/**
 * Between paths of a config (`["sending", "concurrency"]`) and nodes of its YAML document, both ways.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, visit } from "yaml";

/** What stands at a path. */
export interface Found {
  node: Node | undefined;
  /** The pair whose value `node` is, when it stands in a mapping. */
  pair: Pair | undefined;
  /** Whether every step of the path was there. */
  complete: boolean;
}

/** The node at a path, through aliases and merge keys, or the last one on the way to it. */
export function find(root: unknown, path: readonly PropertyKey[]): Found {
  const resolve = (node: unknown): unknown => (isAlias(node) ? anchored(root, node.source) : node);
  let found: Found = { node: root as Node, pair: undefined, complete: true };
  for (const step of path) {
    const node = resolve(found.node);
    if (isSeq(node) && typeof step === "number" && step < node.items.length) {
      found = { node: node.items[step] as Node, pair: undefined, complete: true };
      continue;
    }
    const pair = pairOf(node, step, resolve);
    if (!pair) return { ...found, complete: false };
    found = { node: (pair.value ?? undefined) as Node | undefined, pair, complete: true };
  }
  return { ...found, node: resolve(found.node) as Node | undefined };
}

function pairOf(node: unknown, key: PropertyKey, resolve: (node: unknown) => unknown): Pair | undefined {
  if (!isMap(node)) return undefined;
  let merged: Pair | undefined;
  for (const pair of node.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : undefined;
    if (name === String(key)) return pair;
    if (name !== "<<" && !(isScalar(pair.key) && typeof pair.key.value === "symbol")) continue;
    const sources = resolve(pair.value);
    for (const source of isSeq(sources) ? sources.items : [sources])
      merged ??= pairOf(resolve(source), key, resolve);
  }
  return merged;
}

function anchored(root: unknown, name: string): unknown {
  let found: unknown;
  visit(root as Node, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor === name) found ??= node;
    },
  });
  return found;
}

/** Path of the key or value that begins at or encloses a byte of the file; as far as it can be told. */
export function pathAt(root: unknown, offset: number): PropertyKey[] {
  const path: PropertyKey[] = [];
  let node = root;
  for (;;) {
    if (isMap(node)) {
      const pair = node.items.find((item) => {
        const start = (item.key as Node | null)?.range?.[0];
        const end = (item.value as Node | null)?.range?.[2] ?? (item.key as Node | null)?.range?.[2];
        return (
          start !== undefined && end !== undefined && offset >= start && offset < Math.max(end, start + 1)
        );
      });
      if (!pair || !isScalar(pair.key)) return path;
      path.push(String(pair.key.value));
      node = pair.value;
    } else if (isSeq(node)) {
      const index = node.items.findIndex((item) => {
        const range = (item as Node | null)?.range;
        return range && offset >= range[0] && offset < Math.max(range[2], range[0] + 1);
      });
      if (index < 0) return path;
      path.push(index);
      node = node.items[index];
    } else {
      return path;
    }
  }
}
