import { expectMessage } from "./expect.ts";
import { FieldCursor } from "./wire.ts";

/**
 * Steps over the items of an encoded export request: spans, log records, or metrics (whose points lie one deeper).
 *
 * The three signals share their envelopes: request field 1 (resource), its field 2 (scope), its field 2 (item).
 * After `next()` returned true, the item stands in bytes[from, to). Allocates nothing; make one and reuse it.
 */
export class ItemCursor {
  from = 0;
  to = 0;
  readonly #request = new FieldCursor();
  readonly #resource = new FieldCursor();
  readonly #scope = new FieldCursor();
  #body: Uint8Array = new Uint8Array(0);

  /** Start at the beginning of a request. */
  enter(body: Uint8Array): void {
    this.#body = body;
    this.#request.enter(body, 0, body.length);
    this.#resource.enter(body, 0, 0);
    this.#scope.enter(body, 0, 0);
  }

  /** Step to the next item; false at the end. Throws WireError. */
  next(): boolean {
    const scope = this.#scope;
    for (;;) {
      while (scope.next()) {
        if (scope.field !== 2) continue;
        expectMessage(scope);
        this.from = scope.from;
        this.to = scope.to;
        return true;
      }
      if (!this.#nextScope()) return false;
    }
  }

  #nextScope(): boolean {
    const resource = this.#resource;
    for (;;) {
      while (resource.next()) {
        if (resource.field !== 2) continue;
        expectMessage(resource);
        this.#scope.enter(this.#body, resource.from, resource.to);
        return true;
      }
      if (!this.#nextResource()) return false;
    }
  }

  #nextResource(): boolean {
    const request = this.#request;
    while (request.next()) {
      if (request.field !== 1) continue;
      expectMessage(request);
      this.#resource.enter(this.#body, request.from, request.to);
      return true;
    }
    return false;
  }
}
