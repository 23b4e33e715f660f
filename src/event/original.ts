/**
 * What is kept of an event that goes to quarantine: facts of the record as it came in, and its text, masked.
 */
import { hash } from "node:crypto";
import type { Records, Truncation } from "./block.ts";
import type { LogEvent } from "./log-event.ts";

/** Length and SHA-256 of the record as it came in, before anything was cut or masked. */
export function originalOf(event: LogEvent<Records>): Truncation {
  const { block, number } = event;
  const known = block.known?.[number]?.original ?? event.truncation;
  if (known !== undefined) return known;
  const original = block.bytes.subarray(block.starts[number], block.ends[number]);
  return { original_bytes: original.length, original_sha256: hash("sha256", original) };
}

/**
 * The record with the edits so far and known secrets masked, where its bytes are not UTF-8 with U+FFFD;
 * null where a step left what cannot be written, or masking failed, since an unmasked one must not be kept.
 */
export function maskedText(
  event: LogEvent<Records>,
  mask: (text: string) => string,
): string | null {
  try {
    return mask(event.text);
  } catch {
    return null;
  }
}
