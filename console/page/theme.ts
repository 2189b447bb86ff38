/**
 * Light and dark: as the system says, until somebody says otherwise; then as was said, for this browser.
 */
const KEY = "stampede-theme";

/**
 * Begin with what was chosen, and change it by the button.
 *
 * onChange  what is drawn in colours that style.css does not reach (canvases) has to be drawn again
 */
export function keepTheme(button: HTMLElement, onChange: () => void): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = readStored(localStorage);
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  dark.addEventListener("change", onChange);
  button.addEventListener("click", () => {
    const isDark = (document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
    const next = isDark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage may be off: the choice holds until the page is left.
    }
    onChange();
  });
}

function readStored(storage: Storage): string | null {
  try {
    return storage.getItem(KEY);
  } catch {
    return null;
  }
}
