/**
 * An event of which two configurations make different things, as it is shown.
 */
import { type Deviation, endText, type End } from "../../preview/comparison.ts";
import { type Part, partsOf } from "../../preview/run/differences.ts";
import type { Outcome } from "../../preview/run/outcome.ts";
import type { Hiding, Known } from "../../preview/secrets/hiding.ts";
import { printable } from "../../platform/text/printable.ts";
import { differenceLines, excerpt } from "../terminal/difference-lines.ts";
import { styled } from "../terminal/style.ts";
import { headLine, metadataLines, placeOf } from "./event-lines.ts";
import { changesOf, type ShownChange, shownMetadata } from "./shown-event.ts";

export interface ShownDeviation {
  readonly event: number;
  readonly input: string;
  readonly stream: string;
  readonly offset: number;
  /** What becomes of it with either configuration. */
  readonly one: string;
  readonly other: string;
  readonly before: string;
  readonly parts: readonly Part[];
  readonly metadata: readonly ShownChange[];
}

export interface Compared {
  readonly outcome: Outcome;
  readonly one: End;
  readonly other: End;
  readonly deviation: Deviation;
  readonly known: Known;
}

export function shownDeviation(compared: Compared, hiding: Hiding): ShownDeviation {
  const { outcome, one, other, deviation, known } = compared;
  const text = ({ sent }: End): string => hiding.hide(sent?.text ?? "", known);
  return {
    event: outcome.number,
    input: outcome.input,
    stream: hiding.hide(outcome.stream, known),
    offset: outcome.offset,
    one: endText(one),
    other: endText(other),
    before: hiding.hide(outcome.before().text, known),
    parts: deviation.text ? partsOf(text(one), text(other)) : [],
    metadata: changesOf(metadataOf(one, hiding, known), metadataOf(other, hiding, known)),
  };
}

export function deviationLines(shown: ShownDeviation): string[] {
  const { event, one, other, before, parts, metadata, stream, offset } = shown;
  const is_moved = one !== other;
  const end = is_moved ? `${one}, now ${other}` : one;
  return [
    "",
    headLine(`#${event}`, end, is_moved ? "yellow" : "green", placeOf(stream, offset)),
    ...(is_moved
      ? [`  ${styled("dim", printable("how it came in:"))}`, ...excerpt(before, 2)]
      : []),
    ...differenceLines(parts),
    ...metadataLines(metadata),
  ];
}

function metadataOf({ sent }: End, hiding: Hiding, known: Known): Record<string, string> {
  if (sent === undefined) return {};
  const { output: _output, ...rest } = shownMetadata(sent, hiding, known);
  return { time: sent.time, ...rest };
}
