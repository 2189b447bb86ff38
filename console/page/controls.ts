/**
 * Telling the fleet what to do: pause, resume, rate, burst, stop. Each is asked of the service with the token; what it says is said here.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { ask } from "./dialog.ts";
import { byId, setAttributes, setText } from "./elements.ts";
import { counted, grouped } from "./format.ts";
import { keepToken, token } from "./token.ts";

type Order =
  | { action: "pause" | "resume" | "stop" }
  | { action: "rate"; eventsPerSecond: number | null }
  | { action: "burst"; eventsPerSecond: number; seconds: number };

/** Something to tell the user: also read aloud by screen readers. */
export type Say = (text: string, tone?: "bad" | "warn") => void;

export interface Controls {
  /** Buttons as they are to be after this account. isReachable: the service hears. */
  show(account: Account, isReachable: boolean): void;
}

export function startControls(say: Say): Controls {
  let account: Account | undefined;
  const isPaused = () => account?.control.isPaused ?? false;
  const planned = () => String(Math.round(account?.control.eventsPerSecond ?? 0) || "");

  async function order(what: Order & { confirm?: true }, done: string): Promise<void> {
    if (token() === "" && !(await askForToken("This needs the control token"))) return;
    let response: Response;
    try {
      response = await fetch("api/control", {
        method: "POST",
        headers: { authorization: `Bearer ${token()}` },
        body: JSON.stringify(what),
      });
    } catch {
      say("The ledger service does not answer. Nothing was changed.", "bad");
      return;
    }
    if (response.ok) {
      say(done);
      return;
    }
    if (response.status === 401) {
      useToken("");
      say("That is not the token of this run. Nothing was changed.", "bad");
      if (await askForToken("Wrong token")) await order(what, done);
      return;
    }
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    if (response.status === 409) {
      const yes = await ask({
        title: "This may cost money",
        text: `The ledger says: ${error}.`,
        yes: "Send it all the same",
        isDangerous: true,
      });
      if (yes) await order({ ...what, confirm: true }, done);
      else say("Not done: nobody said yes to what it may cost.");
      return;
    }
    say(`Not done: ${error ?? `the service answered ${response.status}`}`, "bad");
  }

  const togglePause = () =>
    isPaused()
      ? order({ action: "resume" }, "Told to go on.")
      : order({ action: "pause" }, "Told to pause: what is in flight comes to its end.");

  async function changeRate(): Promise<void> {
    const values = await ask({
      title: "Rate of the fleet",
      text: "Holds until another one is told. Each replica takes its share of it.",
      fields: [
        { name: "rate", label: "Events a second", type: "number", value: planned(), min: 0, max: 1e9 },
      ],
      yes: "Set rate",
      other: {
        label: "As configured",
        act: () =>
          void order({ action: "rate", eventsPerSecond: null }, "Told to send at the configured rate."),
      },
    });
    if (!values) return;
    const eventsPerSecond = Number(values.rate);
    await order(
      { action: "rate", eventsPerSecond },
      `Told to send ${grouped(eventsPerSecond)} events a second.`,
    );
  }

  async function burst(): Promise<void> {
    const values = await ask({
      title: "Burst",
      text: "Another rate for a while; then it is what it was. A pause or another rate ends it.",
      fields: [
        { name: "rate", label: "Events a second", type: "number", min: 0, max: 1e9 },
        { name: "seconds", label: "For seconds", type: "number", value: "10", min: 1, max: 3600 },
      ],
      yes: "Burst",
    });
    if (!values) return;
    const eventsPerSecond = Number(values.rate);
    const seconds = Number(values.seconds);
    await order(
      { action: "burst", eventsPerSecond, seconds },
      `Told to burst: ${grouped(eventsPerSecond)} events a second for ${seconds} s.`,
    );
  }

  async function stop(): Promise<void> {
    const there = (account?.replicas.running ?? 0) + (account?.replicas.paused ?? 0);
    const values = await ask({
      title: "Stop the run?",
      text: `${counted(there, "replica")} will end as if the time were up: what is in flight comes to its end, the account is closed, and the service ends. This cannot be taken back.`,
      yes: "Stop the run",
      isDangerous: true,
    });
    if (values) await order({ action: "stop" }, "Told to stop.");
  }

  async function askForToken(title: string): Promise<boolean> {
    const values = await ask({
      title,
      text: "The service printed it when it began, with the address of this page. It stays in this tab.",
      fields: [{ name: "token", label: "Control token", type: "password" }],
      yes: "Use it",
      ...(token() === "" ? {} : { other: { label: "Forget it", act: () => useToken("") } }),
    });
    if (!values) return false;
    useToken(values.token ?? "");
    return token() !== "";
  }

  const on = (id: string, act: () => Promise<unknown>) =>
    byId<HTMLButtonElement>(id).addEventListener("click", () => void act());
  on("pause", togglePause);
  on("rate", changeRate);
  on("burst", burst);
  on("stop", stop);
  on("token", () => askForToken("Control token"));

  useToken(token());

  return {
    show(next, isReachable) {
      account = next;
      const isOver = next.state === "ended" || next.state === "settling" || next.control.isStopped;
      setText(byId("pause"), isPaused() ? "Resume" : "Pause");
      for (const id of ["pause", "rate", "burst", "stop"])
        byId<HTMLButtonElement>(id).disabled = isOver || !isReachable;
    },
  };
}

/** Keep it, and say whether there is one: without it, every control asks for it first. */
function useToken(given: string): void {
  keepToken(given);
  const isHeld = token() !== "";
  setAttributes(byId("token"), {
    "data-held": isHeld,
    title: isHeld
      ? "Control token: this tab has it"
      : "Control token: this tab has none, controls ask for it",
  });
}
