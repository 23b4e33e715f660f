/**
 * What became of one event in a dry run: its fate, as the daemon would book it, and what each step did to it.
 */
import type { FieldValue } from "../../event/event.ts";

export const fates = ["kept", "filtered", "dropped", "quarantined"] as const;

export type Fate = (typeof fates)[number];

/** An event at one point of the chain. */
export interface State {
  /** The record, with the edits so far. */
  readonly text: string;
  /** Host, source, sourcetype, index and output where it has them, and indexed fields as `fields.NAME`. */
  readonly metadata: Readonly<Record<string, FieldValue>>;
}

/** What one step did to an event that it was given. */
export interface StepTrace {
  readonly step: string;
  readonly plugin: string;
  /** Whether the step has declared secrets, so that what it takes away is one. */
  readonly is_masking: boolean;
  readonly before: State;
  readonly after: State;
}

/** One of several events that steps gave for one. */
export interface Part {
  /** Counted from 1. */
  readonly number: number;
  readonly of: number;
}

export interface Outcome {
  /** Counted from 1, in this run. */
  readonly number: number;
  /** Which of the events it is that steps gave for one; undefined where there is but one. */
  readonly part: Part | undefined;
  readonly input: string;
  readonly stream: string;
  /** Offset of the record in its stream. */
  readonly offset: number;
  readonly fate: Fate;
  /** What it is counted under, where it did not get to an output. */
  readonly reason: string | undefined;
  /** More about why it is quarantined; without secrets that the chain knows. */
  readonly detail: string | undefined;
  /** The step that ended it; undefined where none did, or its framing. */
  readonly step: string | undefined;
  /** The output that it would be sent to. */
  readonly output: string | undefined;
  /** Of an event that was kept: epoch seconds, with up to nine decimals. */
  readonly time: string | undefined;
  /** Whether any step has changed its record or its metadata. */
  readonly is_changed: boolean;
  /** The names of the steps that changed it. */
  readonly changed_by: readonly string[];
  /** Whether it was cut, and how long it was. */
  readonly original_bytes: number | undefined;
  /** How it came in. To be called while the event is looked at. */
  before(): State;
  /** How it is now. To be called while the event is looked at. */
  after(): State;
  /** The steps that changed it, where they were followed. */
  readonly traces: readonly StepTrace[];
}
