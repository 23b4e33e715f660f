/**
 * Long outputs: no faster than their reader takes them, and no longer than there is one.
 */
import { once } from "node:events";
import { systemClock } from "../../platform/clock.ts";

const chunk_characters = 64 * 1024;

export class Printing {
  #text = "";
  #has_reader = true;

  constructor() {
    // Node says of its standard output that it can be written to, whatever became of the reader.
    process.stdout.once("error", () => (this.#has_reader = false));
  }

  /** Prints a line. False where nobody reads any more (`… | head`). */
  async line(text: string): Promise<boolean> {
    this.#text += `${text}\n`;
    return this.#text.length < chunk_characters ? this.#has_reader : this.flush();
  }

  /** Prints what is held back. */
  async flush(): Promise<boolean> {
    const { stdout } = process;
    const text = this.#text;
    this.#text = "";
    if (stdout.destroyed || !this.#has_reader) return false;
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
    return this.#has_reader && !stdout.destroyed;
  }
}
