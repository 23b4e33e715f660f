/** The files of the agents, which are written share by share: equal numbers of events in each, and no number twice. */
import { appendFileSync } from "node:fs";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";

const events_at_once = 500;

export class Shares {
  readonly #files: readonly string[];
  /** Of each file. */
  readonly #events: number;
  #to = 0;

  constructor(files: readonly string[], events: number) {
    this.#files = files;
    this.#events = events;
  }

  /** In all files. */
  get written(): number {
    return this.#to * this.#files.length;
  }

  /** Adds a part of all events, as far as there are more. Resolves when they are written. */
  async write(share: number): Promise<void> {
    const end = Math.min(this.#to + Math.ceil(share * this.#events), this.#events);
    while (this.#to < end) {
      const to = Math.min(this.#to + events_at_once, end);
      this.#files.forEach((file, number) => {
        const first = number * this.#events;
        appendFileSync(file, textOf(first + this.#to, first + to));
      });
      this.#to = to;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function textOf(from: number, to: number): string {
  let text = "";
  for (let number = from; number < to; number += 1) text += `${wekaEvent(number)}\n`;
  return text;
}
