/**
 * Two small pictures out of characters: a bar for a share, a sparkline for a series.
 */

/** A bar of `width` columns, split where its tone changes. `share` beyond 0..1 is cut off. */
export function bar(share: number, width: number): { filled: string; rest: string } {
  const halves = Math.round(Math.min(1, Math.max(0, share || 0)) * width * 2);
  const filled = "━".repeat(halves >> 1) + (halves % 2 === 1 ? "╸" : "");
  return { filled, rest: "─".repeat(width - filled.length) };
}

const STEPS = "▁▂▃▄▅▆▇█";

/** One column a value, 0 to `top`; values that are not known leave a gap. */
export function sparkline(values: readonly number[], top: number): string {
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
      return STEPS[Math.round(share * (STEPS.length - 1))]!;
    })
    .join("");
}
