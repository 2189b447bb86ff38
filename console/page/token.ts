/**
 * The token that controls want. It comes behind the # of the address, which no server sees and no log has, and goes from there into this
 * tab's storage at once; or somebody pastes it.
 */
const KEY = "stampede-token";

let held: string | undefined;

/** Take it out of the address, so that it is in no history and on no picture of the screen. */
export function takeTokenFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  if (given !== "") keepToken(given);
}

/** Empty: there is none. */
export function token(): string {
  held ??= stored();
  return held;
}

/** Keep it for this tab; an empty one forgets it. */
export function keepToken(given: string): void {
  held = given.trim();
  try {
    if (held === "") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, held);
  } catch {
    // Storage may be off: the token holds until the page is left.
  }
}

function stored(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
