/**
 * What somebody can do to an export, and what verify has to say of it: each mutation changes the rows of a model agent, and
 * names its class and the places that may be found.
 */
import type { SealedPiece } from "../../../src/proof/format/seal.ts";
import type { FindingClass } from "../../../src/proof/verify/findings/finding.ts";
import type { RandomSource } from "../random/random-source.ts";
import type { ModelAgent, Row } from "./model-agent.ts";

export interface Mutated {
  readonly rows: readonly Row[];
  /** The class that has to be found, at this lane and number, where it has one. */
  readonly class: FindingClass;
  readonly lane?: string | undefined;
  readonly number?: number | undefined;
  /** Classes that may be found as well. */
  readonly also?: readonly FindingClass[];
  readonly is_strict?: boolean;
}

type Mutation = (agent: ModelAgent, random: RandomSource) => Mutated;

const leaf_events = 16;

/** An agent that has lived, as it was before any mutation. */
class Export {
  readonly rows: Row[];
  readonly events: Row[];

  constructor(agent: ModelAgent) {
    const { rows, firm } = livedOf(agent);
    this.rows = rows.map((row) => ({ ...row }));
    this.events = this.rows.filter((_, at) => firm[at]);
  }

  /** The event's copies: those of repeats, too. */
  copies(row: Row): Row[] {
    return this.rows.filter((each) => isSamePlace(each, row));
  }

  without(gone: (row: Row) => boolean): Row[] {
    return this.rows.filter((row) => !gone(row));
  }

  /** Some other event whose leaf is another one. */
  other(row: Row, random: RandomSource, fits: (other: Row) => boolean = () => true): Row {
    const others = this.events.filter((each) => !isSameLeaf(each, row) && fits(each));
    return random.one(others);
  }
}

interface Lived {
  readonly rows: readonly Row[];
  /** Of each row whether it is firm. */
  readonly firm: readonly boolean[];
}

/** What many mutations of one agent begin with. */
const lived = new WeakMap<ModelAgent, Lived>();

function livedOf(agent: ModelAgent): Lived {
  const known = lived.get(agent);
  if (known !== undefined) return known;
  const rows = agent.all;
  const leaves = new Map<string, boolean>();
  const firm = rows.map((row) => {
    if (row["tally_lane"] === undefined) return false;
    const leaf = `${row["tally_lane"]} ${Math.floor(numberOf(row) / leaf_events)}`;
    const is_firm = leaves.get(leaf) ?? isFirm(agent, row);
    leaves.set(leaf, is_firm);
    return is_firm;
  });
  lived.set(agent, { rows, firm });
  return { rows, firm };
}

/** Whether all of the event's leaf is sealed, once, and has to be there: nothing excuses what happens to it. */
function isFirm(agent: ModelAgent, row: Row): boolean {
  const { lane, number } = placeIn(row);
  const first = number - (number % leaf_events);
  const is_whole = (each: SealedPiece): boolean =>
    each.lane === lane && each.first <= first && first + leaf_events <= each.first + each.count;
  const touches = (each: { lane: string; first: number; count: number }): boolean =>
    each.lane === lane && each.first < first + leaf_events && first < each.first + each.count;
  const tails = agent.tails.map((each) => ({
    ...each,
    first: each.from,
    count: each.to - each.from,
  }));
  const pieces = agent.pieces.filter(touches);
  if (pieces.length !== 1 || !is_whole(pieces[0]!)) return false;
  return ![...agent.holes, ...tails].some(touches);
}

export function numberOf(row: Row): number {
  return Number(row["tally_block"]) * 1024 + Number(row["tally_i"]);
}

function isSamePlace(one: Row, other: Row): boolean {
  return one["tally_lane"] === other["tally_lane"] && numberOf(one) === numberOf(other);
}

function isSameLeaf(one: Row, other: Row): boolean {
  const leaf = (row: Row): number => Math.floor(numberOf(row) / leaf_events);
  return one["tally_lane"] === other["tally_lane"] && leaf(one) === leaf(other);
}

function placeIn(row: Row): { lane: string; number: number } {
  return { lane: row["tally_lane"]!, number: numberOf(row) };
}

function setPlace(row: Row, { lane, number }: { lane: string; number: number }): void {
  row["tally_lane"] = lane;
  row["tally_block"] = String(number >> 10);
  row["tally_i"] = String(number & 1023);
}

function isSeal(row: Row): boolean {
  return row["tally_sig"] !== undefined;
}

function sealNumber(row: Row): number {
  return (JSON.parse(row["_raw"]!) as { seal: number }).seal;
}

export const mutations: Readonly<Record<string, Mutation>> = {
  "delete one event": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    return {
      rows: all.without((row) => isSamePlace(row, event)),
      class: "MISSING",
      ...placeIn(event),
    };
  },
  "delete a range": (agent, random) => {
    const all = new Export(agent);
    const { lane, number } = placeIn(random.one(all.events));
    const end = number + random.between(2, 400);
    const gone = (row: Row): boolean =>
      row["tally_lane"] === lane && numberOf(row) >= number && numberOf(row) < end;
    return { rows: all.without(gone), class: "MISSING", lane, number };
  },
  "delete a lane": (agent, random) => {
    const all = new Export(agent);
    const { lane } = placeIn(random.one(all.events));
    const [first] = all.events
      .filter((row) => row["tally_lane"] === lane)
      .map(numberOf)
      .toSorted((one, other) => one - other);
    return {
      rows: all.without((row) => row["tally_lane"] === lane),
      class: "MISSING",
      lane,
      number: first,
    };
  },
  "delete the newest seals": (agent, random) => {
    const all = new Export(agent);
    const sealing = agent.seals.filter((row) => row["_raw"]!.includes('"blocks"')).map(sealNumber);
    const last = random.one(sealing.slice(-3));
    const rows = all.without((row) => isSeal(row) && sealNumber(row) >= last);
    return { rows, class: "UNSEALED TAIL" };
  },
  "delete a seal": (agent, random) => {
    const all = new Export(agent);
    const number = random.between(0, agent.seals.length - 2);
    const rows = all.without((row) => isSeal(row) && sealNumber(row) === number);
    // Without its certificates the seals of a whole day have no key.
    return { rows, class: "SEAL MISSING", also: ["UNSEALED TAIL", "SEAL ALTERED"] };
  },
  "alter a byte": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    const at = random.between(0, event["_raw"]!.length - 1);
    const text = event["_raw"]!;
    const altered = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
    for (const copy of all.copies(event)) copy["_raw"] = altered;
    return { rows: all.rows, class: "ALTERED", ...placeIn(event) };
  },
  "swap two events": (agent, random) => {
    const all = new Export(agent);
    const one = random.one(all.events);
    const other = all.other(one, random);
    const texts = [one["_raw"]!, other["_raw"]!] as const;
    for (const copy of all.copies(one)) copy["_raw"] = texts[1];
    for (const copy of all.copies(other)) copy["_raw"] = texts[0];
    return { rows: all.rows, class: "MOVED" };
  },
  "swap neighbours": (agent, random) => {
    const all = new Export(agent);
    const one = random.one(all.events);
    const near = all.events.filter((each) => isSameLeaf(each, one) && !isSamePlace(each, one));
    const other = random.one(near);
    const [places, copies] = [
      [placeIn(one), placeIn(other)] as const,
      [all.copies(one), all.copies(other)],
    ];
    for (const copy of copies[0]!) setPlace(copy, places[1]);
    for (const copy of copies[1]!) setPlace(copy, places[0]);
    return { rows: all.rows, class: "MOVED" };
  },
  "insert an event": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    const rows = [...all.rows, { ...event, _raw: '{"inserted":true}' }];
    return { rows, class: "ALTERED", ...placeIn(event) };
  },
  "insert a lane": (agent, random) => {
    const all = new Export(agent);
    const event = { ...random.one(all.events), tally_lane: "aaaaaaaa.1" };
    return {
      rows: [...all.rows, event],
      class: "UNKNOWN",
      lane: "aaaaaaaa.1",
      number: numberOf(event),
    };
  },
  "insert behind the last": (agent, random) => {
    const all = new Export(agent);
    const event = { ...random.one(all.events) };
    setPlace(event, { ...placeIn(event), number: 5_000_000 });
    return { rows: [...all.rows, event], class: "UNSEALED TAIL", ...placeIn(event) };
  },
  "repeat an event": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    return { rows: [...all.rows, { ...event }], class: "DUPLICATE", is_strict: true };
  },
  "replay a seal": (agent, random) => {
    const all = new Export(agent);
    return {
      rows: [...all.rows, { ...random.one(agent.seals) }],
      class: "DUPLICATE",
      is_strict: true,
    };
  },
  "seal an old entry with a newer key": (agent, random) => {
    const all = new Export(agent);
    const old = random.one(agent.seals.slice(0, 5));
    const forged = agent.forge({ why: "reload" }, old);
    const rows = all.rows.map((row) => (row["_raw"] === old["_raw"] ? forged : row));
    return { rows, class: "SEAL ALTERED", also: ["UNSEALED TAIL", "SEAL MISSING"] };
  },
  "truncate and resume": (agent, random) => {
    const all = new Export(agent);
    // Seals of the newest key, whose private part is still there.
    const last = agent.seals.at(-1)!;
    const gone = sealNumber(last) - random.between(1, 2);
    const resumed = agent.forge({ seal: gone, blocks: [], lanes: [] }, last);
    const rows = all.without(
      (row) => isSeal(row) && sealNumber(row) >= gone && sealNumber(row) < sealNumber(last),
    );
    return {
      rows: [...rows, resumed],
      class: "SEAL ALTERED",
      also: ["UNSEALED TAIL", "SEAL MISSING"],
    };
  },
  "change the index": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    for (const copy of all.copies(event)) copy["index"] = "elsewhere";
    return { rows: all.rows, class: "MOVED", ...placeIn(event) };
  },
  "alter a seal": (agent, random) => {
    const all = new Export(agent);
    const seal = random.one(agent.seals.slice(0, -1));
    const altered = {
      ...seal,
      _raw: seal["_raw"]!.replace('"config":"c0ffee"', '"config":"c0ffef"'),
    };
    const rows = all.rows.map((row) => (row["_raw"] === seal["_raw"] ? altered : row));
    return { rows, class: "SEAL ALTERED", also: ["UNSEALED TAIL"] };
  },
  "alter a signature": (agent, random) => {
    const all = new Export(agent);
    const seal = random.one(agent.seals.slice(0, -1));
    const line = seal["tally_sig"]!;
    const at = line.length - 10;
    const changed = `${line.slice(0, at)}${line[at] === "A" ? "B" : "A"}${line.slice(at + 1)}`;
    const rows = all.rows.map((row) =>
      row["_raw"] === seal["_raw"] ? { ...row, tally_sig: changed } : row,
    );
    return { rows, class: "SEAL ALTERED", also: ["UNSEALED TAIL"] };
  },
  renumber: (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    const other = all.other(event, random);
    const place = placeIn(event);
    for (const copy of all.copies(event)) setPlace(copy, placeIn(other));
    return { rows: all.rows, class: "MOVED", ...place };
  },
  "number behind the last": (agent, random) => {
    const all = new Export(agent);
    const event = random.one(all.events);
    const place = placeIn(event);
    for (const copy of all.copies(event)) setPlace(copy, { ...place, number: 5_000_000 });
    return { rows: all.rows, class: "MOVED", ...place, also: ["UNSEALED TAIL"] };
  },
};
