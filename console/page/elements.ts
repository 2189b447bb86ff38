/**
 * Making and changing elements. Whatever comes from outside goes through textContent or setAttribute, never through markup.
 */

type Child = Node | string | undefined;

/** Attributes of an element; undefined leaves one out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** An HTML element. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return filled(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled<One extends Element>(one: One, attributes: Attributes, children: readonly Child[]): One {
  setAttributes(one, attributes);
  one.append(...children.filter((child) => child !== undefined));
  return one;
}

/** Set what differs, so that nothing is laid out again for nothing. */
export function setAttributes(one: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) one.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (one.getAttribute(name) !== text) one.setAttribute(name, text);
    }
  }
}

/** Set the text of an element if it is another one. */
export function setText(one: Element, text: string): void {
  if (one.textContent !== text) one.textContent = text;
}

/** The element of the page with this id. */
export function byId<One extends HTMLElement = HTMLElement>(id: string): One {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as One;
}

/**
 * Show one element for each item, in order. Elements are kept by key and made once; only what moved is moved.
 *
 * update  called with each element and its item
 */
export function showList<Item, One extends Element>(
  parent: Element,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  make: (item: Item) => One,
  update: (one: One, item: Item) => void = () => {},
): void {
  const kept = new Map(
    [...parent.children].map((child) => [(child as KeyedElement).key ?? "", child as One]),
  );
  let next = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let one = kept.get(key);
    if (one) kept.delete(key);
    else {
      one = make(item);
      (one as KeyedElement).key = key;
    }
    update(one, item);
    if (one === next) next = next.nextElementSibling;
    else parent.insertBefore(one, next);
  }
  for (const gone of kept.values()) gone.remove();
}

interface KeyedElement extends Element {
  key?: string;
}
