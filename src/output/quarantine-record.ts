/**
 * One line of the quarantine: what is kept of an event that can neither be shipped nor dropped, and all that it takes
 * to replay it. What makes a line long stands last, so that the rest can be read without it.
 *
 * An event that Splunk refused has left its block by then: what is kept of it is what was to be sent.
 */
import { hash } from "node:crypto";
import type { Verdict } from "../event/event.ts";
import type { LogEvent } from "../event/log-event.ts";
import { originalOf } from "../event/original.ts";
import type { WithdrawnEvent } from "./batch.ts";
import type { DecodedEvent } from "./encoder.ts";

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
  /** Splunk's code, where Splunk refused it with one. */
  code?: number;
  /** Length of the record as it was read; not where Splunk refused it. */
  original_bytes?: number;
  /** Of the record as it was read, in hex; not where Splunk refused it. */
  sha256?: string;
  /** Whether the text or the metadata is not what the event had, because a secret was masked in it. */
  masked?: boolean;
  /** Whether the record was longer than `max_event_bytes`, so that the text is only its beginning. */
  truncated?: true;
  /** What was to be sent beside the text, known secrets masked. The time is epoch seconds. */
  metadata?: unknown;
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
    ...keptParts(() => partsOf(event, original_sha256), mask),
  };
}

/** What is kept of the event itself. */
interface Parts extends Omit<DecodedEvent, "metadata"> {
  readonly metadata: DecodedEvent["metadata"] | undefined;
  readonly truncated: boolean;
  /** Whether something was masked in it before. */
  readonly masked: boolean;
}

function partsOf(event: LogEvent, original_sha256: string): Parts {
  const { text, time, metadata, truncation } = event;
  const known = event.block.known?.[event.number];
  const truncated = truncation !== undefined;
  // What comes out of a journal was masked before it went in there, and its metadata was left behind.
  if (known?.verdict !== undefined) {
    const masked = hash("sha256", text) !== original_sha256;
    return { text, metadata: undefined, truncated, masked };
  }
  return { text, metadata: { time, ...metadata }, truncated, masked: false };
}

export interface RefusedFacts {
  event: WithdrawnEvent;
  decoded: DecodedEvent;
  reason: string;
  detail: string;
  code: number | undefined;
  now_ms: number;
  mask: (text: string) => string;
}

export function refusedRecord(facts: RefusedFacts): QuarantineRecord {
  const { event, decoded, reason, detail, code, now_ms, mask } = facts;
  const { input, stream } = event.origin;
  return {
    time: new Date(now_ms).toISOString(),
    input,
    stream,
    offset: event.offset,
    reason,
    detail,
    ...(code === undefined ? {} : { code }),
    ...keptParts(() => ({ ...decoded, truncated: false, masked: false }), mask),
  };
}

/** Nothing of them where masking fails, since an unmasked one must not be kept. */
function keptParts(
  read: () => Parts,
  mask: (text: string) => string,
): Pick<QuarantineRecord, "masked" | "truncated" | "metadata" | "text"> {
  const maskString = (_key: string, value: unknown): unknown =>
    typeof value === "string" ? mask(value) : value;
  try {
    const parts = read();
    const { truncated, metadata = {} } = parts;
    const text = mask(parts.text);
    const masked_metadata = JSON.stringify(metadata, maskString);
    const changed = text !== parts.text || masked_metadata !== JSON.stringify(metadata);
    return {
      masked: parts.masked || changed,
      ...(truncated && { truncated }),
      ...(parts.metadata !== undefined && { metadata: JSON.parse(masked_metadata) as unknown }),
      text,
    };
  } catch {
    return { text: null };
  }
}
