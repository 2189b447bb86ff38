/** What a check found wrong: every kind is counted in full, and named by its first examples. */

/** Examples kept of each kind. */
const MAX_EXAMPLES = 5;

export interface Violation {
  count: number;
  examples: string[];
}

/** Notes a breach of a rule at the one thing that is looked at. */
export type Report = (rule: string, detail?: string) => void;

export class Violations {
  readonly #byRule = new Map<string, Violation>();

  /** Note a breach of `rule`. The example is only made while there is room for it. */
  add(rule: string, example: () => string): void {
    const violation = this.#byRule.get(rule) ?? { count: 0, examples: [] };
    this.#byRule.set(rule, violation);
    violation.count++;
    if (violation.examples.length < MAX_EXAMPLES) violation.examples.push(example());
  }

  /** Notes breaches at one place: an example is the detail, if there is any, and the place. */
  at(where: () => string): Report {
    return (rule, detail) => this.add(rule, () => (detail === undefined ? where() : `${detail}: ${where()}`));
  }

  /** By rule, in the order of their first breach; empty when all is well. */
  toObject(): Record<string, Violation> {
    return Object.fromEntries(this.#byRule);
  }
}
