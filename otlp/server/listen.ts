import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** A server cannot listen where it was told to, or was told nonsense. */
export class ListenError extends Error {
  override name = "ListenError";
  readonly code = "listen";
}

/** Parts of `host:port`, `[::1]:port` or `:port` (loopback). Throws ListenError. */
export function parseListenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new ListenError(
      `an address to listen on is host:port, such as 127.0.0.1:4317, but this is "${text}"`,
    );
  }
  return { host: match[1] ?? (match[2] || "127.0.0.1"), port };
}

/** Bind a server and give back `host:port` as bound. Throws ListenError that says what to do. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const advice =
      code === "EADDRINUSE"
        ? "something else listens there: choose another port, or 0 for any free one"
        : code;
    throw new ListenError(`cannot listen on ${formatAddress(host, port)}: ${advice}`, { cause: error });
  }
  const bound = server.address() as AddressInfo;
  return formatAddress(bound.address, bound.port);
}

function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
