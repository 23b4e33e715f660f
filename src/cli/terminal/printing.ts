/**
 * Long outputs: no faster than their reader takes them, and no longer than there is one.
 */
import { once } from "node:events";
import { systemClock } from "../../platform/clock.ts";
import { clearProgress } from "./progress.ts";

const chunk_characters = 64 * 1024;

/** Node says of its standard output that it can be written to, whatever became of the reader. */
class Reader {
  is_there = true;
  #is_watched = false;

  /** Takes note of it from now on, once for the process. */
  watch(): void {
    if (this.#is_watched) return;
    this.#is_watched = true;
    process.stdout.once("error", () => (this.is_there = false));
  }
}

const reader = new Reader();

export class Printing {
  #text = "";

  constructor() {
    reader.watch();
  }

  /** Prints a line. False where nobody reads any more (`… | head`). */
  async line(text: string): Promise<boolean> {
    this.#text += `${text}\n`;
    return this.#text.length < chunk_characters ? reader.is_there : this.flush();
  }

  /** Prints what is held back. */
  async flush(): Promise<boolean> {
    clearProgress();
    const { stdout } = process;
    const text = this.#text;
    this.#text = "";
    if (stdout.destroyed || !reader.is_there) return false;
    if (stdout.write(text)) {
      // That there is no reader is said after this.
      await systemClock.sleep(0);
    } else {
      const done = new AbortController();
      const { signal } = done;
      await Promise.race([
        once(stdout, "drain", { signal }),
        once(stdout, "close", { signal }),
      ]).catch(() => undefined);
      done.abort();
    }
    return reader.is_there && !stdout.destroyed;
  }
}
