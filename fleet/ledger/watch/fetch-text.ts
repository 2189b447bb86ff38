/**
 * Asking somebody over HTTP what he has to say. He may be anybody: no redirect leads elsewhere, and neither his answer nor the wait for it
 * is without an end.
 */

export interface Bounds {
  /** From the question to the last byte of the answer. */
  timeoutMs: number;
  /** Of the answer, decompressed. */
  maxBytes: number;
  /** What an answer should be, for error texts: "a Prometheus page". */
  expected: string;
}

/** The body of the answer, if that is 200. Rejects with one line, which does not name `url`. */
export async function fetchText(
  url: string | URL,
  { timeoutMs, maxBytes, expected }: Bounds,
): Promise<string> {
  try {
    // "manual" rather than "error": then it can be told where the answer points.
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`answered HTTP ${response.status}${explained(response.status)}, expected ${expected}`);
    }
    return await textOf(response, maxBytes, expected);
  } catch (error) {
    throw new Error(reasonOf(error as Error, timeoutMs), { cause: error });
  }
}

/** The same of an answer that is JSON, of any form. */
export async function fetchJson(url: string | URL, bounds: Bounds): Promise<unknown> {
  const text = await fetchText(url, bounds);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`answered something else than ${bounds.expected}`, { cause });
  }
}

/** Where it would lead is not told: it may be a text of any kind. */
function explained(status: number): string {
  return status >= 300 && status < 400 ? ", a redirect, and redirects are not followed" : "";
}

async function textOf(response: Response, maxBytes: number, expected: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`answered more than ${maxBytes} bytes, expected ${expected}`);
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

/** fetch hides what happened in the cause of its error. */
function reasonOf(error: Error, timeoutMs: number): string {
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  return error.cause instanceof Error
    ? error.cause.message || String((error.cause as NodeJS.ErrnoException).code)
    : error.message;
}
