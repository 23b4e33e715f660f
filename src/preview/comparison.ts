/**
 * What another configuration would do differently with the same events.
 */
import type { FieldValue } from "../event/event.ts";
import { same } from "../platform/same.ts";
import type { Fate, Outcome, State } from "./run/outcome.ts";

/** How an event ends: as what, under which name, and how it is then. */
export interface End {
  /** `missing` where steps make fewer events of one. */
  readonly fate: Fate | "missing";
  /** What it is counted under; of one that is kept, the output. */
  readonly name: string;
  readonly step: string | undefined;
  /** As it would be sent; undefined where it would not. */
  readonly sent: (State & { readonly time: string }) | undefined;
}

/** What differs between two ends of one event. */
export interface Deviation {
  readonly fate: boolean;
  readonly text: boolean;
  /** The names of the metadata that differ, `time` among them. */
  readonly metadata: readonly string[];
}

export interface ComparisonReport {
  readonly events: number;
  readonly same: number;
  readonly different: number;
  /** Changes of fate, the most frequent first. */
  readonly fates: readonly {
    readonly from: string;
    readonly to: string;
    readonly events: number;
  }[];
  /** Events that both keep and send with another content. */
  readonly content: number;
  /** Events that both keep and send with other metadata. */
  readonly metadata: number;
}

/** The end of an event, as long as that can be looked at; or of one that is there with the other configuration only. */
export function endOf(outcome: Outcome | undefined): End {
  if (outcome === undefined) return { fate: "missing", name: "", step: undefined, sent: undefined };
  const { fate, reason, output, step, time } = outcome;
  const sent = fate === "kept" && time !== undefined ? { ...outcome.after(), time } : undefined;
  return { fate, name: (fate === "kept" ? output : reason) ?? "", step, sent };
}

/** How two ends differ; undefined where they do not. */
export function deviationOf(one: End, other: End): Deviation | undefined {
  const fate = one.fate !== other.fate || one.name !== other.name;
  const text =
    one.sent !== undefined && other.sent !== undefined && one.sent.text !== other.sent.text;
  const metadata = namesThatDiffer(one.sent, other.sent);
  return fate || text || metadata.length > 0 ? { fate, text, metadata } : undefined;
}

/** The end in a few words: `kept → splunk`, `filtered (heads)`. */
export function endText({ fate, name }: End): string {
  if (fate === "missing") return "not made";
  return fate === "kept" ? `kept → ${name}` : `${fate} (${name})`;
}

function namesThatDiffer(one: End["sent"], other: End["sent"]): string[] {
  if (one === undefined || other === undefined) return [];
  const [first, second] = [metadataOf(one), metadataOf(other)];
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...names].filter((name) => !same(first[name], second[name]));
}

/** With the time, and without the output, which is a part of the fate. */
function metadataOf({ metadata, time }: NonNullable<End["sent"]>): Record<string, FieldValue> {
  const { output: _output, ...rest } = metadata;
  return { time, ...rest };
}

export class Comparison {
  #events = 0;
  #different = 0;
  #content = 0;
  #metadata = 0;
  readonly #fates = new Map<string, { from: string; to: string; events: number }>();

  /** Counts one event. */
  add(one: End, other: End, deviation: Deviation | undefined): void {
    this.#events += 1;
    if (deviation === undefined) return;
    this.#different += 1;
    if (deviation.text) this.#content += 1;
    if (deviation.metadata.length > 0) this.#metadata += 1;
    if (!deviation.fate) return;
    const [from, to] = [endText(one), endText(other)];
    const key = `${from} ${to}`;
    const known = this.#fates.get(key);
    if (known === undefined) this.#fates.set(key, { from, to, events: 1 });
    else known.events += 1;
  }

  report(): ComparisonReport {
    const [events, different] = [this.#events, this.#different];
    return {
      events,
      same: events - different,
      different,
      fates: [...this.#fates.values()].toSorted((a, b) => b.events - a.events),
      content: this.#content,
      metadata: this.#metadata,
    };
  }
}
