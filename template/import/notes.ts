/** What an import changed or left out, counted. Each kind becomes one line for the user. */
export class ImportNotes {
  readonly #counts = new Map<string, number>();

  /** text  what happened to `count` things: "exemplars were dropped" */
  count(text: string, count = 1): void {
    if (count > 0) this.#counts.set(text, (this.#counts.get(text) ?? 0) + count);
  }

  /** `12 exemplars were dropped`, in order of first occurrence. */
  lines(): string[] {
    return [...this.#counts].map(([text, count]) => `${count} ${text}`);
  }
}
