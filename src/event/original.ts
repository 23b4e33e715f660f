/**
 * What is kept of an event that goes to quarantine: what is known of the record as it came in, and its text, masked.
 */
import { hash } from "node:crypto";
import type { Records, Truncation } from "./block.ts";
import type { KeptEvent } from "./kept-event.ts";
import type { LogEvent } from "./log-event.ts";

/** Length and SHA-256 of the record as it came in, before anything was cut or masked. */
export function originalOf(event: LogEvent<Records>): Truncation {
  const { block, number } = event;
  const known = block.known?.[number]?.original ?? event.truncation;
  if (known !== undefined) return known;
  const original = block.bytes.subarray(block.starts[number], block.ends[number]);
  return { original_bytes: original.length, original_sha256: hash("sha256", original) };
}

/** The event with known secrets masked. */
export function keptOf(event: LogEvent<Records>, mask: (text: string) => string): KeptEvent {
  const { verdict, kept, original } = event.block.known?.[event.number] ?? {};
  if (kept?.text === null) return { text: null };
  const is_truncated = event.truncation !== undefined || kept?.truncated === true;
  const masked = maskedEvent(() => {
    const { text, time, metadata } = event;
    // What was kept before, in a journal, has its original beside it; all else ends here.
    const is_first = verdict === undefined || original === undefined;
    if (is_first) return { text, metadata: { time, ...metadata } };
    if (kept !== undefined) return { text, metadata: kept.metadata, masked: kept.masked };
    // An older journal does not say whether something was masked.
    const is_original = hash("sha256", text) === originalOf(event).original_sha256;
    return { text, metadata: undefined, masked: !is_original };
  }, mask);
  return { ...(is_truncated && { truncated: true }), ...masked };
}

/** What `read` gives, with known secrets masked. Nothing of it where that fails. */
export function maskedEvent(
  read: () => { text: string; metadata: unknown; masked?: boolean | undefined },
  mask: (text: string) => string,
): KeptEvent {
  try {
    const { text, metadata, masked = false } = read();
    const masked_text = mask(text);
    if (metadata === undefined)
      return { masked: masked || masked_text !== text, text: masked_text };
    const json = JSON.stringify(metadata);
    const masked_json = maskedJson(metadata, mask);
    return {
      masked: masked || masked_text !== text || masked_json !== json,
      metadata: JSON.parse(masked_json) as unknown,
      text: masked_text,
    };
  } catch {
    return { text: null };
  }
}

/** Both each value by itself, and all as text: only so a value is known by the name of its key. */
function maskedJson(value: unknown, mask: (text: string) => string): string {
  const maskValue = (_key: string, each: unknown): unknown => {
    if (typeof each !== "string" && typeof each !== "number") return each;
    const masked = mask(String(each));
    // A number stays one, unless it is a secret: what that leaves is no JSON without quotes.
    return masked === String(each) ? each : masked;
  };
  return mask(JSON.stringify(value, maskValue));
}
