/**
 * A unit of JSON that is longer than what is kept of it: it is followed and hashed piece by piece.
 */
import { createHash } from "node:crypto";
import type { Verdict } from "../../../event/event.ts";
import { Walker } from "../../../event/scan/walker.ts";
import type { FramingState, LongRecord } from "../contract/framer.ts";
import type { Level } from "./bytes.ts";
import { flawed, notJson, unfinished } from "./faults.ts";
import { type Place, standingOf, stateOf } from "./place.ts";
import type { Shape } from "./shape.ts";
import { Unit } from "./unit.ts";

const walker = new Walker([]);

export class LongJson implements LongRecord {
  content_bytes = 0;
  readonly is_blank = false;
  readonly #shape: Shape;
  readonly #unit: Unit;
  readonly #level: Level;
  readonly #start: Place;
  #place: Place;
  readonly #hash = createHash("sha256");

  constructor(shape: Shape, state: FramingState) {
    this.#shape = shape;
    this.#unit = new Unit(shape);
    const { level, place } = standingOf(state);
    this.#level = level;
    this.#start = place;
    this.#place = place;
  }

  get is_ended(): boolean {
    return this.#unit.is_ended;
  }

  get is_passed_over(): boolean {
    return this.#unit.is_ended && this.#unit.is_passed_over;
  }

  get members(): number {
    return this.#unit.members;
  }

  get state(): FramingState {
    const level = this.#unit.is_ended ? this.#unit.next : "lost";
    return stateOf({ level, place: this.#place });
  }

  push(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    if (this.content_bytes === 0) this.#unit.begin(this.#level, bytes[0]!);
    const end = this.#unit.push(bytes, 0, bytes.length);
    this.#place = this.#place.behind(bytes, 0, end);
    this.#hash.update(bytes.subarray(0, end));
    this.content_bytes += end;
    return end;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }

  verdict(whole: Buffer | undefined): Verdict | undefined {
    const { flaw, is_ended } = this.#unit;
    if (flaw === "broken" || flaw === "no_document") return flawed(flaw, this.#start, this.#shape);
    if (!is_ended) return unfinished(this.#start);
    if (flaw !== undefined) return flawed(flaw, this.#start, this.#shape);
    const invalid = whole && walker.scan(whole, 0, whole.length);
    if (whole === undefined || invalid === undefined) return undefined;
    return notJson(this.#start.behind(whole, 0, invalid.byte), invalid);
  }
}
