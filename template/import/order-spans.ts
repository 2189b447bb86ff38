/** The order that a trace's spans have in a template: parents before their children. */

/** What ordering needs to know of a span. */
export interface OrderedSpan {
  /** Index of the parent in the array; -1 for a root or a parent that is not there. */
  parent: number;
}

/**
 * The indexes of the spans in an order where each stands behind its parent, and otherwise as given.
 *
 * Parents that form a ring are no tree: the first span of it becomes a root. Its index is reported to `onRing`, and its
 * `parent` is set to -1.
 */
export function orderSpans(spans: readonly OrderedSpan[], onRing: (index: number) => void): number[] {
  const order: number[] = [];
  /** 0 not seen, 1 on the way up from a span, 2 ordered. */
  const state = new Uint8Array(spans.length);
  const path: number[] = [];
  for (let first = 0; first < spans.length; first++) {
    let at = first;
    while (at >= 0 && state[at] === 0) {
      state[at] = 1;
      path.push(at);
      at = spans[at]!.parent;
    }
    if (at >= 0 && state[at] === 1) {
      spans[at]!.parent = -1;
      onRing(at);
      // Walk the ring from its new root: what was climbed before it stands behind it.
      path.splice(0, path.length, ...unwindRing(path, at));
    }
    while (path.length > 0) {
      const next = path.pop()!;
      state[next] = 2;
      order.push(next);
    }
  }
  return order;
}

/** The path up to a ring, rearranged so that popping it gives the ring's root first and every parent before its child. */
function unwindRing(path: readonly number[], root: number): number[] {
  const at = path.indexOf(root);
  // path: a, b, root, c, d (each the child of the next; d's parent is root). Popped order must be root, d, c, then b, a.
  return [...path.slice(0, at), ...path.slice(at + 1), root];
}
