/** Single items of a file as requests of their own, with their resource and scope: what a reader wants to look at. */
import { toOtlpJson } from "../../otlp/message/json.ts";
import { EnvelopeRegistry, groupItems } from "../import/frame-packer.ts";
import { readRequests } from "../import/read-requests.ts";

/** The first `count` items of a file (spans, metrics, log records) as indented OTLP/JSON, each a whole request. */
export function* showItems(path: string, count: number): Generator<string> {
  const envelopes = new EnvelopeRegistry();
  let left = count;
  for (const { signal, request } of readRequests(path)) {
    for (const placed of envelopes.items(signal, request)) {
      if (left-- <= 0) return;
      yield indentJson(toOtlpJson(signal, groupItems(signal, [placed])));
    }
  }
}

/** Numbers keep their text: 64-bit integers are strings, and no others lose digits in a double. */
function indentJson(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}
