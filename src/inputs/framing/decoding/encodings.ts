/**
 * The encodings in which records are read. All but UTF-8 are decoded before anything looks at a record.
 */

/** By the name that a user writes. */
export const encodings = ["utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252"] as const;

export type Encoding = (typeof encodings)[number];

/** What a user asks for: one by its name, or the one that a file or stream begins with. */
export type ChosenEncoding = Encoding | "auto";

/** Bytes of the smallest character. */
export function unitBytesOf(encoding: Encoding): 1 | 2 {
  return isUtf16(encoding) ? 2 : 1;
}

export function isUtf16(encoding: Encoding): encoding is "utf-16le" | "utf-16be" {
  return encoding === "utf-16le" || encoding === "utf-16be";
}
