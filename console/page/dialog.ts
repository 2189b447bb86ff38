/**
 * Dialogs, one at a time: a question with fields, or something to read. The browser keeps the focus in it and gives it back.
 */
import { element } from "./elements.ts";

export interface Field {
  name: string;
  label: string;
  /** number: at least `min`. password: not shown while it is typed. */
  type: "number" | "password";
  value?: string;
  min?: number;
  max?: number;
  hint?: string;
}

export interface Question {
  title: string;
  text?: string;
  fields?: readonly Field[];
  /** On the button that says yes; none: there is nothing to say yes to. */
  yes?: string;
  isDangerous?: boolean;
  /** Beside yes: another way. */
  other?: { label: string; act: () => void };
  body?: Node;
}

/** The one that is open. */
export function openDialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>("dialog[open]");
}

/** Ask; the values of the fields by name, or undefined when the answer is no. */
export function ask({
  title,
  text,
  fields = [],
  yes,
  isDangerous,
  other,
  body,
}: Question): Promise<Record<string, string> | undefined> {
  openDialog()?.close();
  const inputs = fields.map(({ name, label, type, value, min, max, hint }) => {
    const input = element("input", {
      id: `field-${name}`,
      name,
      type,
      min,
      max,
      required: true,
      value: value ?? "",
      inputmode: type === "number" ? "numeric" : undefined,
      step: type === "number" ? "any" : undefined,
      autocomplete: "off",
      "aria-describedby": hint ? `hint-${name}` : undefined,
    });
    return element(
      "p",
      { class: "field" },
      element("label", { for: `field-${name}` }, label),
      input,
      hint ? element("small", { id: `hint-${name}` }, hint) : undefined,
    );
  });
  const no = element("button", { type: "button" }, yes ? "Cancel" : "Close");
  const form = element(
    "form",
    { method: "dialog" },
    element("h2", { id: "dialog-title" }, title),
    text ? element("p", { class: "text" }, text) : undefined,
    body,
    ...inputs,
    element(
      "p",
      { class: "buttons" },
      other ? element("button", { type: "button", class: "other" }, other.label) : undefined,
      no,
      yes
        ? element("button", { type: "submit", class: isDangerous ? "primary danger" : "primary" }, yes)
        : undefined,
    ),
  );
  // One of its own for each question: that an earlier one was closed is told late, and must not close this one.
  const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector<HTMLInputElement>("input")?.select();
  return new Promise((resolve) => {
    const answer = (values?: Record<string, string>) => {
      resolve(values);
      dialog.close();
    };
    no.addEventListener("click", () => answer());
    form.querySelector(".other")?.addEventListener("click", () => {
      answer();
      other?.act();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)])));
    });
    // Escape closes it, which is a no.
    dialog.addEventListener("close", () => {
      resolve(undefined);
      dialog.remove();
    });
  });
}
