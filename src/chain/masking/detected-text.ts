/** Masks what detectors find in text: in strict JSON string by string, elsewhere also in what escapes stand for. */
import type { DetectedSecrets } from "../../event/event.ts";
import { detectedInJson, detectedInText, spliced } from "../../event/strings/detected.ts";
import { resolved } from "../../event/strings/spelled-text.ts";
import { isJson } from "./json-strings.ts";

/** The text without what is found in it. */
export function maskDetected(text: string, secrets: DetectedSecrets): string {
  const bytes = Buffer.from(text);
  if (isJson(text)) {
    if (!secrets.search.mayFind(bytes, 0, bytes.length)) return text;
    return spliced(
      bytes,
      detectedInJson(bytes, { start: 0, end: bytes.length }, secrets),
    ).toString();
  }
  const masked = secrets.search.mayFind(bytes, 0, bytes.length)
    ? spliced(bytes, detectedInText(bytes, secrets)).toString()
    : text;
  return maskSpelled(masked, secrets);
}

/** A secret that is spelled in another way goes as it is written. */
function maskSpelled(text: string, secrets: DetectedSecrets): string {
  const spelled = resolved(text);
  if (spelled === undefined) return text;
  const bytes = Buffer.from(spelled.text);
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, bytes: replacement } of detectedInText(bytes, secrets)) {
    const from = spelled.origins[bytes.toString("utf8", 0, start).length]!;
    const to = spelled.origins[bytes.toString("utf8", 0, end).length]!;
    if (from < done) continue;
    parts.push(text.slice(done, from), replacement.toString());
    done = to;
  }
  parts.push(text.slice(done));
  return parts.join("");
}
