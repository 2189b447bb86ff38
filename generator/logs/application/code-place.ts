/**
 * Where in a program something stands.
 */
import type { Step } from "../../scenario/services.ts";

export type CodePlace = Pick<Step, "functionName" | "file" | "line">;
