/**
 * The demo's audit log: appends events as a storage cluster does, and rotates the file by renaming it.
 */
import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { wekaEvent } from "./weka-events.ts";

export class DemoWriter {
  readonly path: string;
  written = 0;
  /** Events that the demo's filter lets through: all but successful HeadObject calls. */
  expected = 0;
  rotations = 0;
  /** An event to show before and after: the first one that is not filtered. */
  readonly sample = wekaEvent(0);
  readonly #first: number;
  #file: number;

  /** Its events have numbers from `first` on. */
  constructor(path: string, first = 0) {
    this.path = path;
    this.#first = first;
    this.#file = openSync(path, "a", 0o640);
  }

  write(count: number): void {
    let text = "";
    for (let i = 0; i < count; i += 1) {
      const event = wekaEvent(this.#first + this.written + i);
      if (!event.includes('"name":"HeadObject"')) this.expected += 1;
      text += `${event}\n`;
    }
    this.written += count;
    writeSync(this.#file, text);
  }

  rotate(): void {
    renameSync(this.path, `${this.path}.1`);
    closeSync(this.#file);
    this.#file = openSync(this.path, "a", 0o640);
    this.rotations += 1;
  }
}
