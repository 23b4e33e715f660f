/** The lanes of one stream: made when their first event comes, or as the state file has them. */
import { Lane, type LaneOf } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { StreamLanesState } from "./state.ts";

/** How far a lane is. */
export interface LaneCounts {
  /** Id and epoch. */
  readonly name: string;
  readonly output: string;
  /** Empty before its first event of this run. */
  readonly source: string;
  /** Numbers that were given. */
  readonly given: number;
  /** Of those, the first ones, all of which are settled, and a checkpoint has passed them. */
  readonly committed: number;
  /** Of the committed ones. */
  readonly undelivered: number;
}

/** Whose lanes they are. */
export interface LanesStream {
  readonly id: string;
  readonly input: string;
  /** Something of it is to be written with the next state that is. */
  identityNoted(): void;
}

/** A step that makes an index of what events hold must not fill the memory: later ones share a lane. */
const lanes_max = 256;
/** The index of that lane: no index is called so. */
export const other_indexes = "*";

export class StreamLanes {
  readonly #lanes: Lanes;
  readonly #stream: LanesStream;
  /** As it was read, until the first event comes. */
  #restored: StreamLanesState | undefined;
  #all: Lane[] = [];
  /** That of the last event: they come in runs. */
  #last: Lane | undefined;

  constructor(lanes: Lanes, stream: LanesStream, restored: StreamLanesState | undefined) {
    this.#lanes = lanes;
    this.#stream = stream;
    this.#restored = restored;
    for (const { id } of restored?.lanes ?? []) lanes.note(id);
  }

  /** Undefined where events are not numbered. `source` is the stream's name for people. */
  of(output: string, index: string | undefined, source: string): Lane | undefined {
    const { epoch } = this.#lanes;
    if (!epoch.may_number) return undefined;
    const last = this.#last;
    const is_last = last?.epoch === epoch.number && last.output === output && last.index === index;
    if (is_last) return last;
    this.#restore();
    const lane = this.#find(output, index) ?? this.#make(output, index);
    if (lane.source === "") {
      lane.source = source;
      this.#lanes.watchOf(this.#stream)?.opened(lane);
    }
    this.#last = lane;
    return lane;
  }

  /** To be written with the checkpoint; undefined where there are none. */
  get state(): StreamLanesState | undefined {
    const [first] = this.#all;
    if (first === undefined) return this.#restored;
    const lanes = this.#all.map(({ id, output, index, committed: next, undelivered }) => {
      const more = {
        ...(index !== undefined && { index }),
        ...(undelivered > 0 && { undelivered }),
      };
      return { id, output, ...more, next };
    });
    return { epoch: first.epoch, lanes };
  }

  counts(): LaneCounts[] {
    const { epoch, lanes } = this.#restored ?? { epoch: 0, lanes: [] };
    return [
      ...lanes.map(({ id, output, next, undelivered = 0 }) => {
        const name = `${id}.${epoch}`;
        return { name, output, source: "", given: next, committed: next, undelivered };
      }),
      ...this.#all.map(({ name, output, source, next, committed, undelivered }) => {
        return { name, output, source, given: next, committed, undelivered };
      }),
    ];
  }

  /** Says that the stream is no more. */
  forget(): void {
    for (const each of this.#restored?.lanes ?? []) {
      this.#lanes.forget(each);
      this.#end(each.output, each.next - (each.undelivered ?? 0));
    }
    for (const lane of this.#all) {
      this.#lanes.forget(lane);
      this.#endLane(lane);
    }
  }

  /** What is settled of a lane that has ended is counted when it is. */
  #endLane(lane: Lane): void {
    lane.is_ended = true;
    this.#end(lane.output, lane.committed - lane.undelivered);
  }

  #end(output: string, events: number): void {
    this.#lanes.ended({ output, lanes: 1, events });
  }

  /** Goes on with the lanes of this epoch; those of another one begin again. */
  #restore(): void {
    const { number } = this.#lanes.epoch;
    const restored = this.#restored;
    this.#restored = undefined;
    if (restored !== undefined) {
      this.#all = restored.lanes.map(({ id, output, index, next, undelivered = 0 }) => {
        const lane = new Lane(id, restored.epoch, this.#of(output, index), next);
        lane.undelivered = undelivered;
        return lane;
      });
    }
    if (this.#all.every(({ epoch }) => epoch === number)) return;
    for (const lane of this.#all) this.#endLane(lane);
    this.#all = this.#all.map((lane) => new Lane(lane.id, number, lane));
    // What ended and what begins are in one written state.
    this.#name();
  }

  #of(output: string, index: string | undefined): LaneOf {
    return { stream: this.#stream.id, input: this.#stream.input, output, index };
  }

  #find(output: string, index: string | undefined): Lane | undefined {
    return this.#all.find((each) => each.output === output && each.index === index);
  }

  #make(output: string, index: string | undefined): Lane {
    const is_full = this.#all.length >= lanes_max - 1;
    const named = is_full ? other_indexes : index;
    const known = is_full ? this.#find(output, named) : undefined;
    if (known !== undefined) return known;
    const lane = this.#lanes.make(this.#of(output, named));
    this.#all.push(lane);
    this.#name();
    return lane;
  }

  #name(): void {
    this.#stream.identityNoted();
    this.#lanes.naming.add();
  }
}
