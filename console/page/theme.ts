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
  inLightOnPaper(onChange);
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

/** Canvases are drawn before the styles of paper hold: they are told beforehand, and afterwards. */
function inLightOnPaper(onChange: () => void): void {
  const { dataset } = document.documentElement;
  let onScreen: string | undefined;
  const show = (theme: string | undefined) => {
    if (theme === undefined) delete dataset.theme;
    else dataset.theme = theme;
    onChange();
  };
  addEventListener("beforeprint", () => {
    onScreen = dataset.theme;
    show("light");
  });
  addEventListener("afterprint", () => show(onScreen));
}

function readStored(storage: Storage): string | null {
  try {
    return storage.getItem(KEY);
  } catch {
    return null;
  }
}
