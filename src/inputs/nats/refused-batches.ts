/**
 * Which batches only wait, or only would, since the output refuses the index that their events go to.
 *
 * Where steps may set an index, a batch says nothing of where its events go. Running the steps to find out, and giving the batch back
 * then, would lose events: a step that remembers what it has seen takes them for repeats the next time. So a lane's next batch is
 * expected to go where its last one went. If some of that is refused now, it waits in the stream, behind what its lane has here.
 */
import type { JsMsg } from "@nats-io/jetstream";
import type { BatchHead } from "../../platform/nats/batch-head.ts";
import type { Intake } from "../input.ts";
import type { AgentLane } from "./agent-lanes.ts";

/** Undefined in it is the token's default. */
type Indexes = Set<string | undefined>;

/** A batch that is taken on. */
interface Taken {
  readonly message: JsMsg;
  readonly head: BatchHead;
}

export class RefusedBatches {
  /** Where the events go of messages that were taken on. */
  readonly #messages = new WeakMap<JsMsg, Indexes>();
  /** Where those of a lane went last. */
  #lanes = new WeakMap<AgentLane, Indexes>();
  /** Of events that their agents have given none. */
  #index: string | undefined;

  /** Comes with another configuration too: what its chain does with the events of a lane has to be seen first. */
  describe(index: string | undefined): void {
    this.#index = index;
    this.#lanes = new WeakMap();
  }

  /** Whether a message that was taken on only waits. */
  isAside(message: JsMsg, intake: Intake): boolean {
    return isRefused(this.#messages.get(message), intake);
  }

  /** Whether a batch of the lane would only wait. */
  wouldWait(lane: AgentLane, head: BatchHead, intake: Intake): boolean {
    const expected = intake.may_set_indexes ? this.#lanes.get(lane) : this.#of(head);
    return isRefused(expected, intake);
  }

  /** Notes that a batch is taken on. Where steps may set indexes, gives what those of its events are to be put into. */
  takeOn({ message, head }: Taken, lane: AgentLane, intake: Intake): Indexes | undefined {
    if (intake.may_set_indexes !== true) {
      this.#messages.set(message, this.#of(head));
      return undefined;
    }
    const indexes: Indexes = new Set();
    this.#messages.set(message, indexes);
    this.#lanes.set(lane, indexes);
    return indexes;
  }

  #of({ index }: BatchHead): Indexes {
    return new Set([index ?? this.#index]);
  }
}

function isRefused(indexes: Indexes | undefined, intake: Intake): boolean {
  if (indexes === undefined || intake.refuses === undefined) return false;
  for (const index of indexes) if (intake.refuses(index)) return true;
  return false;
}
