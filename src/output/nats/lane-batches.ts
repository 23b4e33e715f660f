/** Fills batches of one lane each, whose events have consecutive numbers. */
import assert from "node:assert";
import type { LogEvent } from "../../event/log-event.ts";
import type { Lane } from "../../ledger/lanes/lane.ts";
import type { Batch } from "../batch/batch.ts";
import { OpenBatches, type OpenBatchesDeps } from "../batch/open-batches.ts";
import type { Shares } from "./shares.ts";

const open_batches_max = 16;

export class LaneBatches extends OpenBatches<Lane> {
  readonly #shares: Shares;

  /** Has what is in open batches counted in `shares`. */
  constructor(deps: OpenBatchesDeps, shares: Shares) {
    super(deps, open_batches_max);
    this.#shares = shares;
  }

  add(event: LogEvent): void {
    const { place } = event;
    assert(place !== undefined, "an event has its place before it comes to an output");
    const { lane, number } = place;
    const open = this.open.get(lane);
    if (open !== undefined && open.place!.number + open.events === number) {
      const before = open.length;
      if (open.add(event, this.encoder)) return this.#shares.take(open.input, open.length - before);
    }
    const { input, length } = this.start(lane, event);
    this.#shares.take(input, length);
  }

  protected override closed({ input, length }: Batch): void {
    this.#shares.giveBack(input, length);
  }
}
