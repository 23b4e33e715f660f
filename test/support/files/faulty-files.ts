/**
 * A file system in memory that fails as real ones do: it runs full, refuses calls, loses what was not synced when it
 * crashes (torn in pages, in any order, directory entries as well), and stops dead at any call.
 */
import { basename, dirname } from "node:path";
import type { JournalFile, JournalFiles } from "../../../src/journal/segments/files.ts";

/** Small, so that small files are torn in many ways. */
const page_bytes = 64;

/** A change that a crash may take back, as it is not synced. */
type Change =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "cut"; readonly length: number };

class Inode {
  content: Buffer = Buffer.alloc(0);
  durable: Buffer = Buffer.alloc(0);
  changes: Change[] = [];

  apply(change: Change): void {
    this.content = applied(this.content, change);
    this.changes.push(change);
  }
}

interface Directory {
  readonly entries: Map<string, Inode>;
  readonly durable: Map<string, Inode>;
  /** What each name stood for, one after the other, since the directory was synced. */
  readonly changes: Map<string, (Inode | undefined)[]>;
}

/** Gives numbers from 0 to 1. */
export type Chance = () => number;

export class FaultyFiles implements JournalFiles {
  /** Bytes that fit. */
  space_bytes = Infinity;
  /** Calls that are still answered; then nothing is, as in a machine that has lost its power. */
  calls_left = Infinity;
  /** What goes wrong, by call from now on; undefined for a call that works. */
  faults: (string | undefined)[] = [];
  readonly #directories = new Map<string, Directory>();

  /** Every file's path, content and nothing else. */
  contents(): Map<string, Buffer> {
    const contents = new Map<string, Buffer>();
    for (const [path, { entries }] of this.#directories) {
      for (const [name, { content }] of entries) contents.set(`${path}/${name}`, content);
    }
    return contents;
  }

  /** What is there after the process was killed: all that it wrote. It is never answered any more. */
  killed(): FaultyFiles {
    this.calls_left = 0;
    const after = new FaultyFiles();
    for (const [path, directory] of this.#directories) after.#directories.set(path, directory);
    return after;
  }

  /** What is there after the power was cut. */
  crashed(chance: Chance): FaultyFiles {
    const after = new FaultyFiles();
    const survivors = new Map<Inode, Inode>();
    for (const [path, directory] of this.#directories) {
      const names = new Map(directory.durable);
      for (const [name, states] of directory.changes) {
        const kept = Math.floor(chance() * (states.length + 1));
        const state = kept === 0 ? directory.durable.get(name) : states[kept - 1];
        if (state === undefined) names.delete(name);
        else names.set(name, state);
      }
      const entries = new Map<string, Inode>();
      for (const [name, inode] of names) {
        let survivor = survivors.get(inode);
        if (survivor === undefined) {
          survivor = new Inode();
          survivor.content = survivor.durable = survived(inode, chance);
          survivors.set(inode, survivor);
        }
        entries.set(name, survivor);
      }
      const durable = new Map(entries);
      after.#directories.set(path, { entries, durable, changes: new Map() });
    }
    return after;
  }

  /** Turns one bit of a file, on the disk. */
  flip(path: string, at: number, bit: number): void {
    const inode = this.#directories.get(dirname(path))!.entries.get(basename(path))!;
    inode.content = Buffer.from(inode.content);
    inode.content[at]! ^= 1 << bit;
    inode.durable = inode.content;
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#call();
    if (this.#directories.has(path)) return;
    // That the journal's parents outlive a crash is not what is tried here.
    const directory = { entries: new Map(), durable: new Map(), changes: new Map() };
    this.#directories.set(path, directory);
  }

  async list(path: string): Promise<string[]> {
    await this.#call();
    return [...this.#directory(path).entries.keys()];
  }

  async create(path: string): Promise<JournalFile> {
    await this.#call();
    if (this.#directory(dirname(path)).entries.has(basename(path))) throw failure("EEXIST");
    const inode = new Inode();
    this.#name(path, inode);
    return this.#fileOf(inode);
  }

  async open(path: string): Promise<JournalFile> {
    await this.#call();
    return this.#fileOf(this.#inode(path));
  }

  async truncate(path: string, length: number): Promise<void> {
    await this.#call();
    const inode = this.#inode(path);
    if (inode.content.length > length) inode.apply({ kind: "cut", length });
  }

  async link(path: string, other: string): Promise<void> {
    await this.#call();
    this.#name(other, this.#inode(path));
  }

  async rename(path: string, other: string): Promise<void> {
    await this.#call();
    this.#name(other, this.#inode(path));
    this.#name(path, undefined);
  }

  async remove(path: string): Promise<void> {
    await this.#call();
    this.#inode(path);
    this.#name(path, undefined);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#call();
    const directory = this.#directory(path);
    directory.durable.clear();
    for (const [name, inode] of directory.entries) directory.durable.set(name, inode);
    directory.changes.clear();
  }

  async space(): Promise<{ free_bytes: number; total_bytes: number }> {
    await this.#call();
    const free_bytes = Math.max(0, this.space_bytes - this.#used_bytes());
    return { free_bytes, total_bytes: this.space_bytes };
  }

  #fileOf(inode: Inode): JournalFile {
    return {
      read: async (bytes, position) => {
        await this.#call();
        return inode.content.subarray(position).copy(bytes);
      },
      write: (buffers, position) => this.#write(inode, Buffer.concat(buffers), position),
      sync: async () => {
        try {
          await this.#call();
        } catch (cause) {
          // As Linux does it: the pages count as clean from now on, wherever they are.
          inode.changes = [];
          throw cause;
        }
        inode.durable = inode.content;
        inode.changes = [];
      },
      size: async () => {
        await this.#call();
        return inode.content.length;
      },
      close: () => this.#call(),
    };
  }

  async #write(inode: Inode, bytes: Buffer, at: number): Promise<void> {
    const room = Math.max(0, this.space_bytes - this.#used_bytes() + inode.content.length - at);
    try {
      await this.#call();
    } catch (cause) {
      // A write that fails can have written something.
      if (bytes.length > 1) {
        inode.apply({ kind: "write", at, bytes: bytes.subarray(0, bytes.length >> 1) });
      }
      throw cause;
    }
    inode.apply({ kind: "write", at, bytes: bytes.subarray(0, Math.min(bytes.length, room)) });
    if (bytes.length > room) throw failure("ENOSPC");
  }

  /** Every call comes through here. */
  async #call(): Promise<void> {
    this.calls_left -= 1;
    if (this.calls_left < 0) await new Promise(() => undefined);
    const code = this.faults.shift();
    if (code !== undefined) throw failure(code);
  }

  #used_bytes(): number {
    let used = 0;
    for (const { entries } of this.#directories.values()) {
      for (const { content } of new Set(entries.values())) used += content.length;
    }
    return used;
  }

  #directory(path: string): Directory {
    const directory = this.#directories.get(path);
    if (directory === undefined) throw failure("ENOENT");
    return directory;
  }

  #inode(path: string): Inode {
    const inode = this.#directory(dirname(path)).entries.get(basename(path));
    if (inode === undefined) throw failure("ENOENT");
    return inode;
  }

  #name(path: string, inode: Inode | undefined): void {
    const { entries, changes } = this.#directory(dirname(path));
    const name = basename(path);
    if (inode === undefined) entries.delete(name);
    else entries.set(name, inode);
    changes.set(name, [...(changes.get(name) ?? []), inode]);
  }
}

function applied(content: Buffer, change: Change): Buffer {
  if (change.kind === "cut") return content.subarray(0, change.length);
  const length = Math.max(content.length, change.at + change.bytes.length);
  const bytes = Buffer.alloc(length);
  content.copy(bytes);
  change.bytes.copy(bytes, change.at);
  return bytes;
}

/** What of a file the disk has after a crash: of each unsynced change all, nothing, or some pages. */
function survived(inode: Inode, chance: Chance): Buffer {
  let content = inode.durable;
  for (const change of inode.changes) {
    const luck = chance();
    if (luck < 0.3) continue;
    if (change.kind === "cut" || luck < 0.6) {
      content = applied(content, change);
      continue;
    }
    for (let from = 0; from < change.bytes.length; from += page_bytes) {
      const bytes = change.bytes.subarray(from, from + page_bytes);
      if (chance() < 0.6)
        content = applied(content, { kind: "write", at: change.at + from, bytes });
    }
  }
  return content;
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}
