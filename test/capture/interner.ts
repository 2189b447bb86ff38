/** Texts by small numbers, so that columns of numbers can stand for columns of texts. */
export class Interner {
  readonly #numbers = new Map<string, number>([["", 0]]);
  readonly #texts = [""];

  /** The number of a text: 0 for the empty one. */
  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#numbers.set(text, number);
      this.#texts.push(text);
    }
    return number;
  }

  text(number: number): string {
    return this.#texts[number]!;
  }

  /** An equal text, the same one each time, so that equal texts are kept once. */
  share(text: string): string {
    return this.text(this.number(text));
  }
}
