/**
 * Short strings of records that were looked at once and hold nothing, by who looks: some, such as the user agent `[AWSConfig]`,
 * begin like JSON and come in every other event.
 */
import type { Part } from "../../detectors/contract/detection.ts";

/** How many strings are kept for each who looks, and how long they may be. */
const kept_max = 256;
const kept_bytes_max = 128;

const known = new WeakMap<object, Set<string>>();

/** Whether the string there, as it is written, is known to hold nothing. */
export function isHarmless(who: object, bytes: Buffer, { start, end }: Part): boolean {
  const kept = end - start <= kept_bytes_max ? known.get(who) : undefined;
  return kept !== undefined && kept.has(bytes.toString("latin1", start, end));
}

/** Keeps that the string there, as it is written, holds nothing. */
export function noteHarmless(who: object, bytes: Buffer, { start, end }: Part): void {
  if (end - start > kept_bytes_max) return;
  let kept = known.get(who);
  if (kept === undefined) known.set(who, (kept = new Set()));
  if (kept.size >= kept_max) kept.clear();
  kept.add(bytes.toString("latin1", start, end));
}
