/**
 * One event of a dry run as it may be shown: without secrets, unless they are asked for. What is printed and what is written
 * as JSON are made of it.
 */
import { type Part as TextPart, partsOf } from "../../preview/run/differences.ts";
import type { Fate, Outcome, Part, State } from "../../preview/run/outcome.ts";
import type { Hiding, Known } from "../../preview/secrets/hiding.ts";

/** Something that a step changed beside the record. */
export interface ShownChange {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface ShownStep {
  readonly step: string;
  readonly plugin: string;
  readonly parts: readonly TextPart[];
  readonly metadata: readonly ShownChange[];
}

export interface ShownEvent {
  readonly event: number;
  /** Which of the events it is that steps gave for one, and of how many. */
  readonly part?: Part | undefined;
  readonly input: string;
  readonly stream: string;
  readonly offset: number;
  readonly fate: Fate;
  readonly reason?: string | undefined;
  readonly detail?: string | undefined;
  /** What the plugin has thrown, where it has: the lines of message and stack, or `hidden`, as they may hold a part of a secret. */
  readonly thrown?: readonly string[] | "hidden" | undefined;
  readonly step?: string | undefined;
  readonly output?: string | undefined;
  readonly time?: string | undefined;
  readonly original_bytes?: number | undefined;
  readonly before: string;
  /** Of an event that is sent. */
  readonly after?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly steps: readonly ShownStep[];
}

export function shownEvent(
  outcome: Outcome,
  hiding: Hiding,
  thrown?: readonly string[],
): ShownEvent {
  const { fate, reason, detail, step, output, time, original_bytes, traces } = outcome;
  const known = hiding.knownOf(traces);
  const after = outcome.after();
  return {
    event: outcome.number,
    part: outcome.part,
    input: outcome.input,
    stream: hiding.hide(outcome.stream, known),
    offset: outcome.offset,
    fate,
    reason,
    step,
    output,
    time,
    original_bytes,
    detail: detail === undefined ? undefined : hiding.hide(detail, known),
    thrown: thrown === undefined || hiding.reveals ? thrown : "hidden",
    before: hiding.hide(outcome.before().text, known),
    after: fate === "kept" ? hiding.hide(after.text, known) : undefined,
    metadata: shownMetadata(after, hiding, known),
    steps: traces.map(({ step: name, plugin, ...states }) => ({
      step: name,
      plugin,
      parts: partsOf(hiding.hide(states.before.text, known), hiding.hide(states.after.text, known)),
      metadata: changesOf(
        shownMetadata(states.before, hiding, known),
        shownMetadata(states.after, hiding, known),
      ),
    })),
  };
}

/** The metadata as texts. */
export function shownMetadata(
  { metadata }: State,
  hiding: Hiding,
  known?: Known,
): Record<string, string> {
  const entries = Object.entries(metadata).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return [name, hiding.hideValue(name.replace(/^fields\./, ""), text, known)];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Where two sets of metadata differ. */
export function changesOf(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): ShownChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, before: before[name], after: after[name] }));
}
