/**
 * A record in another encoding that is longer than what is kept of it: it is decoded and followed piece by piece.
 */
import type { RecordHeader } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";
import type { FramingState, LongRecord } from "../contract/framer.ts";
import { unitBytesOf, type Encoding } from "./encodings.ts";
import { RawPlaces } from "./raw-places.ts";
import { toUtf8, wholeBytesOf } from "./transcode.ts";

export class LongDecoded implements LongRecord {
  readonly unit_bytes: number;
  readonly #record: LongRecord;
  readonly #encoding: Encoding;

  /** `record` follows the decoded text. */
  constructor(record: LongRecord, encoding: Encoding) {
    this.#record = record;
    this.#encoding = encoding;
    this.unit_bytes = unitBytesOf(encoding);
  }

  get content_bytes(): number {
    return this.#record.content_bytes;
  }

  get is_ended(): boolean {
    return this.#record.is_ended;
  }

  get is_blank(): boolean {
    return this.#record.is_blank;
  }

  get is_passed_over(): boolean {
    return this.#record.is_passed_over === true;
  }

  get members(): number {
    return this.#record.members ?? 0;
  }

  get state(): FramingState {
    return this.#record.state;
  }

  get header(): RecordHeader | undefined {
    return this.#record.header;
  }

  /** Takes whole characters, and leaves a part of one to be given again. */
  push(bytes: Buffer): number {
    const to = wholeBytesOf(bytes, this.#encoding);
    const decoded = toUtf8(bytes.subarray(0, to), this.#encoding);
    const taken_bytes = this.#record.push(decoded);
    return new RawPlaces(decoded, this.#encoding, 0, to).of(taken_bytes);
  }

  endsInNuls(count: number): boolean {
    return this.#record.endsInNuls?.(Math.floor(count / this.unit_bytes)) === true;
  }

  digest(): string {
    return this.#record.digest();
  }

  verdict(whole: Buffer | undefined): Verdict | undefined {
    return this.#record.verdict?.(whole);
  }
}
