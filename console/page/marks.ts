/**
 * Moments worth a mark on a chart, such as uses of the controls: a dotted line, and in words what happened, where there is room for them.
 */
import type uPlotType from "uplot";

export interface Mark {
  atMs: number;
  text: string;
}

/** Colours as canvases want them, and the font of the page. */
export interface MarkLooks {
  ink: string;
  /** Of what the chart stands on. */
  ground: string;
  family: string;
}

/** Draw those that are in sight, into the canvas of a chart. */
export function drawMarks(plot: uPlotType, marks: readonly Mark[], { ink, ground, family }: MarkLooks): void {
  const { ctx, bbox } = plot;
  const pixel = devicePixelRatio || 1;
  const right = bbox.left + bbox.width;
  const inSight = marks
    .map(({ atMs, text }) => ({ text, x: plot.valToPos(atMs / 1000, "x", true) }))
    .filter(({ x }) => x >= bbox.left && x <= right);
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.lineWidth = pixel;
  ctx.setLineDash([2 * pixel, 3 * pixel]);
  for (const { x } of inSight) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.font = `${10.5 * pixel}px ${family}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  let wordsTo = Number.NEGATIVE_INFINITY;
  for (const { text, x } of inSight) {
    const { width } = ctx.measureText(text);
    const left = x + width + 6 * pixel > right ? x - width - 4 * pixel : x + 4 * pixel;
    // Words that would lie on each other are left out; the log has them all.
    if (left < wordsTo) continue;
    // On the colour of the card, so that no line goes through them.
    ctx.fillStyle = ground;
    ctx.fillRect(left - 2 * pixel, bbox.top, width + 4 * pixel, 13 * pixel);
    ctx.fillStyle = ink;
    ctx.fillText(text, left, bbox.top + pixel);
    wordsTo = left + width + 8 * pixel;
  }
  ctx.restore();
}
