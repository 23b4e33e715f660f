/**
 * The members of a gzip file (RFC 1952): header, compressed data and trailer, one after the other.
 */
import { crc32 } from "node:zlib";
import { Engine } from "./engine.ts";
import { nothing, type Decoder, type Step } from "./decoder.ts";

/** Names and comments in a header have no bound of their own. */
const header_bytes_max = 128 * 1024;
const trailer_bytes = 8;
const has_checksum = 2;
const has_extra = 4;
const has_name = 8;
const has_comment = 16;

export class GzipDecoder implements Decoder {
  #part: "header" | "body" | "trailer" = "header";
  #engine: Engine | undefined;
  /** What the engine was given last. */
  #given: Buffer = nothing;
  #crc = 0;
  #length = 0;

  get is_between(): boolean {
    return this.#part === "header";
  }

  /** What is certain to follow an unfinished member: its trailer, less what is there of it. */
  missingBytes(rest: Buffer): number {
    if (this.#part === "header") return rest.length === 0 ? 0 : trailer_bytes;
    return trailer_bytes - (this.#part === "trailer" ? rest.length : 0);
  }

  async step(rest: Buffer): Promise<Step> {
    if (this.#part === "header") return this.#readHeader(rest);
    if (this.#part === "trailer") return this.#readTrailer(rest);
    const engine = this.#engine!;
    const piece = await engine.next();
    if (typeof piece === "object") {
      this.#crc = crc32(piece, this.#crc);
      this.#length = (this.#length + piece.length) >>> 0;
      return { kind: "content", content: piece, rest };
    }
    if (piece === "damaged") return { kind: "damaged", rest };
    if (piece === "hungry") {
      if (rest.length === 0) return { kind: "starved", rest };
      this.#given = rest;
      engine.give(rest);
      return { kind: "taken", rest: nothing };
    }
    const { unused_bytes } = engine;
    engine.close();
    this.#part = "trailer";
    const unused = this.#given.subarray(this.#given.length - unused_bytes);
    return { kind: "taken", rest: rest.length === 0 ? unused : Buffer.concat([unused, rest]) };
  }

  close(): void {
    this.#engine?.close();
  }

  #readHeader(rest: Buffer): Step {
    const length = headerLength(rest);
    if (length === "invalid") return { kind: "damaged", rest };
    if (length === "unfinished") {
      return { kind: rest.length < header_bytes_max ? "starved" : "damaged", rest };
    }
    this.#part = "body";
    this.#crc = 0;
    this.#length = 0;
    this.#engine = new Engine("deflate");
    return { kind: "taken", rest: rest.subarray(length) };
  }

  #readTrailer(rest: Buffer): Step {
    if (rest.length < trailer_bytes) return { kind: "starved", rest };
    const is_right = rest.readUInt32LE(0) === this.#crc && rest.readUInt32LE(4) === this.#length;
    this.#part = "header";
    return { kind: is_right ? "taken" : "mismatch", rest: rest.subarray(trailer_bytes) };
  }
}

/** The length of the header that the bytes begin with. */
function headerLength(bytes: Buffer): number | "unfinished" | "invalid" {
  const magic = [0x1f, 0x8b, 0x08];
  if (magic.some((byte, at) => at < bytes.length && bytes[at] !== byte)) return "invalid";
  if (bytes.length < 10) return "unfinished";
  const flags = bytes[3]!;
  // What reserved bits mean is not known.
  if (flags > 31) return "invalid";
  let end = 10;
  if (flags & has_extra) {
    if (bytes.length < end + 2) return "unfinished";
    end += 2 + bytes.readUInt16LE(end);
  }
  for (const flag of [has_name, has_comment]) {
    if ((flags & flag) === 0) continue;
    const nul = end > bytes.length ? -1 : bytes.indexOf(0, end);
    if (nul === -1) return "unfinished";
    end = nul + 1;
  }
  if (flags & has_checksum) end += 2;
  return end <= bytes.length ? end : "unfinished";
}
