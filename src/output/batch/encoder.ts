/**
 * What the two encoders, of event mode and of raw mode, have in common.
 */
import type { Metadata } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";

/** All that an encoder reads of an event. */
export type EncodableEvent = Pick<
  LogEvent,
  "metadata" | "byteLength" | "copyTo" | "writeTime" | "text" | "invalid" | "truncation" | "place"
>;

export interface DecodedEvent {
  readonly text: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What an encoded event was made of, as far as it shows. */
export interface RecoveredEvent {
  /** As it was sent: the same for events that have the same metadata. */
  readonly head: string;
  /** Epoch seconds in digits; undefined where it was not sent. */
  readonly time: string | undefined;
  readonly record: Buffer;
  /** The text that the record would be the spelling of, if it was no JSON: the encoder makes the same of both then. */
  readonly text: Buffer | undefined;
}

export interface Encoder {
  readonly content_type: string;
  /** Whether an event's place in its lane is sent with it. */
  readonly sends_places: boolean;
  /** The path and query that the event must be posted to. Events of one batch have the same. */
  pathOf(event: EncodableEvent): string;
  /** Writes the event to `target` from `at`; returns where it ends, or -1 where it does not fit. */
  encode(event: EncodableEvent, target: Buffer, at: number): number;
  /** What an encoded event says: its text, and the metadata that the envelope or the path has beside it. */
  decode(encoded: Buffer, path: string): DecodedEvent;
  /** What the event can be made of again, for this encoder or another one. */
  recover(encoded: Buffer, path: string): RecoveredEvent;
  /** The metadata that a recovered event's `head` says. */
  metadataOf(head: string): Metadata;
  /** Bytes that are enough for the event, whatever it holds. */
  sizeMax(event: EncodableEvent): number;
}

const byte_space = 0x20;
const byte_quote = 0x22;
const byte_n = 0x6e;
const byte_open = 0x7b;
const byte_close = 0x7d;
const byte_backslash = 0x5c;

/**
 * Whether the JSON value at `start` is one that Splunk refuses as an event (codes 12 and 13): null, or a
 * string that is empty or blank. An empty object counts too: some receivers take it for blank.
 */
export function isBlankJson(bytes: Buffer, start: number, end: number): boolean {
  let at = skipBlanks(bytes, start, end);
  const first = bytes[at];
  if (first === byte_n) return true;
  if (first === byte_open) {
    at = skipBlanks(bytes, at + 1, end);
    return bytes[at] === byte_close;
  }
  if (first !== byte_quote) return false;
  at = skipBlanks(bytes, at + 1, end);
  const visible = bytes[at]!;
  if (visible === byte_quote) return true;
  if (visible !== byte_backslash && visible < 0x7f) return false;
  return isBlankText(JSON.parse(bytes.toString("utf8", start, end)) as string);
}

/** Whether there is nothing to see in the text: only blanks and control characters, or nothing at all. */
export function isBlankText(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first > 0x20 && first < 0x7f) return false;
  return !/[^\s\p{Cc}\p{Cf}]/u.test(text);
}

/** Where the first byte from `start` on is that is no white space. */
export function skipBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! <= byte_space) at += 1;
  return at;
}
