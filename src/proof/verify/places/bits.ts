/** One bit for each of some numbers. */

export function hasBit(bits: Uint8Array | undefined, at: number): boolean {
  return bits !== undefined && (bits[at >> 3]! & (1 << (at & 7))) !== 0;
}

export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3]! |= 1 << (at & 7);
}

/** Sets those from `from` on, before `to`. */
export function setBits(bits: Uint8Array, from: number, to: number): void {
  let at = from;
  for (; at < to && (at & 7) !== 0; at += 1) setBit(bits, at);
  const whole = to >> 3;
  if (at >> 3 < whole) {
    bits.fill(0xff, at >> 3, whole);
    at = whole << 3;
  }
  for (; at < to; at += 1) setBit(bits, at);
}

export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count += 1;
  return count;
}
