/** A copy of bytes that keeps no other memory: small buffers of Node's share theirs, and a part of one keeps all of it. */
export function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
