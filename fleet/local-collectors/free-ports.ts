/** Ports for servers that are told theirs at start and cannot choose one themselves. */
import { createServer, type Server } from "node:net";

/** `count` different TCP ports of 127.0.0.1 that nothing listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until all are known, so that none comes twice.
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
  });
}
