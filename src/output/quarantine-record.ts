/**
 * One line of the quarantine: what is kept of an event that can neither be shipped nor dropped.
 */
import type { Verdict } from "../event/event.ts";
import type { LogEvent } from "../event/log-event.ts";
import { maskedText, originalOf } from "../event/original.ts";

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
  /** The record with the edits so far and known secrets masked; null where that failed. */
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
  const { original_bytes, original_sha256 } = originalOf(event);
  return {
    time: new Date(now_ms).toISOString(),
    input: origin.input,
    stream: origin.stream,
    offset: event.offset,
    reason: verdict.reason,
    ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
    ...(step === undefined ? {} : { step }),
    original_bytes,
    sha256: original_sha256,
    text: maskedText(event, mask),
  };
}
