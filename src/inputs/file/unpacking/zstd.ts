/**
 * The frames of a Zstandard file (RFC 8878), one after the other.
 *
 * The library decompresses them, and says nothing of where one ends. So their structure is followed here: a header, blocks
 * that each say how long they are, and perhaps a checksum. What is handed to the library is never more than one frame's.
 */
import { Engine } from "./engine.ts";
import type { Decoder, Step } from "./decoder.ts";
import { isSkippableFrame } from "./kinds.ts";

const checksum_bytes = 4;
const block_header_bytes = 3;
const magic = [0x28, 0xb5, 0x2f, 0xfd];
/** Of a frame without content, but for the low half of its first byte. */
const skippable = [0x50, 0x2a, 0x4d, 0x18];
/** Bytes of the size of the content in a header, by the flag for it. */
const size_bytes = [0, 2, 4, 8];
const dictionary_bytes = [0, 1, 2, 4];

export class ZstdDecoder implements Decoder {
  #engine: Engine | undefined;
  #part: "magic" | "block" | "checksum" = "magic";
  /** Bytes of the current part whose length is known, that were not taken yet. */
  #owed_bytes = 0;
  /** Whether they are passed over. */
  #is_skipped = false;
  #has_checksum = false;

  get is_between(): boolean {
    return this.#part === "magic" && this.#owed_bytes === 0;
  }

  missingBytes(rest: Buffer): number {
    if (this.is_between) return rest.length === 0 ? 0 : block_header_bytes;
    if (this.#owed_bytes > 0) return this.#owed_bytes;
    return this.#part === "checksum" ? checksum_bytes : block_header_bytes - rest.length;
  }

  async step(rest: Buffer): Promise<Step> {
    const piece = await this.#engine?.next();
    if (typeof piece === "object") return { kind: "content", content: piece, rest };
    if (piece === "damaged" || piece === "ended") return { kind: "damaged", rest };
    if (this.#owed_bytes > 0) return this.#takeOwed(rest);
    if (this.#part === "checksum") {
      this.#part = "magic";
      this.#owed_bytes = this.#has_checksum ? checksum_bytes : 0;
      return { kind: "taken", rest };
    }
    return this.#part === "block" ? this.#readBlock(rest) : this.#readMagic(rest);
  }

  close(): void {
    this.#engine?.close();
  }

  #takeOwed(rest: Buffer): Step {
    if (rest.length === 0) return { kind: "starved", rest };
    const bytes = rest.subarray(0, this.#owed_bytes);
    this.#owed_bytes -= bytes.length;
    if (!this.#is_skipped) this.#engine!.give(bytes);
    if (this.#owed_bytes === 0) this.#is_skipped = false;
    return { kind: "taken", rest: rest.subarray(bytes.length) };
  }

  #readBlock(rest: Buffer): Step {
    if (rest.length < block_header_bytes) return { kind: "starved", rest };
    const header = rest.readUIntLE(0, block_header_bytes);
    const is_last = (header & 1) === 1;
    const type = (header >> 1) & 3;
    // Of a run of one byte the block has just that byte, however long the run is.
    this.#owed_bytes = block_header_bytes + (type === 1 ? 1 : header >> 3);
    if (is_last) this.#part = "checksum";
    return this.#takeOwed(rest);
  }

  #readMagic(rest: Buffer): Step {
    if (isSkippableFrame(rest)) {
      if (rest.length < 8) return { kind: "starved", rest };
      this.#owed_bytes = rest.readUInt32LE(4);
      this.#is_skipped = this.#owed_bytes > 0;
      return { kind: "taken", rest: rest.subarray(8) };
    }
    if (!mayBegin(rest)) return { kind: "damaged", rest };
    if (rest.length < 5) return { kind: "starved", rest };
    const descriptor = rest[4]!;
    const is_single = (descriptor & 32) !== 0;
    const size_flag = descriptor >> 6;
    const length =
      5 +
      (is_single ? 0 : 1) +
      dictionary_bytes[descriptor & 3]! +
      (size_flag === 0 && is_single ? 1 : size_bytes[size_flag]!);
    this.#has_checksum = (descriptor & 4) !== 0;
    this.#part = "block";
    this.#owed_bytes = length;
    this.#engine ??= new Engine("zstd");
    return { kind: "taken", rest };
  }
}

/** Whether a frame may begin with these bytes, as far as there are any. */
function mayBegin(bytes: Buffer): boolean {
  const begins = (each: readonly number[], mask: number): boolean =>
    each.every((byte, at) => at >= bytes.length || (bytes[at]! & (at === 0 ? mask : 255)) === byte);
  return begins(magic, 255) || (bytes.length < 4 && begins(skippable, 0xf0));
}
