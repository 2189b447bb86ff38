import { Connection, type ConnectionPlan } from "./connection.ts";

/** More than these are not kept idle. */
const MAX_IDLE = 1024;

/**
 * The pool of kept-alive connections to one endpoint. It opens a connection whenever a request finds none free, so
 * their number is that of the requests in flight; the free one used last goes first, so that idle ones can time out.
 */
export class Connections {
  readonly #plan: ConnectionPlan;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];

  constructor(plan: Omit<ConnectionPlan, "onIdle" | "onGone">) {
    this.#plan = {
      ...plan,
      onIdle: (connection) => this.#keep(connection),
      onGone: (connection) => this.#forget(connection),
    };
  }

  /** A connection for one request; it comes back by itself. */
  take(): Connection {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.isUsable) return idle;
      idle.destroy();
    }
    const connection = new Connection(this.#plan);
    this.#all.add(connection);
    return connection;
  }

  /** Close all of them; requests under way are answered as lost. */
  close(): void {
    for (const connection of this.#all) connection.destroy();
  }

  #keep(connection: Connection): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(connection);
    else connection.destroy();
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const place = this.#idle.indexOf(connection);
    if (place >= 0) this.#idle.splice(place, 1);
  }
}
