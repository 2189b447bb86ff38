/**
 * The console: follows a run, or shows one that is over, when the page holds its record (an HTML report).
 */
import type { RunRecord } from "../../ledger/history.ts";
import { startCharts } from "./charts.ts";
import { follow, type Link } from "./connection.ts";
import { type Say, startControls } from "./controls.ts";
import { openDialog } from "./dialog.ts";
import { byId, element, setAttributes, setText, showList } from "./elements.ts";
import { startFacts } from "./facts.ts";
import { startFlowPicture } from "./flow-picture.ts";
import { clock, counted, dateAndTime, grouped, shortened, si } from "./format.ts";
import { headlineOf, LAG_WORTH_TELLING_MS } from "./headline.ts";
import { placesOf } from "./places.ts";
import { type Recent, recentOf } from "./recent.ts";
import {
  COLLECTOR_COLUMNS,
  type CollectorRow,
  collectorTrouble,
  REPLICA_COLUMNS,
  type ReplicaRow,
  replicaTrouble,
} from "./row-model.ts";
import { startRowTable } from "./row-table.ts";
import { RunState } from "./run-state.ts";
import { listenToKeys } from "./shortcuts.ts";
import { total } from "./signals.ts";
import { keepTheme } from "./theme.ts";
import { type Tile, tilesOf } from "./tiles.ts";
import { takeTokenFromAddress } from "./token.ts";

/** How long something that was said stays in sight, ms. */
const SAID_MS = 6000;

const record = document.getElementById("stampede-run")?.textContent;
const run = new RunState();
let link: Link = { state: "connecting" };
/** What screen readers were told last. */
let announced = "";

const say = startSaying();
const charts = startCharts(() => charts.show(run));
const flow = startFlowPicture();
const facts = startFacts();
const replicas = startRowTable<ReplicaRow>(byId("replicas"), {
  title: "Replicas",
  columns: REPLICA_COLUMNS,
  keyOf: ({ name, life }) => `${name} ${life}`,
  troubleOf: replicaTrouble,
  nothing: "No replica has spoken yet",
  rowsInSight: 14,
});
const collectors = startRowTable<CollectorRow>(byId("collectors"), {
  title: "Collectors",
  columns: COLLECTOR_COLUMNS,
  keyOf: ({ address }) => address,
  troubleOf: collectorTrouble,
  nothing: "No Collectors are read",
  rowsInSight: 14,
});
keepTheme(byId("theme"), () => charts.recolour());
listenToKeys(record === undefined);
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !openDialog()) charts.showAll();
});

document.documentElement.dataset.mode = record === undefined ? "live" : "report";
if (record === undefined) {
  takeTokenFromAddress();
  const controls = startControls(say);
  const isReachable = () => link.state === "live";
  follow(
    run,
    planDrawing(() => run.account && controls.show(run.account, isReachable())),
    (next) => {
      link = next;
      showLink();
      if (run.account) controls.show(run.account, isReachable());
    },
  );
  // The time to the next try, and the clock of a run whose line is broken.
  setInterval(() => link.state === "lost" && showLink(), 1000);
} else {
  const { account, history } = JSON.parse(record) as RunRecord;
  for (const id of ["controls", "token", "connection"]) byId(id).hidden = true;
  run.takeHistory(history);
  run.takeAccount(account);
  draw();
}

/** Draw at the next frame, however much comes in until then. after: what else is to be shown then. */
function planDrawing(after: () => void): () => void {
  let isPlanned = false;
  return () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      draw();
      after();
    });
  };
}

function draw(): void {
  const changes = run.takeChanges();
  if (changes.points) charts.show(run);
  if (changes.rows) {
    replicas.show([...run.replicaRows.values()]);
    collectors.show([...run.collectorRows.values()]);
  }
  const { account } = run;
  if (!account) return;
  const places = placesOf(account);
  const recent = recentOf(run.points);
  if (changes.account || changes.points) showHeadline(places, recent);
  if (changes.account || changes.rows) flow.show(run, account, places);
  if (changes.account) byId("collectors").hidden = account.collectors === null;
  if (changes.account) facts.show(account, (kind) => charts.colourOf(kind));
}

function showHeadline(places: ReturnType<typeof placesOf>, recent: Recent | undefined): void {
  const account = run.account!;
  const headline = headlineOf(account, places, recent);
  const isOver = account.state === "ended";
  setText(byId("state"), headline.state);
  setAttributes(byId("state"), { "data-tone": headline.stateTone });
  setText(byId("clock"), clock(account.elapsedMs));
  setText(byId("verdict"), headline.verdict);
  setAttributes(byId("verdict"), { "data-tone": headline.tone, title: headline.verdict });
  setText(byId("verdict-detail"), headline.detail);
  const sent = total(account, "sent");
  const mean = account.elapsedMs > 0 ? (sent * 1000) / account.elapsedMs : 0;
  setText(byId("rate-now"), shortened(isOver ? mean : (recent?.sent ?? 0)));
  setAttributes(byId("rate-now"), { class: undefined });
  setText(byId("against"), isOver ? `mean of the run, ${grouped(sent)} events in all` : againstPlan(recent));
  showTiles(tilesOf({ ...account, collectorRows: [...run.collectorRows.values()] }, recent));
  setText(
    byId("foot"),
    `Stampede ${account.release} · account since ${dateAndTime(Date.parse(account.startedAt))} · ${isOver ? "" : `${counted(account.processes, "process", "processes")}, `}${shortened(account.cpuSeconds)} s of CPU`,
  );
  document.title = isOver
    ? `${headline.state} · Stampede`
    : `${si(recent?.sent)}/s ${headline.state} · Stampede`;
  announce(`${headline.state}. ${headline.verdict}`);
}

function againstPlan(recent: Recent | undefined): string {
  if (!recent) return "no history yet";
  const { planned, sent, lagMs } = recent;
  if (planned === null) return "as fast as it goes";
  if (planned === 0) return "nothing is planned at this moment";
  const part = `${((sent / planned) * 100).toFixed(1)} % of ${grouped(planned)} planned`;
  // More than planned is sent when what was late is made up for.
  return lagMs > LAG_WORTH_TELLING_MS && sent > planned * 1.05 ? `${part}, catching up` : part;
}

function showTiles(tiles: readonly Tile[]): void {
  showList(
    byId("tiles"),
    tiles,
    ({ name }) => name,
    ({ name }) => element("div", {}, element("dt", {}, name), element("dd"), element("dd")),
    (tile, { figure: text, detail, tone }) => {
      setAttributes(tile, { "data-tone": tone });
      setText(tile.children[1]!, text);
      setText(tile.children[2]!, detail);
    },
  );
}

function showLink(): void {
  const shown = byId("connection");
  const words: Readonly<Record<Link["state"], string>> = {
    connecting: "connecting",
    live: "live",
    closed: "closed",
    lost: "no connection",
  };
  setAttributes(shown, { "data-link": link.state });
  setText(shown.lastElementChild!, words[link.state]);
  const banner = byId("banner");
  if (link.state === "lost") {
    const seconds = Math.floor((Date.now() - link.sinceMs) / 1000);
    // A line that is back at once is worth no banner.
    if (seconds < 1) return;
    const text = `The ledger service does not answer since ${seconds} s: what is shown is the last that it said. Trying again.`;
    if (banner.dataset.kind !== "link" || !banner.hidden) setText(banner, text);
    banner.dataset.kind = "link";
    banner.dataset.tone = "warn";
    banner.hidden = false;
  } else if (banner.dataset.kind === "link") {
    banner.hidden = true;
    delete banner.dataset.kind;
  }
}

function startSaying(): Say {
  const shown = element("p", { class: "toast", hidden: true });
  document.body.append(shown);
  let until = 0;
  return (text, tone) => {
    setText(shown, text);
    setAttributes(shown, { "data-tone": tone });
    shown.hidden = false;
    setText(byId("said"), text);
    clearTimeout(until);
    until = window.setTimeout(() => {
      shown.hidden = true;
    }, SAID_MS);
  };
}

/** To screen readers, when the words change; figures in them change too often to be read out. */
function announce(text: string): void {
  const words = text.replace(/[\d.,]+/g, "");
  if (words === announced) return;
  announced = words;
  setText(byId("standing"), text);
}
