/** Corrected indexes with the file in which they outlive a restart: it is written before and after each change. */
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { readCorrections, writeCorrections, type KeptCorrections } from "./corrections-file.ts";
import { IndexCorrections, type InputIndexes, type RefusedIndexes } from "./index-corrections.ts";

export interface CorrectionsKeeperDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

export class CorrectionsKeeper {
  readonly corrections = new IndexCorrections();
  readonly #deps: CorrectionsKeeperDeps;
  /** Where they are kept, once it is known what there was. */
  #state_dir: string | undefined;
  /** What was written last, as JSON. */
  #kept = "";
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: CorrectionsKeeperDeps) {
    this.#deps = deps;
  }

  /** Goes on with what a former run has corrected; a restart corrects as a reload does. Never rejects. */
  async restore(state_dir: string, named: InputIndexes): Promise<void> {
    const kept = await readCorrections(state_dir);
    const now_ms = this.#deps.clock.now();
    this.#state_dir = state_dir;
    this.#kept = JSON.stringify(kept) ?? "";
    this.corrections.restore(kept, named, now_ms);
    await this.keep(named);
  }

  /**
   * With what is refused, and could be corrected by another configuration that begins with a start. One write after the other, so
   * that the last word counts. Never rejects.
   */
  async keep(named: InputIndexes, refused: RefusedIndexes = new Set()): Promise<void> {
    const kept = this.corrections.kept(named, refused);
    const [state_dir, text] = [this.#state_dir, JSON.stringify(kept)];
    if (state_dir === undefined || text === this.#kept) return;
    this.#kept = text;
    this.#writing = this.#write(state_dir, kept, this.#writing);
    await this.#writing;
  }

  async #write(state_dir: string, kept: KeptCorrections, before: Promise<void>): Promise<void> {
    await before;
    try {
      await writeCorrections(state_dir, kept);
    } catch (cause) {
      this.#deps.log.warn(
        "index_corrections_unwritable",
        { error: messageOf(cause) },
        "Cannot record which indexes were corrected. After a restart, events in a journal keep the index that is refused.",
      );
    }
  }
}
