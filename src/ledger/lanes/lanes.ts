/** The lanes of all streams: their epoch, and that no two of them have one id. */
import { addEnded, type EndedEvents } from "./ended-lanes.ts";
import { Epoch, type Beginning } from "./epoch.ts";
import type { KeptValues } from "./kept-values.ts";
import { Lane, type Hole, type LaneOf } from "./lane.ts";
import { Naming } from "./naming.ts";
import type { EpochState } from "./state.ts";

/** Who is to know what becomes of lanes. */
export interface LanesWatch {
  /** The lane gets its first event of this run. */
  opened(lane: Lane): void;
  /** So many more of its events are committed. `holes` are among them. */
  committed(lane: Lane, count: number, holes: readonly Hole[]): void;
  /** Their epoch has ended, although a crash may have sent more in them than was read again. */
  left(lanes: readonly LeftLane[]): void;
}

export interface LeftLane {
  /** With its epoch. */
  readonly lane: string;
  /** The numbers before it were given in this run, or are committed. */
  readonly from: number;
}

/** What the id of a lane is made of. */
export interface LaneParts {
  readonly agent: string;
  readonly stream: string;
  readonly output: string;
  readonly index: string;
}

export class Lanes {
  readonly epoch: Epoch;
  readonly naming = new Naming();
  /** Makes the id of a lane of an agent. */
  idOf: (parts: LaneParts) => string = () => {
    throw new Error("who begins an epoch says how lanes are called");
  };
  /** Undefined where nobody watches. */
  watch: LanesWatch | undefined = undefined;
  /** Streams of whose lanes it is not told: what it makes goes into lanes itself. */
  readonly unwatched = new Set<string>();
  readonly #ids = new Set<string>();
  readonly #kept: KeptValues;

  constructor(kept: KeptValues, state?: EpochState) {
    this.#kept = kept;
    this.epoch = new Epoch(state);
  }

  /** As the epoch's. `streams` are all that may have lanes. */
  announce(
    behaviour: Beginning | undefined,
    streams: Iterable<{ id: string; laneCounts(): readonly { name: string; given: number }[] }>,
  ): void {
    const { number } = this.epoch;
    this.epoch.announce(behaviour);
    if (this.watch === undefined || number === this.epoch.number) return;
    const watched = [...streams].filter((stream) => this.watchOf(stream) !== undefined);
    const all = watched.flatMap((stream) => stream.laneCounts());
    const left = all.filter(({ name }) => name.endsWith(`.${number}`));
    this.watch.left(left.map(({ name: lane, given: from }) => ({ lane, from })));
  }

  /** Who watches the lanes of a stream. */
  watchOf({ id }: { readonly id: string }): LanesWatch | undefined {
    return this.unwatched.has(id) ? undefined : this.watch;
  }

  /** Says that a lane has this id. */
  note(id: string): void {
    this.#ids.add(id);
  }

  /** Says that the lane is no more. */
  forget({ id }: { readonly id: string }): void {
    this.#ids.delete(id);
  }

  /** Says that lanes have ended, so many of whose events were delivered; or what was settled of them after that. */
  ended(of: EndedEvents): void {
    addEnded(this.#kept, of);
  }

  make(of: LaneOf): Lane {
    const { agent, number } = this.epoch;
    const { stream, output, index = "" } = of;
    let id = this.idOf({ agent, stream, output, index });
    // Among 200,000 lanes that is one chance in fifty. No index has a blank in its name.
    for (let attempt = 1; this.#ids.has(id); attempt += 1)
      id = this.idOf({ agent, stream, output, index: `${index} ${attempt}` });
    this.note(id);
    return new Lane(id, number, of);
  }
}
