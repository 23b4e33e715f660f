/** The books of a fleet as lines: the lanes as a table, then each aggregator, then whether all adds up. */
import type { AgentReport, AggregatorReport } from "../../../platform/nats/books/report.ts";
import { printable } from "../../../platform/text/printable.ts";
import { styled } from "../../terminal/style.ts";
import type { FleetBooks, LaneRow } from "./add-up.ts";
import type { SharedName } from "./shared.ts";

const shown_max = 20;
const titles = ["AGENT", "LANE", "DELIVERED", "RECEIVED", "ON THE WAY", "REPEATED", "MISSING"];

export interface Asked {
  readonly agents: readonly AgentReport[];
  readonly aggregators: readonly AggregatorReport[];
  /** Whether all lanes are shown. */
  readonly all: boolean;
  readonly now_ms: number;
}

export function linesOf(books: FleetBooks, asked: Asked): string[] {
  const { rows, silent, shared } = books;
  const shown = asked.all ? rows : rows.slice(0, shown_max);
  const rest = rows.slice(shown.length);
  const left = rest.length === 0 ? [] : [`  … and ${count(rest.length)} more lanes (--all)`];
  return [
    ...table([titles, ...shown.map(cellsOf), ...(rows.length > 1 ? [sumOf(rows)] : [])]),
    ...left,
    "",
    ...asked.aggregators.map((each) => aggregatorLine(each, asked.now_ms)),
    ...asked.agents.flatMap((each) => oldAgent(each, asked.now_ms)),
    "",
    ...rows.flatMap(faultsOf),
    ...silent.map(
      (agent) => `${printable(agent)} did not answer: it is unknown what it counts as delivered.`,
    ),
    ...shared.map(sharedLine),
    ...withoutAggregators(asked),
    verdictOf(books, asked),
  ];
}

function sharedLine({ role, id, hosts }: SharedName): string {
  const on = hosts.map((host) => `on ${host}`).join(" and ");
  const number = count(hosts.length);
  const said =
    role === "agent"
      ? `${number} agents are called ${id}, ${on}: their books are not added up. Give each an \`agent\` and a \`state_dir\` of its own.`
      : `${number} aggregators have the state ${id.slice(0, 8)}, ${on}: only one of them is counted. Give each a \`state_dir\` of its own.`;
  return styled("red", printable(said));
}

/** Then nothing that agents have as delivered is in any books. */
function withoutAggregators({ agents, aggregators }: Asked): string[] {
  if (agents.length === 0 || aggregators.length > 0) return [];
  return ["No aggregator answered: start one, or give its saved report to --with."];
}

function cellsOf(row: LaneRow): string[] {
  const { agent, lane, source, delivered, settled, on_the_way, repeated, missing } = row;
  const name = lane === undefined ? "(ended)" : `${lane}${source === "" ? "" : ` ${source}`}`;
  const numbers = [delivered, settled, on_the_way, repeated, missing].map(count);
  return [printable(agent), printable(name), ...numbers];
}

function sumOf(rows: readonly LaneRow[]): string[] {
  const of = (value: (row: LaneRow) => number): string =>
    count(rows.reduce((sum, row) => sum + value(row), 0));
  return [
    "all",
    "",
    of(({ delivered }) => delivered),
    of(({ settled }) => settled),
    of(({ on_the_way }) => on_the_way),
    of(({ repeated }) => repeated),
    of(({ missing }) => missing),
  ];
}

function table(rows: readonly string[][]): string[] {
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}

function aggregatorLine({ id, name, of, at, fates }: AggregatorReport, now_ms: number): string {
  const { received, delivered, filtered, quarantined, dropped, in_flight } = fates;
  const others = Object.entries({ filtered, quarantined, dropped, "in flight": in_flight })
    .filter(([, events]) => events > 0)
    .map(([fate, events]) => `, ${count(events)} ${fate}`);
  const which = `${printable(name)} (${printable(of)}, ${id.slice(0, 8)}${ageOf(at, now_ms)})`;
  return `Aggregator ${which}: ${count(received)} received, ${count(delivered)} delivered${others.join("")}`;
}

function oldAgent({ id, at }: AgentReport, now_ms: number): string[] {
  const age = ageOf(at, now_ms);
  return age === "" ? [] : [`Agent ${printable(id)}${age}`];
}

const old_ms = 120_000;

/** Only what was read from a file has one, or what comes from a machine whose clock is wrong. */
function ageOf(at: string, now_ms: number): string {
  return now_ms - Date.parse(at) > old_ms ? `, as of ${at}` : "";
}

function faultsOf({ agent, lane, source, missing, uncounted }: LaneRow): string[] {
  const which =
    lane === undefined
      ? `The lanes that ${agent} has no more`
      : `Lane ${lane} of ${agent}${source === "" ? "" : ` (${source})`}`;
  const lines: string[] = [];
  if (missing > 0)
    lines.push(
      `${which}: ${count(missing)} events are delivered by the agent's books, and are in the books of no aggregator.`,
    );
  if (uncounted > 0)
    lines.push(
      `${which}: ${count(uncounted)} events are delivered by an aggregator that did not answer, or has lost its state.`,
    );
  return lines.map((line) => styled("red", printable(line)));
}

function verdictOf({ rows, agree }: FleetBooks, { agents, aggregators }: Asked): string {
  const of = `${some(new Set(agents.map(({ id }) => id)).size, "agent")} and ${some(aggregators.length, "aggregator")}`;
  if (agents.length === 0 && aggregators.length === 0) return "Nobody answered.";
  if (!agree) return styled(["bold", "red"], `The books of ${of} do not agree.`);
  const lanes = some(rows.filter(({ lane }) => lane !== undefined).length, "lane");
  const on_the_way = rows.reduce((sum, row) => sum + row.on_the_way, 0);
  const more = on_the_way === 0 ? "" : ` ${some(on_the_way, "event is", "events are")} on the way.`;
  return styled(["bold", "green"], `The books of ${of} agree in ${lanes}.`) + more;
}

function some(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
