/**
 * Values that sections of the replayer's config share.
 */
import { z } from "zod";
import { maskUrl } from "../../otlp/mask-url.ts";
import { parseListenAddress } from "../../otlp/server/listen.ts";

/** A path of the file system, as written: relative ones are relative to the working directory. */
export const filePath = z.string().min(1).meta({ expected: "the path of a file", short: "path" });

export const wholeNumber = z.int().min(0);

/** Events a second beyond anything that is sent: more is a slip of the keyboard. */
export const MAX_RATE = 1_000_000_000;

/** What the address of a ledger service must look like, for error texts. */
export const LEDGER_URL_FORM = "http://host:port, such as http://127.0.0.1:4330";

/** `http://host:port`; undefined when the text is not that. */
export function parseLedgerUrl(text: string): string | undefined {
  const trimmed = text.trim();
  return /^http:\/\/[^/?#@\s]+\/?$/.test(trimmed) && URL.canParse(trimmed)
    ? new URL(trimmed).origin
    : undefined;
}

/** The address of a ledger service in a config file. */
export function ledgerUrl() {
  return z
    .string()
    .transform((written, context) => {
      const url = parseLedgerUrl(written);
      if (url !== undefined) return url;
      const shown = maskUrl(written);
      const found = shown === written ? "" : `, got ${JSON.stringify(shown)}`;
      context.addIssue({ code: "custom", message: `must be ${LEDGER_URL_FORM}${found}` });
      return z.NEVER;
    })
    .meta({ expected: LEDGER_URL_FORM, short: "URL", pattern: "^\\s*http://[^/?#@\\s]+/?\\s*$" });
}

/** What an address to listen on must look like, for error texts. */
export const LISTEN_FORM = "host:port such as 0.0.0.0:9464, or a port alone, which is one of loopback";

/** `host:port` of `host:port`, `[::1]:port`, `:port` or `port`; undefined when it is none of them. */
export function parseListen(text: string): string | undefined {
  const address = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text;
  try {
    parseListenAddress(address);
    return address;
  } catch {
    return undefined;
  }
}

/** An address to listen on in a config file; `host:port` in the parsed value. */
export function listenAddress() {
  return z
    .union([z.string(), z.number()])
    .transform((written, context) => {
      const address = parseListen(String(written));
      if (address !== undefined) return address;
      context.addIssue({ code: "custom", message: `must be ${LISTEN_FORM}` });
      return z.NEVER;
    })
    .meta({
      expected: LISTEN_FORM,
      short: "host:port",
      pattern: "^(([^:\\s/]*|\\[[0-9a-fA-F:.]+\\]):)?[0-9]{1,5}$",
      minimum: 0,
      maximum: 65_535,
    });
}
