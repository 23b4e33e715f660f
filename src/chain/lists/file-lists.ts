/**
 * The lists and tables in files that the conditions and plugins of one chain name, each read once, and the watch on those files.
 */
import { resolve } from "node:path";
import type { Clock, Timer } from "../../platform/clock.ts";
import {
  type PlaceOfFiles,
  strayMistake,
  strayMistakeAside,
} from "../../platform/files/confined.ts";
import type { Logger } from "../../platform/log.ts";
import { FileList, type FileUse, type ListState } from "./file-list.ts";
import { type ListContent, type ListKind, readList } from "./list-content.ts";
import { type TableContent, tableReader } from "./table-content.ts";

/** A change is in use after two to three of these: the file has to be the same at two looks. */
const look_interval_ms = 5000;

export interface FileListsDeps extends PlaceOfFiles {
  readonly clock: Clock;
  readonly log: Logger;
  /** The input whose chain it is, for the log. */
  readonly input?: string | undefined;
}

export class FileLists {
  readonly #deps: FileListsDeps;
  readonly #lists: FileList[] = [];
  /** Those of steps in processes of their own, by the step and the path. */
  readonly #elsewhere = new Map<string, ListState>();
  #timer: Timer | undefined;
  #is_stopped = false;

  constructor(deps: FileListsDeps) {
    this.#deps = deps;
  }

  get all(): readonly ListState[] {
    return [...this.#lists, ...this.#elsewhere.values()];
  }

  /** Takes what the process of a step says of a file that it reads. */
  note(step: string, list: ListState): void {
    this.#elsewhere.set(`${step}\0${list.path}`, list);
  }

  /** The list in this file. Throws an Error that says why it cannot be used, with the name of the file. */
  open(name: string, kind: ListKind): FileList<ListContent> {
    const read = (text: string): ListContent => readList(text, kind);
    return this.#open(name, { kind, read, risk: "what its conditions match" });
  }

  /** The table in this file. Rejects with such an Error, too. */
  async openTable(name: string): Promise<FileList<TableContent>> {
    const read = await tableReader(name).catch((cause: unknown) => () => {
      throw cause;
    });
    return this.#open(name, { kind: "table", read, risk: "what plugins find in it" });
  }

  #open<Read extends { count: number }>(name: string, use: FileUse<Read>): FileList<Read> {
    const path = resolve(this.#deps.folder, name);
    const known = this.#lists.find((list) => list.path === path && list.kind === use.kind);
    // A kind says what is read.
    if (known !== undefined) return known as FileList<Read>;
    const { directories } = this.#deps;
    const refuse = (stray: string | undefined): void => {
      if (stray !== undefined) throw new Error(stray);
    };
    // A link may lead elsewhere by the time that it is read again.
    const mayReadAgain = async (): Promise<void> =>
      refuse(await strayMistakeAside(path, directories));
    try {
      refuse(strayMistake(path, directories));
      const list = new FileList(path, { ...use, mayReadAgain });
      this.#lists.push(list);
      return list;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`the file ${path} ${reason}`, { cause });
    }
  }

  /** Looks at the files from now on, until it is stopped. */
  watch(): void {
    if (this.#lists.length === 0 || this.#is_stopped) return;
    this.#timer = this.#deps.clock.after(look_interval_ms, () => {
      void this.#look().then(() => this.watch());
    });
  }

  stop(): void {
    this.#is_stopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { log, input } = this.#deps;
    for (const list of this.#lists) {
      const look = await list.look();
      if (this.#is_stopped || look === "same") continue;
      const facts = { input, file: list.path, values: list.count };
      if (look === "read")
        log.info("list_read", facts, "A list or table in a file was read again.");
      else {
        const failed = { ...facts, reason: list.trouble };
        const sentence =
          "A list or table in a file cannot be read again. The values read before stay.";
        log.warn("list_unreadable", failed, sentence);
      }
    }
  }
}
