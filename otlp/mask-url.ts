/**
 * Addresses as they may be shown. Whoever types one may put a user and a password into it, where they do not belong: it is refused then, and
 * what it is refused with must not tell them to logs.
 */

/** A text that was meant to be a URL, without what may be a secret in it: all before an `@`, all behind a `?`. */
export function maskUrl(text: string): string {
  return text.replace(/^(\s*[a-z][a-z0-9+.-]*:\/\/+)?.*@/is, "$1***@").replace(/\?.*$/s, "?***");
}

/** A text of any kind, without users and passwords of URLs that stand in it. */
export function maskUrlsIn(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/+)\S*@/gi, "$1***@");
}
