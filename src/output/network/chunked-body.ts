/**
 * A body in chunks (RFC 9112, 7.1), which may come in pieces of any length.
 *
 *     5;name=value\r\n   hello\r\n   0\r\n   Trailer: value\r\n   \r\n
 *     '--- line ---'     '- data -'  '--- the last ones: passed over ---'
 */
import { readHeaders } from "./answer-headers.ts";
import { brokenAnswer } from "./failure.ts";

/** Nobody needs extensions, nor trailers. */
const line_bytes_max = 4096;
const trailer_bytes_max = 16_384;

const line_feed = 10;
const size_line = /^0*([0-9a-f]{1,12})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?\r\n$/i;

export class ChunkedBody {
  #part: "size" | "data" | "data end" | "trailer" | "end" = "size";
  /** Bytes of the chunk's data that are to come. */
  #left = 0;
  /** The beginning of a line, in Latin-1. */
  #line = "";
  #trailer_bytes = 0;

  get is_complete(): boolean {
    return this.#part === "end";
  }

  /**
   * Takes the next bytes, from `from` on, and gives each piece of data to `take`. Returns where what belongs to the body ends.
   * Throws a ConnectionError where they are no such body.
   */
  push(bytes: Buffer, from: number, take: (data: Buffer) => void): number {
    let at = from;
    while (at < bytes.length && !this.is_complete) {
      if (this.#part !== "data") {
        at = this.#pushLine(bytes, at);
        continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      take(bytes.subarray(at, end));
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#part = "data end";
    }
    return at;
  }

  #pushLine(bytes: Buffer, from: number): number {
    const line_end = bytes.indexOf(line_feed, from);
    const end = line_end === -1 ? bytes.length : line_end + 1;
    if (this.#line.length + end - from > line_bytes_max)
      throw brokenAnswer("CHUNK_EXTENSIONS_OVERFLOW", "a line of its body is too long");
    this.#line += bytes.toString("latin1", from, end);
    if (line_end !== -1) {
      const line = this.#line;
      this.#line = "";
      this.#readLine(line);
    }
    return end;
  }

  #readLine(line: string): void {
    if (this.#part === "size") {
      const size = size_line.exec(line)?.[1];
      if (size === undefined) throw brokenAnswer("INVALID_CHUNK_SIZE", "a chunk has no size");
      this.#left = Number.parseInt(size, 16);
      this.#part = this.#left === 0 ? "trailer" : "data";
    } else if (this.#part === "data end") {
      if (line !== "\r\n") throw brokenAnswer("STRICT", "a chunk is longer than its size");
      this.#part = "size";
    } else {
      this.#trailer_bytes += line.length;
      if (this.#trailer_bytes > trailer_bytes_max)
        throw brokenAnswer("HEADER_OVERFLOW", "its trailer is too long");
      if (!line.endsWith("\r\n")) throw brokenAnswer("CR_EXPECTED", "a line ends without CR");
      if (line === "\r\n") this.#part = "end";
      else readHeaders([line.slice(0, -2)]);
    }
  }
}
