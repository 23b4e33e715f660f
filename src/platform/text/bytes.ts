/** Text as bytes. */

/** Whether `expected` stands in `bytes` from `at` on. Of short texts this is quicker than a call of Buffer's. */
export function isAt(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let next = 0; next < expected.length; next += 1)
    if (bytes[at + next] !== expected[next]) return false;
  return true;
}
