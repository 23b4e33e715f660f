/**
 * Secrets in what strings hold in percent-encoding, base64 or hexadecimal digits: it is decoded, goes through the same rules, and is encoded again
 * where something was taken out of it. All else stays as it is written.
 */
import type { Part } from "../../detectors/contract/detection.ts";
import { beginsLikeJson } from "../scan/json-hint.ts";
import type { Splice } from "../scan/string-reader.ts";
import { asBuffer } from "./as-buffer.ts";
import type { DetectedSecrets } from "./detected-secrets.ts";
import { detectedInSpelledText } from "./detected.ts";
import type { EncodedPlace, EncodedSecrets } from "./encoded-secrets.ts";
import {
  base64Parts,
  type EncodedPart,
  mayHoldBase64,
  mayHoldPercentIn,
  percentParts,
} from "./encodings.ts";
import { hexParts, mayHoldHex } from "./hexadecimal.ts";
import { spliced, splicesInJson } from "./splices.ts";

/** Encodings in each other that are resolved; one more where arguments are in hexadecimal digits. */
function levelsMax({ encodings }: EncodedSecrets): number {
  return encodings.has("hex") ? 3 : 2;
}

/** Encoded parts of a record that go through the rules. Further ones are masked whole: only an attack on the time it takes has them. */
const looked_max = 1000;

/** Whether `bytes[start, end)`, JSON or text, may hold something encoded. Quick. */
export function mayHoldEncoded(
  secrets: EncodedSecrets,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  return mayHoldEncodedIn(secrets, bytes, end)(start, end);
}

/** Gives the same for the strings of `bytes` up to `limit`, asked from left to right. */
function mayHoldEncodedIn(
  { encodings }: EncodedSecrets,
  bytes: Buffer,
  limit: number,
): (start: number, end: number) => boolean {
  const [has_base64, has_hex] = [encodings.has("base64"), encodings.has("hex")];
  const mayHoldInPercent = encodings.has("url") ? mayHoldPercentIn(bytes, limit) : undefined;
  return (start, end) =>
    (has_base64 && mayHoldBase64(bytes, start, end)) ||
    (has_hex && mayHoldHex(bytes, start, end)) ||
    mayHoldInPercent?.(start, end) === true;
}

/** The place where a record, or text, begins. */
function topPlace({ place }: EncodedSecrets): EncodedPlace {
  return place ?? { level: 0, looked: { count: 0 } };
}

/** What is replaced in the strings of JSON text, sorted. */
export function encodedInJson(bytes: Buffer, range: Part, given: EncodedSecrets): Splice[] {
  const secrets = { ...given, place: topPlace(given) };
  return splicesInJson(bytes, range, {
    mayHoldIn: (all, { end: limit }) => mayHoldEncodedIn(secrets, all, limit),
    inText: (held) => encodedInText(held, secrets),
  });
}

/** What is replaced in text, sorted. */
export function encodedInText(text: Buffer, given: EncodedSecrets): Splice[] {
  const place = topPlace(given);
  if (place.level >= levelsMax(given) || !mayHoldEncoded(given, text, 0, text.length)) return [];
  const secrets = { ...given, place: { ...place, level: place.level + 1 } };
  const characters = text.toString("latin1");
  const found: { part: EncodedPart; splice: Splice }[] = [];
  const look = (part: EncodedPart): void => {
    const splice = spliceOf(part, secrets);
    if (splice !== undefined) found.push({ part, splice });
  };
  /** Looks at parts that none found so far overlaps. */
  const lookApart = (parts: Iterable<EncodedPart>): void => {
    const taken = found.map(({ part }) => part).sort((a, b) => a.start - b.start);
    let next = 0;
    for (const part of parts) {
      while (next < taken.length && taken[next]!.end <= part.start) next += 1;
      const other = taken[next];
      if (other === undefined || part.end <= other.start) look(part);
    }
  };
  const { encodings } = secrets;
  if (encodings.has("url")) for (const part of percentParts(characters, isLikeJson)) look(part);
  if (encodings.has("hex")) lookApart(hexParts(characters));
  if (encodings.has("base64")) lookApart(base64Parts(characters));
  return found.map(({ splice }) => splice).sort((a, b) => a.start - b.start);
}

function spliceOf(part: EncodedPart, secrets: EncodedSecrets): Splice | undefined {
  const { start, end, held, encode } = part;
  const changed = redacted(held, secrets);
  if (changed === undefined || changed.equals(held)) return undefined;
  if (changed !== whole) return encode(changed);
  return { start, end, bytes: Buffer.from(secrets.replacement) };
}

/** Stands for what is masked whole. */
const whole = Buffer.alloc(0);

/** What a part holds without its secrets; `whole` where that cannot be said; undefined where there is nothing to look for. */
function redacted(held: Buffer, secrets: EncodedSecrets): Buffer | undefined {
  const { detected, place } = secrets;
  const is_json = isLikeJson(held);
  const is_likely = detected !== undefined && mayHoldDetected(held, detected);
  const is_deeper =
    place!.level < levelsMax(secrets) && mayHoldEncoded(secrets, held, 0, held.length);
  if (!is_json && !is_likely && !is_deeper) return undefined;
  place!.looked.count += 1;
  if (place!.looked.count > looked_max) return whole;
  const changed = is_json ? redactedJson(held, secrets) : redactedText(held, secrets);
  const is_encodable = changed.equals(held) || Buffer.from(held.toString()).equals(held);
  return is_encodable ? changed : whole;
}

/** In text, unlike in JSON, one backslash is enough for an escape, and a NUL is none. */
function mayHoldDetected(text: Buffer, { search }: DetectedSecrets): boolean {
  return search.mayFind(text, 0, text.length) || text.includes("\\x") || text.includes(0);
}

function redactedJson(held: Buffer, secrets: EncodedSecrets): Buffer {
  const json = secrets.redactJson(held, secrets.place!);
  if (json !== undefined) return asBuffer(json);
  const redacted_text = redactedText(held, secrets);
  const text = redacted_text.toString();
  const masked = secrets.mask(text);
  return masked === text ? redacted_text : Buffer.from(masked);
}

function redactedText(held: Buffer, secrets: EncodedSecrets): Buffer {
  const { detected } = secrets;
  const text = spliced(held, encodedInText(held, secrets));
  return detected === undefined ? text : spliced(text, detectedInSpelledText(text, detected));
}

function isLikeJson(text: Buffer): boolean {
  return beginsLikeJson(text, 0, text.length);
}
