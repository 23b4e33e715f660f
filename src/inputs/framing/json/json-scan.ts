/**
 * Says of each chunk of a JSON stream how far it has whole units.
 */
import type { FramingState, RecordScan } from "../contract/framer.ts";
import { isBetween, type Level } from "./bytes.ts";
import { Place, standingOf, stateOf } from "./place.ts";
import type { Shape } from "./shape.ts";
import { Unit } from "./unit.ts";

export class JsonScan implements RecordScan {
  readonly #unit: Unit;
  /** Behind the last end. */
  #level: Level;
  #place: Place;
  /** Behind all bytes. */
  #place_now: Place;
  #is_in_unit = false;

  constructor(shape: Shape, state: FramingState) {
    this.#unit = new Unit(shape);
    const { level, place } = standingOf(state);
    this.#level = level;
    this.#place = place;
    this.#place_now = place;
  }

  get state(): FramingState {
    return stateOf({ level: this.#level, place: this.#place });
  }

  push(chunk: Buffer): number {
    const unit = this.#unit;
    let end = -1;
    for (let at = 0; at < chunk.length;) {
      if (this.#is_in_unit) {
        at = unit.push(chunk, at, chunk.length);
        if (!unit.is_ended) break;
        this.#is_in_unit = false;
        this.#level = unit.next;
        end = at;
        continue;
      }
      const byte = chunk[at]!;
      if (isBetween(byte, this.#level)) {
        at += 1;
        end = at;
      } else if (byte === 0) at += 1;
      else {
        unit.begin(this.#level, byte);
        this.#is_in_unit = true;
      }
    }
    this.#move(chunk, end);
    return end;
  }

  #move(chunk: Buffer, end: number): void {
    const before = this.#place_now;
    if (end < 0) {
      this.#place_now = before.behind(chunk, 0, chunk.length);
      return;
    }
    this.#place = before.behind(chunk, 0, end);
    this.#place_now = this.#place.behind(chunk, end, chunk.length);
  }
}
