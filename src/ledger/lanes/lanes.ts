/** The lanes of all streams: their epoch, and that no two of them have one id. */
import { Epoch } from "./epoch.ts";
import { laneId } from "./lane-id.ts";
import { Lane, type Hole, type LaneOf } from "./lane.ts";
import type { EpochState } from "./state.ts";

/** Who is to know what becomes of lanes. */
export interface LanesWatch {
  /** The lane gets its first event of this run. */
  opened(lane: Lane): void;
  /** More of it is committed. `holes` are among that. */
  committed(lane: Lane, holes: readonly Hole[]): void;
}

export class Lanes {
  readonly epoch: Epoch;
  /** Undefined where nobody watches. */
  watch: LanesWatch | undefined = undefined;
  readonly #ids = new Set<string>();

  constructor(state?: EpochState) {
    this.epoch = new Epoch(state);
  }

  /** Says that a lane has this id. */
  note(id: string): void {
    this.#ids.add(id);
  }

  /** Says that the lane is no more. */
  forget({ id }: { readonly id: string }): void {
    this.#ids.delete(id);
  }

  make(of: LaneOf): Lane {
    const { agent, number } = this.epoch;
    let id = laneId(agent, of);
    for (let attempt = 1; this.#ids.has(id); attempt += 1) id = laneId(agent, of, attempt);
    this.note(id);
    return new Lane(id, number, of);
  }
}
