/**
 * Finds the entries in a part of a journal's export that is there.
 */
import type { Framed, RecordPositions, Window } from "../contract/framer.ts";
import { MadeFound } from "../contract/made-found.ts";
import { truncationOf } from "../contract/found.ts";
import { withoutNuls } from "../contract/nuls.ts";
import { isRest, rest, startOfEntry } from "./between.ts";
import { EntryFields } from "./entry-json.ts";
import { EntryWalk } from "./entry-walk.ts";
import { refusalOf } from "./faults.ts";

/** An entry is about as long as its JSON. What is longer than twice an event is cut. */
export const raw_factor = 2;

/** One call of `frame`. */
export class JournaldFrame {
  readonly #window: Window;
  readonly #found: MadeFound;
  readonly #raw_bytes_max: number;
  /** Where the bytes end that are looked at. */
  readonly #certain_end: number;

  /** With `keeps_nuls`, NUL bytes at the end may have been allocated by a writer that will fill them. */
  constructor(window: Window, positions: RecordPositions, keeps_nuls: boolean) {
    const { bytes, from, is_last } = window;
    this.#window = window;
    this.#found = new MadeFound(window, positions);
    this.#raw_bytes_max = raw_factor * positions.event_bytes_max;
    this.#certain_end = is_last || keeps_nuls ? withoutNuls(bytes, from) : bytes.length;
  }

  run(): Framed {
    const { bytes, is_last } = this.#window;
    const found = this.#found;
    while (!found.is_full && this.#passBetween() && this.#takeEntry());
    if (is_last && !found.is_full && found.end === this.#certain_end) {
      found.nul_bytes += bytes.length - found.end;
      found.end = bytes.length;
    }
    return found;
  }

  /** Goes over what is between two entries, and says whether anything follows. */
  #passBetween(): boolean {
    const { bytes } = this.#window;
    const found = this.#found;
    const end = this.#certain_end;
    const start = startOfEntry(bytes, found.end, end);
    for (let at = found.end; at < start; at += 1) if (bytes[at] === 0) found.nul_bytes += 1;
    found.end = start;
    return start < end;
  }

  /** Takes the entry that begins at the end of what was taken; false where its own end is not there. */
  #takeEntry(): boolean {
    const { bytes, is_last } = this.#window;
    const found = this.#found;
    const { end: start } = found;
    const fields = new EntryFields();
    const walk = new EntryWalk(fields, isRest(found.state));
    const next = walk.push(bytes, start, this.#certain_end);
    if (!walk.is_ended && !is_last) {
      found.followed = true;
      return false;
    }
    if (!walk.is_ended) walk.finish();
    const end = walk.is_ended ? next - 1 : next;
    if (next - start > this.#raw_bytes_max) this.#giveLong(start, end);
    else this.#give(start, end, walk, fields);
    found.state = walk.leaves_rest ? rest : undefined;
    found.is_unfinished = !walk.is_ended;
    found.end = next;
    return true;
  }

  /** As one that is followed, of which only the beginning is there. */
  #giveLong(start: number, end: number): void {
    const { bytes } = this.#window;
    const found = this.#found;
    const number = found.count;
    const part = bytes.subarray(
      0,
      withoutNuls(bytes.subarray(0, start + this.#raw_bytes_max), start),
    );
    const fields = new EntryFields();
    const walk = new EntryWalk(fields, isRest(found.state));
    walk.push(part, start, part.length);
    if (!walk.is_ended) walk.finish();
    this.#give(start, part.length, walk, fields);
    found.truncations ??= new Map();
    found.truncations.set(number, truncationOf(bytes, start, end));
  }

  #give(start: number, end: number, { fault }: EntryWalk, fields: EntryFields): void {
    const { bytes } = this.#window;
    const found = this.#found;
    if (fault === undefined) {
      const json = fields.toJson(bytes);
      found.append(json, 0, json.length);
      const number = found.count;
      found.finish(start, fields.header);
      // What is kept as the measure of an entry is that of its own bytes.
      if (found.truncations?.has(number) === true) {
        found.truncations.set(number, truncationOf(bytes, start, end));
      }
      return;
    }
    const { verdict, is_withheld } = refusalOf(fault);
    found.append(bytes, start, end);
    if (is_withheld) found.withhold(start, verdict);
    else found.refuseMade(start, verdict);
  }
}
