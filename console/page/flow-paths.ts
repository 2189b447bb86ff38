/** Paths of the flow picture, as SVG has them; lengths in CSS pixels. Pure. */

/** From one side to the other, level at both. */
export function curve(x0: number, y0: number, x1: number, y1: number): string {
  const half = round((x0 + x1) / 2);
  // A straight stroke has no box, and a gradient needs one.
  const bent = Math.abs(y1 - y0) < 0.1 ? y1 + 0.1 : y1;
  return `M${round(x0)} ${round(y0)}C${half} ${round(y0)} ${half} ${round(bent)} ${round(x1)} ${round(bent)}`;
}

/** To the right, and down, in a bend that a stroke of this thickness can follow. */
export function fall(x0: number, y0: number, x1: number, bottom: number, thickness: number): string {
  const radius = round(Math.max(1, Math.min(Math.max(26, thickness / 2 + 6), bottom - y0, x1 - x0)));
  return `M${round(x0)} ${round(y0)}H${round(x1 - radius)}A${radius} ${radius} 0 0 1 ${round(x1)} ${round(y0 + radius)}V${round(bottom)}`;
}

/** To a tenth of a pixel. */
const round = (length: number): number => Math.round(length * 10) / 10;
