/**
 * Files that the service serves besides its account: the console's page, which stands above it and is handed to it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** How a body may be encoded, the smallest first. */
const ENCODINGS = ["br", "gzip", "identity"] as const;

export interface SiteFile {
  /** content-type */
  type: string;
  /** In quotes, as the header has it. */
  etag: string;
  bodies: Record<(typeof ENCODINGS)[number], Buffer>;
}

/** By path: `/`, `/console/style.css`. */
export type Site = ReadonlyMap<string, SiteFile>;

/** Answer with a file, in the smallest encoding that the client takes; with 304 where it has the file already. */
export function serveFile(request: IncomingMessage, response: ServerResponse, file: SiteFile): void {
  const headers = { etag: file.etag, vary: "accept-encoding", "cache-control": "no-cache" };
  if (request.headers["if-none-match"] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const taken = String(request.headers["accept-encoding"] ?? "");
  const encoding = ENCODINGS.find((one) => takes(taken, one))!;
  const body = file.bodies[encoding];
  response.writeHead(200, {
    ...headers,
    "content-type": file.type,
    "content-length": body.length,
    ...(encoding === "identity" ? {} : { "content-encoding": encoding }),
  });
  response.end(body);
}

function takes(header: string, encoding: (typeof ENCODINGS)[number]): boolean {
  if (encoding === "identity") return true;
  return header.split(",").some((part) => {
    const [name, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}
