/** Masks what detectors find in text: in strict JSON string by string, elsewhere also in what escapes stand for. */
import type { DetectedSecrets } from "../../event/event.ts";
import type { Splice } from "../../event/scan/string-reader.ts";
import {
  detectedInJson,
  detectedInSpelledText,
  unitOffsets,
} from "../../event/strings/detected.ts";
import { spliced } from "../../event/strings/splices.ts";
import { isJson } from "../../event/strings/is-json.ts";
import type { Masking } from "./marks.ts";

/** The text without what is found in it. */
export function maskDetected(text: string, secrets: DetectedSecrets): string {
  const bytes = Buffer.from(text);
  const splices = detectedIn(text, bytes, secrets);
  return splices.length === 0 ? text : spliced(bytes, splices).toString();
}

/** What is secret in what is found in a text, the names and ids beside it left out. */
export function detectedMaskings(text: string, secrets: DetectedSecrets): Masking[] {
  const bytes = Buffer.from(text);
  const unitAt = unitOffsets(bytes);
  return detectedIn(text, bytes, { ...secrets, partial: true }).map((splice) => {
    const [start, end] = [unitAt(splice.start), unitAt(splice.end)];
    return { start, end, quoted: false, replacement: splice.bytes.toString() };
  });
}

function detectedIn(text: string, bytes: Buffer, secrets: DetectedSecrets): Splice[] {
  if (!isJson(text)) return detectedInSpelledText(bytes, secrets);
  if (!secrets.search.mayFind(bytes, 0, bytes.length)) return [];
  return detectedInJson(bytes, { start: 0, end: bytes.length }, secrets);
}
