/**
 * Services while they are drawn: open to be filled, frozen by their type once they are handed out.
 */
import type { Library } from "./languages.ts";
import type { Consumer, Operation, Service, Step, Topic } from "./services.ts";

export type Open<T> = { -readonly [key in keyof T]: T[key] };

/** A service that is not complete yet. */
export interface Draft extends Open<Service> {
  readonly isIngress: boolean;
  /** Whether there are only entrances: they call each other then. */
  readonly isAlone: boolean;
  /** What its packages, topics and databases are called; no two services of a run share it. */
  readonly label: string;
  readonly libraries: Library[];
  /** The scope of what the program traces by itself. */
  tracer: number;
  steps: Open<Step>[];
  topics: Open<Topic>[];
  consumers: Open<Consumer>[];
  operations: Open<Operation>[];
}

/** What stands in `index` until all services are complete; `numberAll` puts the place there. */
export const NO_INDEX = -1;

/** Number what services have, each kind by itself, in the order of the services. */
export function numberAll(drafts: readonly Draft[]): void {
  number(drafts.flatMap(({ instances }) => instances));
  number(drafts.flatMap(({ operations }) => operations));
  number(drafts.flatMap(({ databaseCalls }) => databaseCalls));
  number(drafts.flatMap(({ steps }) => steps));
  number(drafts.flatMap(({ externalCalls }) => externalCalls));
  number(drafts.flatMap(({ topics }) => topics));
  number(drafts.flatMap(({ topics }) => topics).flatMap(({ consumers }) => consumers));
}

function number(things: readonly { readonly index: number }[]): void {
  for (const [index, thing] of things.entries()) (thing as { index: number }).index = index;
}

/** The place of a library in a service's list; it is added when it is not there yet. */
export function libraryIndex(libraries: Library[], library: Library): number {
  const found = libraries.findIndex(({ name }) => name === library.name);
  return found >= 0 ? found : libraries.push(library) - 1;
}

/** Draw a factor around 1, so that equal things of two services do not take equally long. */
export function around(latencyMs: number, draw: number): number {
  return latencyMs * (0.7 + 0.6 * draw);
}
