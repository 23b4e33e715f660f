/**
 * Puts names to all that does not fit: findings with their class, their place in plain words, and the counts of the whole.
 */
import { block_events, laneParts } from "../../format/place.ts";
import type { Finding, FindingClass, Findings } from "../findings/finding.ts";
import type { NumberRange, Ranges } from "../findings/ranges.ts";
import { pieces_max } from "../places/block-records.ts";
import type { BrokenPiece, Cells } from "../places/cells.ts";
import type { FirstLook, LooseEvents } from "../places/first-look.ts";
import type { LeafDigest } from "../places/leaf-digest.ts";
import type { LaneState } from "../places/sealed-lanes.ts";
import type { Judged } from "../seals/chains.ts";
import { addEventFault, addFault, type CellJudge } from "./cell-judge.ts";
import { findMoves, type Move } from "./moves.ts";

/** So long after the last seal an event of a lane without any seal may be from a log that was new. */
const new_lane_ms = 5 * 60 * 1000;

export interface Looked {
  readonly options: { readonly is_strict: boolean };
  readonly judged: Judged;
  readonly lanes: ReadonlyMap<string, LaneState>;
  /** Blocks with more pieces than were looked at. */
  readonly crowded: readonly { readonly lane: LaneState; readonly first: number }[];
  readonly first: FirstLook;
  readonly cells: Cells;
  readonly judge: CellJudge;
  readonly digest: LeafDigest;
  readonly findings: Findings;
}

export interface Counts {
  /** All events of the export. */
  readonly events: number;
  /** Those that are there as they were sealed. */
  readonly proven: number;
  /** Those whose place is sealed, and whose content nothing proves, since events beside them are missing. */
  readonly unproven: number;
  /** Copies beyond the first of each event, and of each seal. */
  readonly repeats: number;
  /** Those that no seal of the export is about. */
  readonly unsealed: number;
  /** Those without a place, or with one that there cannot be. */
  readonly foreign: number;
  readonly lanes: number;
  /** Events of lanes that the seals count and have no hashes of. */
  readonly counted_only: number;
}

/** Adds the findings, and gives the counts. */
export function nameFaults(looked: Looked): Counts {
  return new Naming(looked).name();
}

class Naming {
  readonly #looked: Looked;
  /** By its id, a lane in one of its epochs. */
  readonly #kin = new Map<string, LaneState>();
  #faulty = 0;

  constructor(looked: Looked) {
    this.#looked = looked;
    if (looked.first.unknown.size === 0) return;
    for (const each of looked.lanes.values()) this.#kin.set(laneParts(each.lane).id, each);
  }

  name(): Counts {
    const { judge, lanes, first, cells } = this.#looked;
    this.#nameMoves();
    for (const each of [...cells.broken, ...judge.broken]) this.#addBroken(each);
    for (const { lane, first: number } of this.#looked.crowded) {
      const of = numbers(number, number + block_events);
      const detail = `${of}: sealed in more than ${pieces_max} different ways, and not looked at in all of them.`;
      this.#add("SEAL ALTERED", lane, { first: number, detail });
    }
    for (const [lane, faults] of judge.faults) {
      this.#addRanges("MISSING", lane, faults.missing, "not in the export");
      this.#addRanges(
        "EXPIRED",
        lane,
        faults.expired,
        "attested, and from before the retained time",
      );
      this.#faulty += this.#addRanges(
        "ALTERED",
        lane,
        faults.altered,
        "not as sealed, at least one of them",
      );
      this.#addRanges("ALTERED", lane, faults.doubled, "there twice, with different content");
    }
    this.#nameLoose();
    this.#nameMisplaced();
    let [proven, unproven, repeats] = [0, 0, this.#looked.judged.repeats];
    for (const lane of lanes.values()) {
      const counted = lane.seen;
      const faults = judge.faults.get(lane);
      const again = lane.events - counted - (faults?.rivals ?? 0);
      this.#nameRepeats(lane, again);
      repeats += again;
      proven += counted;
      unproven += faults?.unproven ?? 0;
    }
    this.#nameOthers();
    const loose = [first.tails, first.gaps, first.unknown];
    const unsealed = loose.reduce((sum, each) => sum + sumOf(each.values()), 0);
    return {
      events: first.events,
      proven: Math.max(0, proven - unproven - this.#faulty),
      unproven: unproven + sumOf(first.holes.values()),
      repeats,
      unsealed,
      foreign: first.foreign + first.impossible,
      lanes: lanes.size,
      counted_only: [...lanes.values()]
        .filter(({ sealed_end }) => sealed_end === 0)
        .reduce((sum, { next }) => sum + next, 0),
    };
  }

  #nameMoves(): void {
    const { judge, first, digest } = this.#looked;
    const { leaves, events, strays } = judge;
    const left = findMoves({ leaves, events, strays: [...strays, ...first.strays] }, digest);
    for (const move of left.moves) this.#addMove(move);
    for (const leaf of left.leaves) addFault(judge.faultsOf(leaf.lane), leaf);
    for (const event of left.events) addEventFault(judge.faultsOf(event.lane), event);
    for (const stray of strays) {
      if (left.found.has(stray)) continue;
      const lane = this.#looked.lanes.get(stray.lane)!;
      judge.faultsOf(lane).doubled.add(stray.number, stray.number + 1, stray.span);
    }
  }

  #addMove({ lane, number, at, is_exchanged, span }: Move): void {
    const there = at.lane === lane.lane ? `${at.number}` : `${at.number} of lane ${at.lane}`;
    const detail = is_exchanged
      ? `The events ${number} and ${there} stand in each other's place.`
      : `The event ${number} stands in place ${there}.`;
    this.#add("MOVED", lane, { first: number, count: is_exchanged ? 2 : 1, ...span, detail });
  }

  #addBroken({ lane, piece: { first, end, span } }: BrokenPiece): void {
    const detail = `The events ${first} to ${end - 1} together are not what was sealed.`;
    this.#add("ALTERED", lane, { first, count: end - first, ...span, detail });
  }

  /** Gives how many numbers there are in all. */
  #addRanges(kind: FindingClass, lane: LaneState, ranges: Ranges, what: string): number {
    let count = 0;
    for (const range of ranges.all) {
      const { first, from, to } = range;
      count += range.count;
      const detail = `${numbersOf(range)}: ${what}.`;
      this.#add(kind, lane, { first, count: range.count, from, to, detail });
    }
    return count;
  }

  #nameLoose(): void {
    const { first } = this.#looked;
    for (const [lane, loose] of first.tails) {
      this.#addLoose("UNSEALED TAIL", lane, loose, "behind the last that is sealed, so not proven");
    }
    for (const [lane, loose] of first.gaps) {
      if (lane.chain.has_gaps)
        this.#addLoose("UNSEALED TAIL", lane, loose, "sealed by no seal of the export");
      else this.#addLoose("UNKNOWN", lane, loose, "between sealed events, and sealed by no seal");
    }
    for (const [lane, loose] of first.unknown) this.#nameUnknown(lane, loose);
  }

  /** A log that was new when the export was made has events and no seal yet, and an epoch that has just begun, too. */
  #nameUnknown(lane: string, loose: LooseEvents): void {
    const { judged, findings } = this.#looked;
    const end = judged.chains.reduce(
      (min, { last }) => Math.min(min, Date.parse(last!.to)),
      Infinity,
    );
    const is_new = (loose.from_ms ?? -Infinity) >= end - new_lane_ms;
    const kin = this.#kin.get(lane.split(".")[0]!);
    const may_be_new =
      is_new || kin !== undefined || judged.chains.some(({ has_gaps }) => has_gaps);
    const why = may_be_new
      ? "no seal of the export names this lane yet"
      : "no seal names this lane: they were inserted, or their seals are not in the export";
    const [range] = loose.ranges.all;
    findings.add({
      class: may_be_new ? "UNSEALED TAIL" : "UNKNOWN",
      lane,
      agent: kin?.chain.agent,
      first: range!.first,
      count: loose.count,
      ...loose.span,
      detail: `${eventsOf(loose.count)} in lane ${lane}: ${why}.`,
    });
  }

  #addLoose(
    kind: FindingClass,
    lane: LaneState,
    { ranges, span, count }: LooseEvents,
    what: string,
  ): void {
    const all = ranges.all;
    if (kind === "UNSEALED TAIL") {
      const [{ first }, end] = [all[0]!, all.at(-1)!.end];
      return this.#add(kind, lane, {
        first,
        count,
        ...span,
        detail: `${numbers(first, end)}: ${what}.`,
      });
    }
    for (const range of all) {
      this.#add(kind, lane, {
        first: range.first,
        count: range.count,
        ...span,
        detail: `${numbersOf(range)}: ${what}.`,
      });
    }
  }

  #nameMisplaced(): void {
    for (const { lane, index, ranges } of this.#looked.first.misplaced.values()) {
      const what = `in the index ${index}, and sealed for ${lane.about!.index}`;
      this.#addRanges("MOVED", lane, ranges, what);
    }
  }

  #nameRepeats(lane: LaneState, count: number): void {
    if (!this.#looked.options.is_strict || count <= 0) return;
    const detail = `${eventsOf(count)} of this lane are there more than once, with the same content.`;
    this.#add("DUPLICATE", lane, { count, detail });
  }

  #nameOthers(): void {
    const { options, first, judged, findings } = this.#looked;
    if (first.impossible > 0) {
      const detail = `${eventsOf(first.impossible)} with a place that there cannot be: their fields are not those of an agent, or not all in the export.`;
      findings.add({ class: "UNKNOWN", count: first.impossible, detail });
    }
    if (!options.is_strict) return;
    if (judged.repeats > 0) {
      const detail = `${judged.repeats} copies of seals are there beside the first.`;
      findings.add({ class: "DUPLICATE", count: judged.repeats, detail });
    }
    if (first.foreign > 0) {
      const detail = `${eventsOf(first.foreign)} without a place: not sent by an agent with proof.`;
      findings.add({ class: "UNKNOWN", count: first.foreign, detail });
    }
  }

  #add(
    kind: FindingClass,
    { lane, chain: { agent }, about }: LaneState,
    finding: Omit<Finding, "class">,
  ): void {
    const { input, source, output, index } = about ?? {};
    this.#looked.findings.add({
      class: kind,
      agent,
      lane,
      input,
      source,
      output,
      index,
      ...finding,
    });
  }
}

function sumOf(loose: Iterable<LooseEvents>): number {
  return [...loose].reduce((sum, { count }) => sum + count, 0);
}

/** Of a range of which only some numbers were found, how many. */
function numbersOf({ first, end, count }: NumberRange): string {
  if (count >= end - first) return numbers(first, end);
  return `${count} of the events ${first} to ${end - 1}`;
}

function numbers(first: number, end: number): string {
  return end - first === 1 ? `Event ${first}` : `Events ${first} to ${end - 1}`;
}

function eventsOf(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}
