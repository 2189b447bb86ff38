/**
 * Two small pictures out of characters: a bar for a share, a chart for a series.
 */

/** A bar of `width` columns, split where its tone changes. `share` beyond 0..1 is cut off. */
export function bar(share: number, width: number): { filled: string; rest: string } {
  const halves = Math.round(Math.min(1, Math.max(0, share || 0)) * width * 2);
  const filled = "━".repeat(halves >> 1) + (halves % 2 === 1 ? "╸" : "");
  return { filled, rest: "─".repeat(width - filled.length) };
}

const EIGHTHS = " ▁▂▃▄▅▆▇█";

/**
 * One column a value, 0 to `top`, in `height` rows from the top down; values that are not known leave a gap, and nothing that is
 * known is without a foot.
 */
export function chart(values: readonly number[], top: number, height: number): string[] {
  const levels = values.map((value) => {
    if (!Number.isFinite(value)) return 0;
    const share = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
    return Math.max(1, Math.round(share * height * 8));
  });
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * 8;
    return levels.map((level) => EIGHTHS[Math.min(8, Math.max(0, level - below))]).join("");
  });
}
