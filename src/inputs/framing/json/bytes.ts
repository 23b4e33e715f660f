/**
 * The bytes that JSON is made of, and what may stand between its documents and elements.
 */

/** Where the bytes between two units stand; `lost` where nobody knows. */
export type Level = "documents" | "array" | "after" | "lost";

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const backslash = 0x5c;
export const line_feed = 0x0a;
export const open_brace = 0x7b;
export const close_brace = 0x7d;
export const open_bracket = 0x5b;
export const close_bracket = 0x5d;
export const byte_order_mark = [0xef, 0xbb, 0xbf] as const;
/** Before each document of a JSON text sequence (RFC 7464). */
const record_separator = 0x1e;

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === line_feed || byte === 0x0d || byte === 0x09;
}

/** Whether the byte belongs to no unit at this level: white space, and commas where several values may follow each other. */
export function isBetween(byte: number, level: Level): boolean {
  if (level === "lost") return false;
  if (isSpace(byte)) return true;
  if (byte === comma) return level !== "after";
  return byte === record_separator && level === "documents";
}
