/**
 * What a span is of: which list of the scenario describes it.
 */

/** Serves an operation, over HTTP or gRPC. */
export const SERVER = 0;
/** Calls an operation of another service. */
export const CLIENT = 1;
/** Calls a host outside the scenario. */
export const EXTERNAL = 2;
/** Sends a statement to a database or a cache. */
export const DATABASE = 3;
/** A part of the program itself. */
export const STEP = 4;
/** Publishes a message to a topic. */
export const PRODUCER = 5;
/** Handles messages of a topic. */
export const CONSUMER = 6;

/** The role of a span: names the list of the scenario that its `what` is a place of. */
export type SpanRole =
  | typeof SERVER
  | typeof CLIENT
  | typeof EXTERNAL
  | typeof DATABASE
  | typeof STEP
  | typeof PRODUCER
  | typeof CONSUMER;
