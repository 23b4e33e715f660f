/**
 * What is known of a followed file now and then: of most files, and nearly always, it is what it is of all. That stands on
 * the prototype, once, and a file has a property of its own only from when it is something else; there are very many files.
 */
import type { Misfit } from "../../framing/fitting.ts";
import type { ScannedRecord } from "./scanned-record.ts";

/** What follows for a file from how long it has been unchanged. */
export interface Quiet {
  /** Of the `grown_at_ms` for which it was found: it holds as long as that is the same. */
  readonly since_ms: number;
  /** Whether a group of ended records at its end is whole. */
  readonly is_group_whole: boolean;
  /** What becomes of a record at its end that has none: it is left, or shipped, or only where it is a whole document. */
  readonly unfinished: "left" | "shipped_if_whole" | "shipped";
}

export class SeldomSet {
  /** The record at the offset, where it is longer than a chunk. */
  declare long: ScannedRecord | undefined;
  /** What the framing knows of the unfinished record at the offset. */
  declare followed: unknown;
  /** NUL bytes from `offset` on that were seen and wait for what follows them. */
  declare hole_bytes: number;
  /** Whose framer read it in another encoding, and up to where. */
  declare former_framer: { readonly id: string; readonly offset: number } | undefined;
  /** Whether there are records in it in another encoding than its own. */
  declare is_mixed: boolean;
  /** Whether that was logged. */
  declare is_mixture_reported: boolean;
  /** What it is instead, where its beginning has no records of the framing. */
  declare misfit: Misfit | undefined;
  /** NUL bytes passed over so far. */
  declare nul_bytes: number;
  /** Members of documents passed over so far. */
  declare members: number;
  /** Bytes at the file's end, when a read came to it last, of a record that has no end. */
  declare unfinished_bytes: number;
  /** As a survey found it last. */
  declare found_quiet: Quiet | undefined;
  /** Whether the last look found the time of change to be another, and nothing to read. */
  declare is_touched: boolean;
  /** Whether that was logged. */
  declare is_touch_reported: boolean;
  /** Whether it is to be shipped to its last byte at the next turn. */
  declare finishing: boolean;
  /** Whether, while a turn was in progress, it was seen to have other content than what was read of it. */
  declare was_rewritten: boolean;
  /** Where the file ended when it was found to be shorter than before, though longer than what was read of it. */
  declare cut_at: number | undefined;
  /** What the system last said, such as EACCES, while it cannot be read. */
  declare trouble: string | undefined;
  /** Looks in a row that did not find it. */
  declare missed: number;
  /** Of a compressed file: its size, and how much of that is decompressed. */
  declare packed_size: number;
  declare packed_read_bytes: number;

  /** Where there is one: `predecessor`. */
  declare took_place_of: SeldomSet | undefined;
  /** How many files took its place and know it. */
  declare successors: number;

  /** The file whose place this one took. */
  get predecessor(): this | undefined {
    return this.took_place_of as this | undefined;
  }

  set predecessor(file: this | undefined) {
    if (this.took_place_of === file) return;
    if (this.took_place_of !== undefined) this.took_place_of.successors -= 1;
    this.took_place_of = file;
    if (file !== undefined) file.successors += 1;
  }

  /** Sets a property where it is not so already. */
  set<Name extends Exclude<keyof SeldomSet, "set" | "predecessor">>(
    name: Name,
    value: SeldomSet[Name],
  ): void {
    if (this[name] !== value) (this as SeldomSet)[name] = value;
  }
}

/** Of most files. */
const usual: Omit<SeldomSet, "set" | "predecessor"> = {
  took_place_of: undefined,
  successors: 0,
  long: undefined,
  followed: undefined,
  hole_bytes: 0,
  former_framer: undefined,
  is_mixed: false,
  is_mixture_reported: false,
  misfit: undefined,
  nul_bytes: 0,
  members: 0,
  unfinished_bytes: 0,
  found_quiet: undefined,
  is_touched: false,
  is_touch_reported: false,
  finishing: false,
  was_rewritten: false,
  cut_at: undefined,
  trouble: undefined,
  missed: 0,
  packed_size: 0,
  packed_read_bytes: 0,
};
Object.assign(SeldomSet.prototype, usual);
