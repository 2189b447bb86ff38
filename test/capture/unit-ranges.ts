/** In what range numbers of a unit lie, whatever is measured. */

export interface Range {
  min: number;
  max: number;
  /** Only whole numbers make sense. */
  whole: boolean;
}

const TERA = 2 ** 40;

/** Pods may use more than they requested; all other shares end at 1. */
const ABOVE_ONE = /request_utilization$/;
/** Annotated units that are no counts of things. */
const FRACTIONS = new Set(["{cpu}", "{core}"]);
/** Averages of counts. */
const AVERAGES = /load_average|average|mean|per_|ratio|\.p\d\d$|score|rating/;
const SHARES = /utilization|ratio|(?:^|[._])share(?:$|[._])/;

/** The range of a metric's points; counters have no upper end. */
export function rangeOf(name: string, unit: string): Range {
  if (unit === "1" && SHARES.test(name)) return { min: 0, max: ABOVE_ONE.test(name) ? 4 : 1, whole: false };
  if (unit === "%") return { min: 0, max: 100, whole: false };
  if (unit === "By") return { min: 0, max: 512 * TERA, whole: true };
  if (unit === "Cel") return { min: -40, max: 120, whole: false };
  if (unit === "{cpu}") return { min: 0, max: 256, whole: false };
  if (unit === "Hz") return { min: 0, max: 1e10, whole: false };
  if (name === "k8s.node.condition" || name.startsWith("k8s.node.condition_"))
    return { min: -1, max: 1, whole: true };
  if (name === "k8s.container.ready" || name === "k8s.namespace.phase")
    return { min: 0, max: 1, whole: true };
  if (name === "k8s.pod.phase") return { min: 1, max: 5, whole: true };
  const isCount = unit.startsWith("{") && !unit.includes("/") && !FRACTIONS.has(unit) && !AVERAGES.test(name);
  return { min: 0, max: Number.POSITIVE_INFINITY, whole: isCount };
}
