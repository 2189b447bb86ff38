/**
 * Services while they are drawn: open to be filled, frozen by their type once they are handed out.
 */
import type { Library } from "./languages.ts";
import type { Consumer, Operation, Service, Topic } from "./services.ts";

export type Open<T> = { -readonly [key in keyof T]: T[key] };

/** A service that is not complete yet. */
export interface Draft extends Open<Service> {
  readonly isIngress: boolean;
  /** What its packages, topics and databases are called; no two services of a run share it. */
  readonly label: string;
  readonly libraries: Library[];
  topics: Open<Topic>[];
  consumers: Open<Consumer>[];
  operations: Open<Operation>[];
}

/** Numbers that count through all services of a run. */
export interface Counters {
  instance: number;
  operation: number;
  database: number;
  step: number;
  external: number;
  topic: number;
  consumer: number;
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
