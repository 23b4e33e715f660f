/**
 * Fills batches of one path and index each.
 *
 * Events of another index, or of another path (raw mode: other metadata), fill another batch, so that an index that
 * the token may not write to holds up none but its own.
 */
import type { LogEvent } from "../../event/log-event.ts";
import type { Batch } from "./batch.ts";
import { OpenBatches, type OpenBatchesDeps } from "./open-batches.ts";

const open_batches_max = 8;

export class Batcher extends OpenBatches<string> {
  /** The open batch that the last event went into. */
  #last: Batch | undefined;

  constructor(deps: OpenBatchesDeps) {
    super(deps, open_batches_max);
  }

  add(event: LogEvent): void {
    const path = this.encoder.pathOf(event);
    const { index } = event.metadata;
    const last = this.#last;
    const batch =
      last?.path === path && last.index === index ? last : this.open.get(keyOf(path, index));
    this.#last = batch?.add(event, this.encoder) ? batch : this.start(keyOf(path, index), event);
  }

  /** Closes and gives the open batch of that path and index. */
  takeOf(path: string, index: string | undefined): Batch | undefined {
    const key = keyOf(path, index);
    const batch = this.open.get(key);
    return batch && this.close(key, batch);
  }

  protected override closed(batch: Batch): void {
    if (this.#last === batch) this.#last = undefined;
  }
}

function keyOf(path: string, index: string | undefined): string {
  return index === undefined ? path : `${path}\n${index}`;
}
