import type { Counter } from "../ledger/counts.ts";
import type { Tone } from "./cell.ts";

/** What becomes of items, in the order in which the lines add up; the indentation shows which are parts of which. */
export const ITEM_LINES = [
  { key: "intended", label: "intended", tone: "strong" },
  { key: "unsent", label: "  unsent", tone: "warning" },
  { key: "dropped", label: "  dropped", tone: "bad" },
  { key: "sent", label: "  sent", tone: "strong" },
  { key: "accepted", label: "    accepted", tone: "good" },
  { key: "rejected", label: "    rejected", tone: "bad" },
  { key: "failed", label: "    failed", tone: "bad" },
  { key: "inDoubt", label: "    in doubt", tone: "bad" },
] as const satisfies readonly { key: Counter; label: string; tone: Tone }[];
