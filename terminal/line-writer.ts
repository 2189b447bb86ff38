/** Where lines go that are said on standard error: text for people, or JSON for whoever collects it. */
import { printable } from "./cell.ts";
import type { LineWriter } from "./line-view.ts";

/** Plain text on a terminal, a JSON object a line elsewhere. */
export async function openLineWriter(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Promise<LineWriter> {
  if (stream.isTTY !== true) {
    // Loaded only where it serves: the logger takes 1.7 MB, and a fleet has many processes.
    const { jsonLines } = await import("./json-lines.ts");
    return jsonLines(stream);
  }
  return {
    progress: (text) => stream.write(`${text}\n`),
    // A note may tell what somebody else has said.
    note: (text) => stream.write(`${printable(text)}\n`),
  };
}
