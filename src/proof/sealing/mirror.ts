/**
 * A second place for seals: a file to which each is appended as a signed note. It may be on a share that is slow or gone: nothing
 * waits for it, and what cannot be written is tried again.
 */
import { constants } from "node:fs";
import type { Clock } from "../../platform/clock.ts";
import { openShared } from "../../platform/files/own-file.ts";
import type { Logger } from "../../platform/log.ts";
import { WriteOutage } from "../../platform/write-outage.ts";

const file_mode = 0o600;
/** Notes that wait; beyond it the oldest are left out, and said so in the log. */
const waiting_max = 1000;
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

export class Mirror {
  readonly #log: Logger;
  readonly #outage: WriteOutage;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  constructor({ clock, log }: { clock: Clock; log: Logger }) {
    this.#log = log;
    this.#outage = new WriteOutage({
      clock,
      log,
      logged: {},
      lines: {
        began: {
          level: "error",
          code: "proof_mirror_unwritable",
          message: "Seals cannot be written to proof.mirror. They are kept, and tried again.",
        },
        ended: {
          level: "info",
          code: "proof_mirror_writable",
          message: "Seals can be written to proof.mirror again.",
        },
      },
    });
  }

  /** Appends a note to the file, behind those that wait. */
  add(path: string, note: string): void {
    this.#waiting.push(note);
    if (this.#waiting.length > waiting_max) {
      this.#waiting.shift();
      this.#log.error(
        "proof_mirror_missed",
        { file: path },
        "A seal is not in proof.mirror, which cannot be written. It is sent to Splunk all the same.",
      );
    }
    this.write(path);
  }

  /** Tries what waits. */
  write(path: string): void {
    if (this.#waiting.length > 0) this.#writing ??= this.#write(path);
  }

  /** Resolves when no write is in progress. Never rejects. */
  async done(): Promise<void> {
    await this.#writing;
  }

  async #write(path: string): Promise<void> {
    const notes = this.#waiting.splice(0);
    try {
      const file = await openShared(path, flags, file_mode);
      try {
        // Between notes is an empty line.
        await file.appendFile(notes.map((note) => `${note}\n`).join(""));
        await file.sync();
      } finally {
        await file.close();
      }
      this.#outage.worked();
    } catch (cause) {
      this.#waiting.unshift(...notes);
      this.#outage.failed(cause, { file: path });
    }
    this.#writing = undefined;
  }
}
