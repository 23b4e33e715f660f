/**
 * The first look at an event of an export: in which lane it stands, whether that place is sealed, and what it means if not.
 */
import { seal_sourcetype } from "../../format/place.ts";
import type { Span } from "../findings/finding.ts";
import { Ranges, type RangeRoom } from "../findings/ranges.ts";
import { rawOf, timeIn, type ExportRecord, type Place } from "../reading/record.ts";
import type { BlockState } from "./block-state.ts";
import type { Cells } from "./cells.ts";
import type { LaneState, SealedLanes } from "./sealed-lanes.ts";

const unknown_lanes_max = 10_000;
/** What those beyond are called all together. */
const others = "others";
/** The index of a lane that takes the place of too many. */
const several_indexes = "*";
const strays_max = 1024;
const stray_bytes_max = 16 * 1024 * 1024;

/** Events of one lane that no seal of the export is about. */
export class LooseEvents {
  count = 0;
  readonly ranges: Ranges;
  #from_ms = Infinity;
  #to_ms = -Infinity;

  constructor(room: RangeRoom) {
    this.ranges = new Ranges(room);
  }

  add(number: number, time: ExportRecord["time"]): void {
    this.count += 1;
    this.ranges.add(number, number + 1);
    const ms = timeIn(time);
    if (ms === undefined) return;
    this.#from_ms = Math.min(this.#from_ms, ms);
    this.#to_ms = Math.max(this.#to_ms, ms);
  }

  get from_ms(): number | undefined {
    return this.#to_ms === -Infinity ? undefined : this.#from_ms;
  }

  get span(): Span {
    if (this.#to_ms === -Infinity) return {};
    return { from: iso(this.#from_ms), to: iso(this.#to_ms) };
  }
}

/** A time that a Date cannot have is none. */
function iso(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** An event in a place where it is not expected, and that may belong elsewhere. */
export interface Stray {
  readonly lane: string;
  readonly number: number;
  readonly text: Buffer;
}

/** Events that stand in another index than their lane's. */
export interface Misplaced {
  readonly lane: LaneState;
  readonly index: string;
  readonly ranges: Ranges;
}

export class FirstLook {
  readonly #lanes: SealedLanes;
  readonly #cells: Cells;
  readonly #room: RangeRoom;
  /** Numbers behind the last that is sealed. */
  readonly tails = new Map<LaneState, LooseEvents>();
  /** Numbers between those that are sealed. */
  readonly gaps = new Map<LaneState, LooseEvents>();
  /** Numbers of which a seal says that nobody vouches for what is there, if anything is. */
  readonly holes = new Map<LaneState, LooseEvents>();
  readonly unknown = new Map<string, LooseEvents>();
  readonly misplaced = new Map<string, Misplaced>();
  readonly strays: Stray[] = [];
  #stray_bytes = 0;
  /** Events without a place. */
  foreign = 0;
  /** Events whose fields say a place that there cannot be, or say it in part. */
  impossible = 0;
  events = 0;
  #lane: LaneState | undefined;

  constructor(lanes: SealedLanes, cells: Cells, room: RangeRoom) {
    this.#lanes = lanes;
    this.#cells = cells;
    this.#room = room;
  }

  take(record: ExportRecord): void {
    this.events += 1;
    if (record.place === undefined) {
      const is_seal = record.signature !== undefined || record.sourcetype === seal_sourcetype;
      if (is_seal) return;
      if (record.is_impossible) this.impossible += 1;
      else this.foreign += 1;
      return;
    }
    const place = this.likeliest(record.place);
    const lane = this.#laneOf(place.lane);
    if (lane === undefined) return this.#addUnknown(place, record);
    const { index } = record;
    const { index: expected = several_indexes } = lane.about ?? {};
    const is_known = index !== undefined && expected !== "" && expected !== several_indexes;
    if (is_known && index !== expected) this.#addMisplaced(lane, place.number, index);
    const block = this.#lanes.blocks.find(lane, place.number);
    if (block?.isSealed(place.number) === true) {
      this.#cells.add(record, place.number, lane, block);
    } else this.#addLoose(lane, block, place.number, record);
  }

  /** Of several places that the fields can mean, one that is sealed. */
  likeliest(place: Place): Place {
    if (place.others.length === 0) return place;
    return [place, ...place.others].find((each) => this.#isSealed(each)) ?? place;
  }

  #isSealed({ lane, number }: Place): boolean {
    const state = this.#laneOf(lane);
    return state !== undefined && this.#lanes.blocks.find(state, number)?.isSealed(number) === true;
  }

  #laneOf(name: string): LaneState | undefined {
    if (this.#lane?.lane !== name) this.#lane = this.#lanes.all.get(name);
    return this.#lane;
  }

  #addUnknown({ lane, number }: Place, record: ExportRecord): void {
    let loose = this.unknown.get(lane);
    if (loose === undefined) {
      // A lane more says no more than those that are there.
      const name = this.unknown.size < unknown_lanes_max ? lane : others;
      loose = this.unknown.get(name) ?? new LooseEvents(this.#room);
      this.unknown.set(name, loose);
    }
    loose.add(number, record.time);
    this.#addStray(lane, number, record);
  }

  #addLoose(
    lane: LaneState,
    block: BlockState | undefined,
    number: number,
    record: ExportRecord,
  ): void {
    const is_hole = block?.isHole(number) === true;
    const kind = is_hole ? this.holes : number >= lane.sealed_end ? this.tails : this.gaps;
    const loose = kind.get(lane) ?? new LooseEvents(this.#room);
    kind.set(lane, loose);
    loose.add(number, record.time);
    if (!is_hole) this.#addStray(lane.lane, number, record);
  }

  #addStray(lane: string, number: number, record: ExportRecord): void {
    const text = rawOf(record);
    this.#stray_bytes += text.length;
    if (this.strays.length >= strays_max || this.#stray_bytes > stray_bytes_max) return;
    this.strays.push({ lane, number, text: Buffer.from(text) });
  }

  #addMisplaced(lane: LaneState, number: number, index: string): void {
    const id = `${lane.id} ${index}`;
    let misplaced = this.misplaced.get(id);
    if (misplaced === undefined) {
      const is_more = this.misplaced.size >= unknown_lanes_max;
      const none = { lane, index: is_more ? others : index, ranges: new Ranges(this.#room) };
      misplaced = (is_more && this.misplaced.get(others)) || none;
      this.misplaced.set(is_more ? others : id, misplaced);
    }
    misplaced.ranges.add(number, number + 1);
  }
}
