/**
 * Adds up the books of a fleet: whether aggregators have what agents have as delivered, lane by lane, number by number.
 *
 * What an agent has given a number and not confirmed is on the way, and not missing. The reports of aggregators have to be younger than
 * those of agents: then they have whatever an agent has a receipt for.
 */
import { missingIn, withRange, type Range } from "../../../inputs/nats/ranges.ts";
import type { AgentReport, AggregatorReport } from "../../../platform/nats/books/report.ts";
import type { SharedName } from "./shared.ts";

export interface LaneRow {
  readonly agent: string;
  /** Id and epoch; undefined for all lanes together that the agent does not have any more. */
  readonly lane: string | undefined;
  /** The file or other stream, where it is known. */
  readonly source: string;
  /** By the agent's books. */
  readonly delivered: number;
  /** Of those, what aggregators have settled. */
  readonly settled: number;
  /** Numbers that the agent has given, and that are not confirmed. */
  readonly on_the_way: number;
  /** Taken on by more than one aggregator. */
  readonly repeated: number;
  /** Delivered by the agent's books, and by those of no aggregator. */
  readonly missing: number;
  /** Settled as aggregators have heard, and in the books of none that answered. */
  readonly uncounted: number;
}

export interface FleetBooks {
  /** The worst first. */
  readonly rows: readonly LaneRow[];
  /** Agents of whom aggregators have events, and who did not answer. */
  readonly silent: readonly string[];
  /** Whose books cannot be told apart: those of such agents are not in the rows. */
  readonly shared: readonly SharedName[];
  readonly agree: boolean;
}

export interface FleetReports {
  readonly agents: readonly AgentReport[];
  readonly aggregators: readonly AggregatorReport[];
  /** Batches in the stream that are not acknowledged; undefined where nobody knows. */
  readonly waiting: number | undefined;
  /** Agents that are no more, and need not answer. */
  readonly gone: readonly string[];
  readonly shared: readonly SharedName[];
}

/** What all aggregators have of a lane. */
interface Received {
  settled: readonly Range[];
  events: number;
}

/** More than any lane has. */
const ranges_max = 1_000_000;

export function addUp(reports: FleetReports): FleetBooks {
  const { agents, aggregators, waiting, gone, shared } = reports;
  const received = receivedBy(aggregators);
  const rows: LaneRow[] = [];
  const names = [...new Set(agents.map(({ id }) => id))];
  const mixed = new Set(shared.flatMap(({ role, id }) => (role === "agent" ? [id] : [])));
  for (const agent of names.filter((name) => !mixed.has(name))) {
    const own = agents.filter(({ id }) => id === agent);
    rows.push(
      ...rowsOf(own, received.get(agent) ?? new Map<string, Received>(), aggregators, waiting),
    );
  }
  const silent = [...received.keys()].filter(
    (agent) => !names.includes(agent) && !gone.includes(agent),
  );
  const has_fault = rows.some(({ missing, uncounted }) => missing + uncounted > 0);
  return {
    rows: rows.toSorted((one, other) => rankOf(other) - rankOf(one) || order(one, other)),
    silent: silent.toSorted(),
    shared,
    agree: !has_fault && silent.length === 0 && shared.length === 0,
  };
}

function rankOf({ missing, uncounted, repeated, on_the_way }: LaneRow): number {
  if (missing > 0) return 3e15 + missing;
  if (uncounted > 0) return 2e15 + uncounted;
  if (repeated > 0) return 1e15 + repeated;
  return on_the_way;
}

function order(one: LaneRow, other: LaneRow): number {
  return `${one.agent} ${one.lane}`.localeCompare(`${other.agent} ${other.lane}`);
}

/** By agent and lane. */
function receivedBy(aggregators: readonly AggregatorReport[]): Map<string, Map<string, Received>> {
  const received = new Map<string, Map<string, Received>>();
  const lanesOf = (agent: string): Map<string, Received> => {
    const lanes = received.get(agent) ?? new Map<string, Received>();
    received.set(agent, lanes);
    return lanes;
  };
  for (const { lanes, ended } of aggregators) {
    for (const { agent, lane, events, settled } of lanes) {
      const of_agent = lanesOf(agent);
      const known = of_agent.get(lane) ?? { settled: [], events: 0 };
      of_agent.set(lane, known);
      known.events += events;
      for (const range of settled) known.settled = withRange(known.settled, range, ranges_max);
    }
    for (const agent of Object.keys(ended)) lanesOf(agent);
  }
  return received;
}

/** Of one agent, which may have several outputs. */
function rowsOf(
  own: readonly AgentReport[],
  received: ReadonlyMap<string, Received>,
  aggregators: readonly AggregatorReport[],
  waiting: number | undefined,
): LaneRow[] {
  const agent = own[0]!.id;
  const forgotten = sum(aggregators.map(({ ended }) => ended[agent]?.events ?? 0));
  const rows: LaneRow[] = [];
  const past = {
    delivered: sum(own.map(({ ended }) => ended.events)),
    settled: forgotten,
    uncounted: 0,
  };
  const listed = new Set<string>();
  for (const { lanes, confirm } of own) {
    for (const each of lanes) {
      const { lane, source, given, committed, undelivered } = each;
      listed.add(lane);
      const known = received.get(lane);
      const delivered = committed - undelivered;
      if (known === undefined && forgotten > 0 && given === committed) {
        // An aggregator forgets what has long been at rest.
        past.delivered += delivered;
        continue;
      }
      const { settled = [], events = 0 } = known ?? {};
      const here = sizeOf(settled, committed);
      const missing = Math.max(0, delivered - here);
      // Confirmed by the stream, which still has it.
      const is_held = confirm === "stream" && waiting !== 0;
      const all = sizeOf(settled, Infinity);
      rows.push({
        agent,
        lane,
        source,
        delivered,
        settled: Math.min(here, delivered),
        on_the_way: given - committed + (is_held ? missing : 0),
        repeated: Math.max(0, events - all),
        missing: is_held ? 0 : missing,
        uncounted: forgotten > 0 ? 0 : Math.max(0, all - events),
      });
    }
  }
  for (const [lane, { settled, events }] of received) {
    if (listed.has(lane)) continue;
    const all = sizeOf(settled, Infinity);
    past.settled += all;
    past.uncounted += Math.max(0, all - events);
  }
  if (past.delivered + past.settled > 0) rows.push(rowOfPast(agent, past, forgotten > 0));
  return rows;
}

/** Of these only sums are known: what is more than the agent has was read again under other numbers, or was of a former state. */
function rowOfPast(
  agent: string,
  { delivered, settled, uncounted }: { delivered: number; settled: number; uncounted: number },
  is_uncertain: boolean,
): LaneRow {
  return {
    agent,
    lane: undefined,
    source: "",
    delivered,
    settled: Math.min(settled, delivered),
    on_the_way: 0,
    repeated: Math.max(0, settled - delivered),
    missing: Math.max(0, delivered - settled),
    uncounted: is_uncertain ? 0 : uncounted,
  };
}

/** How many numbers below `end` are in the ranges. */
function sizeOf(ranges: readonly Range[], end: number): number {
  const last = ranges.at(-1)?.[1] ?? 0;
  const to = Math.min(end, last);
  return to - sum(missingIn(ranges, 0, to).map(([from, until]) => until - from));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
