/**
 * V8's space for new objects. It grows where much is made at once, to three times 32 MB, which nothing needs that makes an event,
 * shows it and forgets it.
 *
 * A flag that keeps it small from the start costs more than it saves, as start-memory.ts says: so it may grow to what is quick.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** What is less costs more processor time; what is more costs memory alone. */
const bytes_max = 8_000_000;

export class NewSpace {
  #is_bounded = false;

  /** Keeps it from growing on once it is large enough. To be called again and again. */
  bound(): void {
    if (this.#is_bounded) return;
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (space === undefined || space.space_size < bytes_max) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    this.#is_bounded = true;
  }
}
