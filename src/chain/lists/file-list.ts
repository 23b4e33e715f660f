/**
 * Values that a condition or a plugin takes from a file: read when the configuration is loaded, and again when the file has changed.
 *
 * What cannot be read again changes nothing: the values that were read last stay, and `trouble` says why.
 */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { messageOf } from "../../platform/errors.ts";
import { readShortFile, readShortFileAside } from "../../platform/files/short-file.ts";
import { distrust } from "../../platform/files/trust.ts";

/** Some 200,000 addresses. Reading more would hold up the events. */
const bytes_max = 4 * 1024 * 1024;

/** What became of a look at the file. */
export type Look = "same" | "read" | "failed";

/** What a file holds, read. */
interface Content {
  readonly count: number;
}

/** What is known of a list or table in a file, wherever it is read. */
export interface ListState {
  readonly path: string;
  readonly count: number;
  /** Why the file could not be read again; undefined where what is in it is in use. */
  readonly trouble?: string | undefined;
}

/** How a file is read, and what for. */
export interface FileUse<Read extends Content> {
  /** Tells it from other uses of the same file. */
  readonly kind: string;
  /** Throws an Error whose message is in words that follow the file's name. */
  readonly read: (text: string) => Read;
  /** Rejects with such an Error where the file may not be read again; undefined where it always may. */
  readonly mayReadAgain?: (() => Promise<void>) | undefined;
  /** What whoever can write the file decides, in words. */
  readonly risk: string;
}

export class FileList<Read extends Content = Content> {
  readonly path: string;
  /** What is right, and likely not meant so, in sentences. */
  readonly doubts: readonly string[];
  readonly #use: FileUse<Read>;
  #content: Read;
  #trouble: string | undefined = undefined;
  /** The state of the file that was read last, and the one that the last look met. */
  #read_state: string | undefined;
  #met_state: string | undefined;

  /** Reads the file. Throws an Error whose message is in words that follow the file's name. */
  constructor(path: string, use: FileUse<Read>) {
    this.path = path;
    this.#use = use;
    // Before the reading, so that a change meanwhile is seen later.
    this.#read_state = this.#met_state = stateNow(path);
    this.#content = use.read(readShortFile(path, bytes_max));
    const reason = distrust(statSync(path), path);
    this.doubts = [
      ...(this.count === 0 ? [`the file ${path} holds no values`] : []),
      ...(reason === undefined
        ? []
        : [`the file ${path}: ${reason}; whoever can write it decides ${use.risk}`]),
    ];
  }

  get kind(): string {
    return this.#use.kind;
  }

  /** What is in it, as it is now. */
  get content(): Read {
    return this.#content;
  }

  get count(): number {
    return this.#content.count;
  }

  /** Why the file could not be read again; undefined where what is in it is in use. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /**
   * Looks whether the file has changed, and reads it where it has, and has stayed so since the look before: who writes it may
   * not have finished yet. Never rejects.
   */
  async look(): Promise<Look> {
    const state = await stateOf(this.path);
    const is_settled = state === this.#met_state;
    this.#met_state = state;
    if (!is_settled || state === this.#read_state) return "same";
    this.#read_state = state;
    try {
      await this.#use.mayReadAgain?.();
      const content = this.#use.read(await readShortFileAside(this.path, bytes_max));
      if (content.count === 0 && this.count > 0) throw new Error("holds no values any more");
      this.#content = content;
      this.#trouble = undefined;
      return "read";
    } catch (thrown) {
      this.#trouble = messageOf(thrown);
      return "failed";
    }
  }
}

/** What changes with the file; undefined where it is not there. */
async function stateOf(path: string): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && stateText(stats);
}

function stateNow(path: string): string | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && stateText(stats);
}

function stateText(stats: { ino: bigint; size: bigint; mtimeNs: bigint; ctimeNs: bigint }): string {
  return [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
}
