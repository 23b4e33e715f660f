/**
 * The form in which an event is kept in quarantine, and in a journal on its way there.
 */

/** What is kept of an event in quarantine: enough to replay it, without any known secret. */
export interface KeptEvent {
  /** Whether text or metadata are not the event's, because a secret was masked in them; undefined without a text. */
  readonly masked?: boolean;
  /** Whether the record was longer than `max_event_bytes`, so that the text is only its beginning. */
  readonly truncated?: true;
  /** What was to be sent beside the text; `time` is epoch seconds. Undefined where it is not known. */
  readonly metadata?: unknown;
  /**
   * The record with the edits so far, where its bytes are not UTF-8 with U+FFFD; null where a step left what cannot be
   * written, or masking failed, since an unmasked one must not be kept.
   */
  readonly text: string | null;
}
