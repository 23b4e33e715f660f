/**
 * What detectors find in the strings of a record, keys included, whatever their spelling: each string is decoded, searched, and
 * what is replaced in it is carried back into its escapes.
 *
 * Most records have nothing, which one search of their bytes says. JSON in a string is searched string by string, too.
 */
import type { Part } from "../../detectors/contract/detection.ts";
import { beginsLikeJson } from "../scan/json-hint.ts";
import { closingQuote } from "../scan/named-values.ts";
import { StringReader } from "../scan/string-reader.ts";
import type { DetectedSecrets } from "./detected-secrets.ts";
import { resolved } from "./spelled-text.ts";

/** What takes the place of `bytes[start, end)`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Strings in each other that are looked into; what is deeper is searched as text. */
const strings_max = 2;

/** What is replaced in the strings of JSON text, sorted. */
export function detectedInJson(
  bytes: Buffer,
  range: { readonly start: number; readonly end: number },
  secrets: DetectedSecrets,
  depth = 0,
): Splice[] {
  const splices: Splice[] = [];
  let open = bytes.indexOf(0x22, range.start);
  while (open >= 0 && open < range.end) {
    const end = closingQuote(bytes, open);
    if (secrets.search.mayFind(bytes, open + 1, end - 1)) {
      // One by one: too many are no arguments of a call.
      for (const splice of detectedInString(bytes, { start: open, end }, secrets, depth)) {
        splices.push(splice);
      }
    }
    open = bytes.indexOf(0x22, end);
  }
  return splices;
}

function detectedInString(
  bytes: Buffer,
  { start, end }: Part,
  secrets: DetectedSecrets,
  depth: number,
): Splice[] {
  const text = JSON.parse(bytes.toString("utf8", start, end)) as string;
  const held = Buffer.from(text);
  const is_json = depth < strings_max && beginsLikeJson(bytes, start + 1, end - 1) && isJson(text);
  const splices = is_json
    ? detectedInJson(held, { start: 0, end: held.length }, secrets, depth + 1)
    : detectedInSpelledText(held, secrets);
  const reader = new StringReader(bytes.subarray(0, end), start + 1);
  return splices.map((splice) => {
    const from = reader.goTo(splice.start);
    const to = reader.goTo(splice.end);
    const spelled = JSON.stringify(splice.bytes.toString()).slice(1, -1);
    return { start: from, end: to, bytes: Buffer.from(spelled) };
  });
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

/** Splices sorted and apart: of those that overlap, the first one reaches as far as all of them. */
function united(splices: readonly Splice[]): Splice[] {
  const apart: Splice[] = [];
  for (const splice of splices.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = apart.at(-1);
    if (last === undefined || splice.start >= last.end) apart.push(splice);
    else if (splice.end > last.end) apart[apart.length - 1] = { ...last, end: splice.end };
  }
  return apart;
}

/** The bytes with the splices in them. */
export function spliced(bytes: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let done = 0;
  for (const splice of splices) {
    parts.push(bytes.subarray(done, splice.start), splice.bytes);
    done = splice.end;
  }
  parts.push(bytes.subarray(done));
  return Buffer.concat(parts);
}

/** Whether the text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
