/**
 * The text of metadata.yaml, made piece by piece: as one document, the models of a hundred thousand metrics would take
 * 200 MB on their way to text.
 */
import { stringify } from "yaml";
import type { TemplateMetadata } from "../template/metadata.ts";

/** Models that are made into text at a time. */
const MODELS_AT_ONCE = 500;

const OPTIONS = { aliasDuplicateObjects: false, lineWidth: 0 } as const;

/** All of it in order; put together, it is what `stringify` would make of the whole, with `metrics` last. */
export function* metadataText({ metrics, ...rest }: TemplateMetadata): Generator<string> {
  yield stringify(rest, OPTIONS);
  const models = Object.entries(metrics);
  if (models.length === 0) yield stringify({ metrics }, OPTIONS);
  for (let from = 0; from < models.length; from += MODELS_AT_ONCE) {
    const piece = { metrics: Object.fromEntries(models.slice(from, from + MODELS_AT_ONCE)) };
    const text = stringify(piece, OPTIONS);
    // Only the first piece needs the key that they all stand under.
    yield from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  }
}
