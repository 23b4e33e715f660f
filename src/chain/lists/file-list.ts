/**
 * A list that a condition reads from a file: read when the configuration is loaded, and again when the file has changed.
 *
 * What cannot be read again changes nothing: the values that were read last stay, and `trouble` says why.
 */
import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { messageOf } from "../../platform/errors.ts";
import { readShortFile, readShortFileAside } from "../../platform/files/short-file.ts";
import { distrust } from "../../platform/files/trust.ts";
import { type ListContent, type ListKind, readList } from "./list-content.ts";

/** Some 200,000 addresses. Reading more would hold up the events. */
const bytes_max = 4 * 1024 * 1024;

/** What became of a look at the file. */
export type Look = "same" | "read" | "failed";

export class FileList {
  readonly path: string;
  readonly kind: ListKind;
  /** What is right, and likely not meant so, in sentences. */
  readonly doubts: readonly string[];
  #content: ListContent;
  #trouble: string | undefined = undefined;
  /** The state of the file that was read last, and the one that the last look met. */
  #read_state: string | undefined;
  #met_state: string | undefined;

  /** Reads the file. Throws an Error whose message is in words that follow the file's name. */
  constructor(path: string, kind: ListKind) {
    this.path = path;
    this.kind = kind;
    // Before the reading, so that a change meanwhile is seen later.
    this.#read_state = this.#met_state = stateNow(path);
    this.#content = readList(readShortFile(path, bytes_max), kind);
    const reason = distrust(statSync(path), path);
    const risk = "whoever can write it decides what its conditions match";
    this.doubts = [
      ...(this.count === 0 ? [`the file ${path} holds no values`] : []),
      ...(reason === undefined ? [] : [`the file ${path}: ${reason}; ${risk}`]),
    ];
  }

  get count(): number {
    return this.#content.count;
  }

  /** Why the file could not be read again; undefined where what is in it is in use. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether a value is in the list, as it is now. */
  holds(value: unknown): boolean {
    return this.#content.holds(value);
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
      const content = readList(await readShortFileAside(this.path, bytes_max), this.kind);
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
