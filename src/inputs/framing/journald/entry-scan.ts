/**
 * Says how far a stream of a journal's export has come in without an entry that is not whole.
 */
import type { FramingState, RecordScan } from "../contract/framer.ts";
import { isRest, rest, startOfEntry } from "./between.ts";
import { EntryWalk, type FieldSink } from "./entry-walk.ts";

const nowhere: FieldSink = { begin: () => {}, add: () => {}, end: () => {} };

export class EntryScan implements RecordScan {
  /** For the end that was found last. */
  state: FramingState;
  #walk: EntryWalk | undefined;

  constructor(state: FramingState) {
    this.state = state;
  }

  push(chunk: Buffer): number {
    let end = -1;
    for (let at = 0; at < chunk.length;) {
      if (this.#walk === undefined) {
        const start = startOfEntry(chunk, at, chunk.length);
        if (start > at) end = at = start;
        else this.#walk = new EntryWalk(nowhere, isRest(this.state));
        continue;
      }
      at = this.#walk.push(chunk, at, chunk.length);
      if (!this.#walk.is_ended) continue;
      this.state = this.#walk.leaves_rest ? rest : undefined;
      this.#walk = undefined;
      end = at;
    }
    return end;
  }
}
