/**
 * Passing over NUL bytes: holes in a file, and what a writer has allocated and not filled.
 */

const zeros = Buffer.alloc(64 * 1024);

/** The index of the first byte from `from` on that is not NUL; `to` where there is none. */
export function skipNuls(bytes: Buffer, from: number, to: number): number {
  let at = from;
  if (bytes[at] !== 0) return at;
  while (at < to) {
    const length = Math.min(to - at, zeros.length);
    if (bytes.compare(zeros, 0, length, at, at + length) !== 0) break;
    at += length;
  }
  while (at < to && bytes[at] === 0) at += 1;
  return at;
}

/** Where the bytes end without the NUL bytes at their end, from `from` on. */
export function withoutNuls(bytes: Buffer, from: number): number {
  let end = bytes.length;
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}
