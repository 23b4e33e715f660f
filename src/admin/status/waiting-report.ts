/** What a reload meant for events that waited and had been through the former chain: as data, and in words. */

/** An index that Splunk refuses, and the events in memory that wait for it. */
export interface RefusedIndexStatus {
  readonly index: string | undefined;
  readonly events: number;
}

export interface RefusedIndexes {
  /** An index is left out for the token's default. */
  readonly refused_indexes: readonly RefusedIndexStatus[];
}

/** Events of an input that waited for an index that Splunk refused, and go to another one now. */
export interface FreedEvents {
  readonly input: string;
  /** Undefined is the token's default. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly events: number;
}

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
  /** Those in memory that a corrected index has freed. What is in journals follows when it is read. */
  readonly freed?: readonly FreedEvents[];
}

/** Where only an index was corrected. */
export const nothing_waited: WaitingReport = {
  events: 0,
  redacted: 0,
  changed: 0,
  journaled: 0,
  in_flight: 0,
  removed: 0,
  other_steps: false,
};

/** In sentences, one a line. */
export function waitingSentences(report: WaitingReport): string[] {
  const {
    events,
    redacted,
    changed,
    journaled,
    in_flight,
    removed,
    other_steps,
    freed = [],
  } = report;
  const sentences = freed.map(freedSentence);
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

function freedSentence({ input, from, to, events }: FreedEvents): string {
  const waited = `${counted(events)} of ${input} waited for ${indexName(from)}, which Splunk refuses`;
  return `${waited}; ${events === 1 ? "it goes" : "they go"} to ${indexName(to)} now.`;
}

/** An index, as status, reload and doctor call it. */
export function indexName(index: string | undefined): string {
  return index === undefined ? "the token's default index" : `index ${index}`;
}

function counted(events: number): string {
  return events === 1 ? "1 event" : `${events} events`;
}
