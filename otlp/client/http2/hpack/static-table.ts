/** The table of header fields that both ends know from the start (RFC 7541, appendix A). */

/** One entry of a table, static or dynamic. */
export type Field = {
  /** Characters of one byte each, as is the value. */
  readonly name: string;
  readonly value: string;
  /** What it counts for: name, value and 32 (RFC 7541, 4.1; RFC 9113, 6.5.2). */
  readonly bytes: number;
};

export function fieldOf(name: string, value: string): Field {
  return { name, value, bytes: name.length + value.length + 32 };
}

/** A line each: a name, and behind a space its value. */
const LINES = `
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate
`;

/** Field 1 of RFC 7541 stands at 0. */
export const STATIC_TABLE: readonly Field[] = LINES.trim()
  .split("\n")
  .map((line) => {
    const [name, ...value] = line.split(" ");
    return fieldOf(name!, value.join(" "));
  });
