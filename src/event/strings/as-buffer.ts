/** Bytes of the plugin API, which has no types of Node. */

/** The same bytes as a Buffer: they nearly always are one. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
