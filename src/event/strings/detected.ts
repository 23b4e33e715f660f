/**
 * What detectors find in the strings of a record, keys included, whatever their spelling.
 *
 * Most records have nothing, which one search of their bytes says. JSON in a string is searched string by string, too.
 */
import type { Part } from "../../detectors/contract/detection.ts";
import type { Splice } from "../scan/string-reader.ts";
import type { DetectedSecrets } from "./detected-secrets.ts";
import { resolved } from "./spelled-text.ts";
import { detectedInLists } from "./word-lists.ts";
import { splicesInJson } from "./splices.ts";

/** What is replaced in the strings of JSON text, sorted. */
export function detectedInJson(bytes: Buffer, range: Part, secrets: DetectedSecrets): Splice[] {
  const { search } = secrets;
  const in_strings = splicesInJson(bytes, range, {
    mayHoldIn: (all, { start, end }) => search.mayFindIn(all, start, end),
    inText: (held) => detectedInSpelledText(held, secrets),
  });
  const in_lists = detectedInLists(bytes, range, secrets);
  return in_lists.length === 0 ? in_strings : united([...in_strings, ...in_lists]);
}

/** What is replaced in decoded text. */
export function detectedInText(bytes: Buffer, secrets: DetectedSecrets): Splice[] {
  const { search, partial, replace } = secrets;
  const parts = search
    .find(bytes, 0, bytes.length)
    .flatMap((detection) => (partial ? (detection.secret ?? [detection]) : [detection]));
  return parts
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => {
      return { start, end, bytes: Buffer.from(replace(bytes.toString("utf8", start, end))) };
    });
}

/** The same also in what escapes in the text stand for. A secret that is spelled in another way goes as it is written. */
export function detectedInSpelledText(bytes: Buffer, secrets: DetectedSecrets): Splice[] {
  const plain = detectedInText(bytes, secrets);
  const text = bytes.toString();
  const spelled = resolved(text);
  if (spelled === undefined) return plain;
  const held = Buffer.from(spelled.text);
  const unitAt = unitOffsets(held);
  let done = 0;
  let place = 0;
  const placeOf = (at: number): number => {
    const origin = spelled.origins[unitAt(at)]!;
    place += Buffer.byteLength(text.slice(done, origin));
    done = origin;
    return place;
  };
  const others = detectedInText(held, secrets).map((splice) => {
    return { ...splice, start: placeOf(splice.start), end: placeOf(splice.end) };
  });
  return united([...others, ...plain]);
}

/** Gives the offset in a string of an offset in its bytes. Offsets asked for must not go back. */
export function unitOffsets(bytes: Buffer): (at: number) => number {
  let done = 0;
  let units = 0;
  return (at) => {
    units += bytes.toString("utf8", done, at).length;
    done = at;
    return units;
  };
}

/** Splices sorted and apart: of those that overlap, or put in the same one behind the other, the first one reaches as far as all. */
function united(splices: readonly Splice[]): Splice[] {
  const apart: Splice[] = [];
  for (const splice of splices.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = apart.at(-1);
    const is_one_more = last?.end === splice.start && last.bytes.equals(splice.bytes);
    if (last === undefined || (splice.start >= last.end && !is_one_more)) apart.push(splice);
    else if (splice.end > last.end) apart[apart.length - 1] = { ...last, end: splice.end };
  }
  return apart;
}
