/**
 * What else there is to know of a run: bytes, answers, uses of the controls and notes, the configuration. All texts are shown as they are.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { byId, element, setAttributes, setText, showList } from "./elements.ts";
import { bytes, decimal, grouped, milliseconds, shortened, timeOfDay } from "./format.ts";
import { sentSignals, total } from "./signals.ts";

export interface Facts {
  /** colourOf  variable of style.css for a kind of answers, as the chart has it */
  show(account: Account, colourOf: (kind: string) => string): void;
}

const ANSWERS_SHOWN = 50;
const CONFIG_DEPTH = 6;

export function startFacts(): Facts {
  const byteRows = card(
    "bytes",
    "Bytes and latency of the whole run",
    element("table", { class: "figures" }),
  );
  const answers = card("answers", "Answers besides acceptance", element("ul", { class: "lines" }));
  const log = card("log", "What was told and noted", element("ol", { class: "lines" }));
  const config = card(
    "config",
    "Configuration",
    element("div", { class: "config", tabindex: 0, role: "region", "aria-label": "Configuration" }),
  );
  let told = "";
  return {
    show(account, colourOf) {
      showBytes(byteRows, account);
      showAnswers(answers, account, colourOf);
      showLog(log, account);
      const text = JSON.stringify(account.config ?? null);
      if (text !== told) {
        told = text;
        config.replaceChildren(
          account.config
            ? configList(account.config, 0)
            : element("p", { class: "nothing" }, "No replica has told it yet"),
        );
      }
    },
  };
}

function card<Body extends HTMLElement>(id: string, title: string, body: Body): Body {
  byId(id).append(element("div", { class: "title" }, element("h3", {}, title)), body);
  return body;
}

function showBytes(table: HTMLTableElement, account: Account): void {
  const signals = sentSignals(account);
  const wire = total(account, "wireBytes");
  const columns = [
    ...signals.map((signal) => {
      const items = account.signals[signal]!;
      const latency = account.latencyMs[signal];
      return {
        name: signal as string,
        cells: [
          shortened(items.requests),
          bytes(items.bodyBytes),
          bytes(items.wireBytes),
          items.wireBytes > 0 ? `1 : ${decimal(items.bodyBytes / items.wireBytes)}` : "–",
          items.sent > 0 ? `${decimal(items.wireBytes / items.sent)} B` : "–",
          milliseconds(latency?.p50),
          milliseconds(latency?.p99),
          milliseconds(latency?.max),
        ],
      };
    }),
    {
      name: "all",
      cells: [
        shortened(total(account, "requests")),
        bytes(total(account, "bodyBytes")),
        bytes(wire),
        wire > 0 ? `1 : ${decimal(total(account, "bodyBytes") / wire)}` : "–",
        total(account, "sent") > 0 ? `${decimal(wire / total(account, "sent"))} B` : "–",
        "",
        "",
        "",
      ],
    },
  ];
  const names = ["Requests", "Bodies", "On the wire", "Ratio", "Per event", "Latency p50", "p99", "Slowest"];
  const rows = [
    { name: "", cells: columns.map(({ name }) => name), isHead: true },
    ...names.map((name, index) => ({
      name,
      cells: columns.map(({ cells }) => cells[index]!),
      isHead: false,
    })),
  ];
  if (table.rows.length !== rows.length || table.rows[0]?.cells.length !== columns.length + 1)
    table.replaceChildren(
      ...rows.map(({ name, cells, isHead }) =>
        element(
          "tr",
          {},
          isHead ? element("td") : element("th", { scope: "row" }, name),
          ...cells.map(() => (isHead ? element("th", { scope: "col" }) : element("td"))),
        ),
      ),
    );
  for (const [at, { cells }] of rows.entries())
    for (const [index, text] of cells.entries()) setText(table.rows[at]!.cells[index + 1]!, text);
}

function showAnswers(list: HTMLElement, { answers }: Account, colourOf: (kind: string) => string): void {
  const shown = [...answers].sort((a, b) => b.count - a.count).slice(0, ANSWERS_SHOWN);
  showOrNothing(
    list,
    shown,
    ({ code }) => code,
    () => element("li", { class: "answer" }, element("b"), element("strong"), element("span")),
    (item, { code, count, message }) => {
      const colour = `var(--${colourOf(code)})`;
      if (item.style.getPropertyValue("--kind") !== colour) item.style.setProperty("--kind", colour);
      setText(item.children[0]!, grouped(count));
      setText(item.children[1]!, code);
      setText(item.children[2]!, message);
    },
    "All requests were plainly accepted",
  );
}

function showLog(list: HTMLElement, { control, notes, problems }: Account): void {
  const uses = control.uses.map(({ at, from, what }) => ({
    key: `${at} ${what}`,
    when: timeOfDay(Date.parse(at)),
    what,
    more: from,
    kind: "use",
  }));
  const lines = [
    ...problems.map((what) => ({ key: `problem ${what}`, when: "", what, more: "", kind: "problem" })),
    ...uses.reverse(),
    ...notes.map((what) => ({ key: `note ${what}`, when: "", what, more: "", kind: "note" })),
  ];
  showOrNothing(
    list,
    lines,
    ({ key }) => key,
    ({ kind }) => element("li", { class: kind }, element("b"), element("strong"), element("span")),
    (item, { when, what, more }) => {
      setText(item.children[0]!, when);
      setText(item.children[1]!, what);
      setText(item.children[2]!, more);
      setAttributes(item.children[2]!, { title: more });
    },
    "Nobody has used the controls",
  );
}

function showOrNothing<Item>(
  list: HTMLElement,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  make: (item: Item) => HTMLElement,
  update: (one: HTMLElement, item: Item) => void,
  nothing: string,
): void {
  if (items.length === 0) {
    showList(list, [nothing], String, () => element("li", { class: "nothing" }, nothing));
    return;
  }
  showList(list, items, keyOf, make, update);
}

/** Keys and values of a document, indented. */
function configList(value: unknown, depth: number): Node {
  if (typeof value !== "object" || value === null || depth > CONFIG_DEPTH)
    return element("span", { class: "value" }, typeof value === "string" ? value : JSON.stringify(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return element("span", { class: "value" }, Array.isArray(value) ? "[]" : "{}");
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" || one === null))
    return element("span", { class: "value" }, value.join(", "));
  return element(
    "dl",
    {},
    ...entries.map(([name, one]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, configList(one, depth + 1))),
    ),
  );
}
