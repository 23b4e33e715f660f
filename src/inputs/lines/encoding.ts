/**
 * Tells UTF-16 from UTF-8. Only UTF-8 is read as text; what is in UTF-16 is reported. A byte order mark at the very
 * beginning of a file or stream is no part of its first record.
 */

const byte_order_mark = Buffer.from("\ufeff");

/** Bytes that are looked at where there is no mark. */
const looked_at_bytes = 256;
/** With fewer it may be chance. */
const bytes_min = 16;

/** Whether the first bytes of a file are the byte order mark of UTF-16. */
export function hasUtf16Mark([first, second]: Buffer): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Whether most second bytes are NUL and none of the others is, as UTF-16 has Latin letters. */
export function looksLikeUtf16(bytes: Buffer): boolean {
  if (bytes.length < bytes_min || (bytes[0] !== 0 && bytes[1] !== 0)) return false;
  const end = Math.min(bytes.length, looked_at_bytes) & ~1;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < end; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  return Math.min(even, odd) === 0 && Math.max(even, odd) > (end / 2) * 0.75;
}

/** Whether these first bytes of a stream may yet become a UTF-8 byte order mark. */
export function mayBecomeMark(bytes: Buffer): boolean {
  const { length } = bytes;
  return length < byte_order_mark.length && byte_order_mark.subarray(0, length).equals(bytes);
}

/** Where the text begins in the first bytes of a file or stream: after a UTF-8 byte order mark, if there is one. */
export function textStart(bytes: Buffer): number {
  const { length } = byte_order_mark;
  return bytes[0] === byte_order_mark[0] && bytes.subarray(0, length).equals(byte_order_mark)
    ? length
    : 0;
}
