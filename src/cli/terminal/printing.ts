/**
 * Long outputs: no faster than their reader takes them, and no longer than there is one.
 */
import { once } from "node:events";

const chunk_characters = 64 * 1024;

export class Printing {
  #text = "";

  /** Prints a line. False where nobody reads any more (`… | head`). */
  async line(text: string): Promise<boolean> {
    this.#text += `${text}\n`;
    return this.#text.length < chunk_characters ? true : this.flush();
  }

  /** Prints what is held back. */
  async flush(): Promise<boolean> {
    const { stdout } = process;
    const text = this.#text;
    this.#text = "";
    if (stdout.destroyed) return false;
    if (!stdout.write(text)) {
      const done = new AbortController();
      const { signal } = done;
      await Promise.race([
        once(stdout, "drain", { signal }),
        once(stdout, "close", { signal }),
      ]).catch(() => undefined);
      done.abort();
    }
    return !stdout.destroyed;
  }
}
