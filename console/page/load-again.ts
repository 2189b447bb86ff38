/**
 * Loads the page again when a part of it did not come. A browser breaks off what it is loading when the network of its machine changes, as it
 * does with each container that starts, and that is when this page is opened. A script of its own that imports nothing, so that it is here
 * when a module is missing.
 */
const KEY = "stampede-loads";
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/** All styles are here, and main.ts has begun. */
function isWhole(): boolean {
  const styles = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")];
  return document.documentElement.dataset.mode !== undefined && styles.every(({ sheet }) => sheet !== null);
}

function loadAgain(): void {
  if (isWhole()) {
    sessionStorage.removeItem(KEY);
    return;
  }
  const tries = Number(sessionStorage.getItem(KEY) ?? 0);
  const waitMs = WAITS_MS[tries];
  if (waitMs === undefined) {
    sessionStorage.removeItem(KEY);
    const word = document.getElementById("verdict");
    if (word) word.textContent = "A part of this page does not load";
    return;
  }
  sessionStorage.setItem(KEY, String(tries + 1));
  setTimeout(() => location.reload(), waitMs);
}

if (document.readyState === "complete") loadAgain();
else addEventListener("load", loadAgain);
