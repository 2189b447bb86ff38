/**
 * Keys that press buttons, and the list of them.
 */
import { ask, openDialog } from "./dialog.ts";
import { byId, element } from "./elements.ts";

const KEYS: readonly { key: string; id: string; does: string }[] = [
  { key: "p", id: "pause", does: "Pause, or go on" },
  { key: "r", id: "rate", does: "Another rate" },
  { key: "b", id: "burst", does: "Burst" },
  { key: "x", id: "stop", does: "Stop the run (asks first)" },
  { key: "k", id: "token", does: "Control token" },
  { key: "t", id: "theme", does: "Light or dark" },
  { key: "?", id: "help", does: "This list" },
];

const OTHERS: readonly [string, string][] = [
  ["Tab", "From one thing to the next"],
  ["Enter", "On a heading of a table: sort by it; again: the other way; a third time: the worst first"],
  ["↑ ↓", "In a table: scroll"],
  ["Esc", "Close what is open, show all of the time"],
];

/** hasControls: a report has none. */
export function listenToKeys(hasControls: boolean): void {
  const keys = KEYS.filter(({ id }) => hasControls || id === "theme" || id === "help");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (openDialog()) return;
    const found = keys.find(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    byId<HTMLButtonElement>(found.id).click();
  });
  byId("help").addEventListener("click", () => {
    const rows = [...keys.map(({ key, does }) => [key, does] as const), ...OTHERS];
    void ask({
      title: "Keyboard",
      body: element(
        "dl",
        { class: "keys" },
        ...rows.flatMap(([key, does]) => [
          element("dt", {}, element("kbd", {}, key)),
          element("dd", {}, does),
        ]),
      ),
    });
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}
