/**
 * What is made of things of the scenario when it is needed first: most runs show few of a thousand services' operations.
 */

export class FirstUse<Thing extends { readonly index: number }, Made> {
  readonly #made: (Made | undefined)[];
  readonly #make: (thing: Thing) => Made;

  /**
   * things  the list of the scenario that `index` is a place in
   * make    called once for each thing that is asked for
   */
  constructor(things: readonly Thing[], make: (thing: Thing) => Made) {
    this.#made = new Array(things.length).fill(undefined);
    this.#make = make;
  }

  of(thing: Thing): Made {
    let made = this.#made[thing.index];
    if (made === undefined) {
      made = this.#make(thing);
      this.#made[thing.index] = made;
    }
    return made;
  }
}
