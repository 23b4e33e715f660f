/**
 * One line of the quarantine: what is kept of an event that can neither be shipped nor dropped, and all that it takes
 * to replay it. What makes a line long is last, so that the rest can be read without it.
 *
 * An event that Splunk refused has left its block by then: what is kept of it is what was to be sent.
 */
import type { ChainKind } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import type { KeptEvent } from "../../event/kept-event.ts";
import { keptOf, maskedEvent, originalOf } from "../../event/original.ts";
import type { TakenEvent } from "../batch/batch.ts";
import type { DecodedEvent } from "../batch/encoder.ts";

export interface QuarantineRecord extends KeptEvent {
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
  /** The chain of its input; undefined where that was not configured any more. */
  chain?: ChainKind;
  /** Splunk's code, where Splunk refused it with one. */
  code?: number;
  /** Length of the record as it was read; not where Splunk refused it. */
  original_bytes?: number;
  /** Of the record as it was read, in hex; not where Splunk refused it. */
  sha256?: string;
}

export interface QuarantinedInit {
  verdict: Verdict;
  step: string | undefined;
  now_ms: number;
  mask: (text: string) => string;
  chain: ChainKind | undefined;
}

/** Reads all that is kept of the event, so that its block is free to go. */
export function quarantineRecord(event: LogEvent, init: QuarantinedInit): QuarantineRecord {
  const { verdict, step, now_ms, mask, chain } = init;
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
    ...(chain === undefined ? {} : { chain }),
    original_bytes,
    sha256: original_sha256,
    ...keptOf(event, mask),
  };
}

/** Why an output's receiver has refused an event for what it holds. */
export interface Refusal {
  /** One of a bounded set of words. */
  reason: string;
  /** For people: without anything of the event, and without a secret. */
  detail: string;
  /** The receiver's own code, where it has any. */
  code?: number | undefined;
}

export interface RefusedInit {
  event: TakenEvent;
  decoded: DecodedEvent;
  refusal: Refusal;
  now_ms: number;
  mask: (text: string) => string;
  chain: ChainKind | undefined;
}

export function refusedRecord(init: RefusedInit): QuarantineRecord {
  const { event, decoded, refusal, now_ms, mask, chain } = init;
  const { reason, detail, code } = refusal;
  const { input, stream } = event.origin;
  return {
    time: new Date(now_ms).toISOString(),
    input,
    stream,
    offset: event.offset,
    reason,
    detail,
    ...(code === undefined ? {} : { code }),
    ...(chain === undefined ? {} : { chain }),
    ...maskedEvent(() => decoded, mask),
  };
}
