import type { Answer } from "../../answer.ts";
import type { Compression } from "../../protocol.ts";
import type { Signal } from "../../signal.ts";
import type { Released } from "../contract.ts";
import type { Member } from "./member.ts";

/** A request on its way to one address or another. Made once for each that is in flight, and used again and again. */
export interface Route {
  signal: Signal;
  body: Buffer;
  /** What the body is compressed with. */
  encoding: Compression;
  done: (answer: Answer) => void;
  /** Undefined once it was called. */
  released: Released | undefined;
  member: Member;
  /** Of the member, when it took this. */
  era: number;
  /** No connection stood for it: the body is still there, for another address. */
  isIntact: boolean;
  /** Passed to the member's transport; bound to this route once. */
  readonly onDone: (answer: Answer) => void;
  readonly onReleased: Released;
}

/** A route without a request; whoever takes it sets all that is not bound. */
export function newRoute(onAnswer: (route: Route, answer: Answer) => void): Route {
  const route = {
    onDone: (answer: Answer) => onAnswer(route, answer),
    onReleased: (intact?: boolean) => {
      if (intact) route.isIntact = true;
      else release(route);
    },
  } as Route;
  return route;
}

/** Tell the owner of the body that it is free, if that was not told yet. */
export function release(route: Route): void {
  const { released } = route;
  route.released = undefined;
  released?.();
}
