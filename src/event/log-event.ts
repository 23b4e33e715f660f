/**
 * An event on its way: a window on one record of a block, its metadata, and its pending edits.
 */
import type { Block, Truncation } from "./block.ts";
import type { Event, Metadata } from "./event.ts";
import type { Scanner } from "./scanner.ts";

export declare class LogEvent implements Event {
  constructor(block: Block, number: number, scanner: Scanner);
  readonly block: Block;
  /** The record's number in its block. */
  readonly number: number;
  /** Offset of the record in its stream. */
  readonly offset: number;
  readonly truncation: Truncation | undefined;
  /** As it stands now; the block's own object unless a step changed it. */
  readonly metadata: Metadata;
  /** Bytes that `copyTo` writes. */
  readonly byteLength: number;
  /** Writes the record, edits applied, to `target` from `at`; returns where it ends. */
  copyTo(target: Buffer, at: number): number;
  invalid: Event["invalid"];
  get: Event["get"];
  getAll: Event["getAll"];
  has: Event["has"];
  set: Event["set"];
  replace: Event["replace"];
  delete: Event["delete"];
  record: Event["record"];
  text: string;
  time: string;
  host: string | undefined;
  source: string | undefined;
  sourcetype: string | undefined;
  index: string | undefined;
  fields: Event["fields"];
  drop: Event["drop"];
  quarantine: Event["quarantine"];
}
