/**
 * One line of the quarantine: what is kept of an event that can neither be shipped nor dropped.
 */
import { createHash } from "node:crypto";
import type { LogEvent } from "../event/log-event.ts";
import type { Verdict } from "../event/event.ts";

export interface QuarantineRecord {
  /** When the event was put here, ISO 8601. */
  time: string;
  input: string;
  stream: string;
  /** Where the record begins in its stream, in bytes. */
  offset: number;
  reason: string;
  detail?: string;
  /** The chain step that ended it. */
  step?: string;
  /** Length of the record as it was read. */
  original_bytes: number;
  /** Of the record as it was read, in hex. */
  sha256: string;
  /**
   * The record with the edits so far and known secrets masked, where its bytes are not UTF-8 with U+FFFD;
   * null where a step left what cannot be written, or masking failed, since an unmasked one must not be kept.
   */
  text: string | null;
}

export interface QuarantinedFacts {
  verdict: Verdict;
  step: string | undefined;
  now_ms: number;
  mask: (text: string) => string;
}

/** Reads all that is kept of the event, so that its block is free to go. */
export function quarantineRecord(event: LogEvent, facts: QuarantinedFacts): QuarantineRecord {
  const { verdict, step, now_ms, mask } = facts;
  const { origin } = event.block;
  return {
    time: new Date(now_ms).toISOString(),
    input: origin.input,
    stream: origin.stream,
    offset: event.offset,
    reason: verdict.reason,
    ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
    ...(step === undefined ? {} : { step }),
    ...originalOf(event),
    text: maskedText(event, mask),
  };
}

function originalOf(event: LogEvent): Pick<QuarantineRecord, "original_bytes" | "sha256"> {
  const { block, number } = event;
  const original_facts = block.known?.[number]?.original ?? event.truncation;
  if (original_facts !== undefined) {
    return {
      original_bytes: original_facts.original_bytes,
      sha256: original_facts.original_sha256,
    };
  }
  const original = block.bytes.subarray(block.starts[number], block.ends[number]);
  return {
    original_bytes: original.length,
    sha256: createHash("sha256").update(original).digest("hex"),
  };
}

function maskedText(event: LogEvent, mask: (text: string) => string): string | null {
  try {
    return mask(event.text);
  } catch {
    return null;
  }
}
