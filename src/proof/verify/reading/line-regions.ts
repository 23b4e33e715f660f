/**
 * Bytes of a file as regions of whole lines, each with its line feed. The same buffers are used for all of them, so that reading makes no
 * garbage: a region holds until the next bytes come.
 */
const line_feed = 0x0a;
/** More than the longest event that an agent takes, escaped. */
const line_bytes_max = 512 * 1024 * 1024;

/** The region is what of `bytes` is from `start` to `end`. */
export type TakeRegion = (bytes: Buffer, start: number, end: number) => void;

export class LineRegions {
  readonly #take: TakeRegion;
  /** Has what is not handed on yet. */
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  #start = 0;
  #end = 0;

  constructor(take: TakeRegion) {
    this.#take = take;
  }

  add(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    const added = this.#end;
    this.#end += chunk.length;
    const last = chunk.lastIndexOf(line_feed);
    if (last !== -1) this.#handOn(added + last + 1);
  }

  /**
   * The same, of bytes that have `start` bytes of room before them: what is left of the last line is put there, and nothing else has to
   * be copied.
   */
  addPart(part: Buffer, start: number, end: number): void {
    const left = this.#end - this.#start;
    const last = part.lastIndexOf(line_feed, end - 1);
    if (left > start || last < start) return this.add(part.subarray(start, end));
    this.#bytes.copy(part, start - left, this.#start, this.#end);
    this.#start = 0;
    this.#end = 0;
    this.#take(part, start - left, last + 1);
    // The part is read into again.
    if (last + 1 < end) this.add(part.subarray(last + 1, end));
  }

  /** No more comes: a last line without a line feed gets one. */
  end(): void {
    if (this.#end > this.#start) this.add(Buffer.of(line_feed));
  }

  #handOn(to: number): void {
    const from = this.#start;
    this.#start = to;
    this.#take(this.#bytes, from, to);
  }

  /** Moves what is left to the front, or to a longer buffer. */
  #makeRoom(length: number): void {
    const left = this.#bytes.subarray(this.#start, this.#end);
    if (left.length > line_bytes_max) throw new Error("a line does not end: this is no export");
    const needed = left.length + length;
    if (needed > this.#bytes.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
      longer.set(left);
      this.#bytes = longer;
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = left.length;
  }
}

/** Calls with each line of a region, without its line feed. */
export function eachLine(bytes: Buffer, [start, end]: [number, number], take: TakeRegion): void {
  for (let at = start; at < end;) {
    const line_end = bytes.indexOf(line_feed, at);
    take(bytes, at, line_end);
    at = line_end + 1;
  }
}

/** Calls with each line of a region that has one of these words. */
export function linesWith(
  words: readonly Buffer[],
  [bytes, start, end]: readonly [Buffer, number, number],
  take: TakeRegion,
): void {
  const region = bytes.subarray(start, end);
  const next = words.map(() => -1);
  for (let at = 0; at < region.length;) {
    let hit = region.length;
    for (const [word, bytes_of] of words.entries()) {
      if (next[word]! < at) {
        const found = region.indexOf(bytes_of, at);
        next[word] = found === -1 ? region.length : found;
      }
      hit = Math.min(hit, next[word]!);
    }
    if (hit === region.length) return;
    const line_end = region.indexOf(line_feed, hit);
    const line_start = region.lastIndexOf(line_feed, hit) + 1;
    take(bytes, start + line_start, start + line_end);
    at = line_end + 1;
  }
}
