/** What a reload meant for events that waited and had been through the former chain: as data, and in words. */

export interface WaitingReport {
  /** Those of inputs whose chain is another now. */
  readonly events: number;
  /** Those of them that were in memory and have had the new redact steps done. */
  readonly redacted: number;
  /** Those that were changed by that, or ended. */
  readonly changed: number;
  /** Those that are in journals, and have the new redact steps done when they are read. */
  readonly journaled: number;
  /** Of requests that were in flight, or not acknowledged yet: of all inputs. What they do not deliver is redacted, too. */
  readonly in_flight: number;
  /** Those of inputs that are not configured any more: those are sent as they are. */
  readonly removed: number;
  /** Whether other steps than redact steps have changed: those are not applied to events that wait. */
  readonly other_steps: boolean;
}

/** In sentences, one a line. */
export function waitingSentences(report: WaitingReport): string[] {
  const { events, redacted, changed, journaled, in_flight, removed, other_steps } = report;
  const sentences: string[] = [];
  if (events > 0) {
    sentences.push(
      `${counted(events)} had been through the former chain while waiting to be sent.`,
    );
  }
  if (redacted > 0) {
    sentences.push(
      `New redact steps were applied to ${redacted} in memory, and changed ${changed}.`,
    );
  }
  if (journaled > 0) {
    sentences.push(`New redact steps are applied to ${journaled} in journals when they are read.`);
  }
  if (in_flight > 0) {
    sentences.push(`${counted(in_flight)} in flight could not be reached.`);
  }
  if (removed > 0) {
    sentences.push(`${counted(removed)} of removed inputs: no step of the new chain is applied.`);
  }
  if (other_steps) sentences.push("Other steps that have changed are not applied to them.");
  return sentences;
}

function counted(events: number): string {
  return events === 1 ? "1 event" : `${events} events`;
}
