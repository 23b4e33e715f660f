/** The lanes of one stream: made when their first event comes, or as the state file has them. */
import { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { StreamLanesState } from "./state.ts";

/** A step that makes an index of what events hold must not fill the memory: later ones share a lane. */
const lanes_max = 256;
/** The index of that lane: no index is called so. */
export const other_indexes = "*";

export class StreamLanes {
  readonly #lanes: Lanes;
  readonly #stream: string;
  readonly #input: string;
  /** As it was read, until the first event comes. */
  #restored: StreamLanesState | undefined;
  #all: Lane[] = [];
  /** That of the last event: they come in runs. */
  #last: Lane | undefined;

  constructor(
    lanes: Lanes,
    stream: { readonly id: string; readonly input: string },
    restored: StreamLanesState | undefined,
  ) {
    this.#lanes = lanes;
    this.#stream = stream.id;
    this.#input = stream.input;
    this.#restored = restored;
    for (const { id } of restored?.lanes ?? []) lanes.note(id);
  }

  /** Undefined where events are not numbered. `source` is the stream's name for people. */
  of(output: string, index: string | undefined, source: string): Lane | undefined {
    const { epoch } = this.#lanes;
    if (!epoch.is_on) return undefined;
    const last = this.#last;
    const is_last = last?.epoch === epoch.number && last.output === output && last.index === index;
    if (is_last) return last;
    this.#restore();
    const lane = this.#find(output, index) ?? this.#make(output, index);
    if (lane.source === "") {
      lane.source = source;
      this.#lanes.watch?.opened(lane);
    }
    this.#last = lane;
    return lane;
  }

  /** To be written with the checkpoint; undefined where there are none. */
  get state(): StreamLanesState | undefined {
    const [first] = this.#all;
    if (first === undefined) return this.#restored;
    const lanes = this.#all.map(({ id, output, index, committed: next }) => {
      return { id, output, ...(index !== undefined && { index }), next };
    });
    return { epoch: first.epoch, lanes };
  }

  /** Says that the stream is no more. */
  forget(): void {
    for (const each of [...this.#all, ...(this.#restored?.lanes ?? [])]) this.#lanes.forget(each);
  }

  /** Goes on with the lanes of this epoch; those of another one begin again. */
  #restore(): void {
    const { number } = this.#lanes.epoch;
    const restored = this.#restored;
    this.#restored = undefined;
    if (restored !== undefined) {
      const goes_on = restored.epoch === number;
      this.#all = restored.lanes.map(({ id, output, index, next }) => {
        const of = { stream: this.#stream, input: this.#input, output, index };
        return new Lane(id, number, of, goes_on ? next : 0);
      });
    }
    if (this.#all.every(({ epoch }) => epoch === number)) return;
    this.#all = this.#all.map((lane) => new Lane(lane.id, number, lane));
  }

  #find(output: string, index: string | undefined): Lane | undefined {
    return this.#all.find((each) => each.output === output && each.index === index);
  }

  #make(output: string, index: string | undefined): Lane {
    const is_full = this.#all.length >= lanes_max - 1;
    const named = is_full ? other_indexes : index;
    const known = is_full ? this.#find(output, named) : undefined;
    if (known !== undefined) return known;
    const of = { stream: this.#stream, input: this.#input, output, index: named };
    const lane = this.#lanes.make(of);
    this.#all.push(lane);
    return lane;
  }
}
