/**
 * The rules of one step for what strings hold in percent-encoding or base64: decoded JSON is redacted as an event of its own, in
 * which paths begin at its top.
 */
import { Records } from "../../event/block.ts";
import type { DetectedSecrets, Event, StringSecrets } from "../../event/event.ts";
import { LogEvent } from "../../event/log-event.ts";
import { Scanner } from "../../event/scanner.ts";
import { spliced } from "../../event/strings/splices.ts";
import { asBuffer } from "../../event/strings/as-buffer.ts";
import type { EncodedSecrets, Encoding } from "../../event/strings/encoded-secrets.ts";
import { encodedInJson, encodedInText } from "../../event/strings/encoded.ts";
import type { EncodedRules } from "../../plugin.ts";
import { isJson } from "../../event/strings/is-json.ts";

/** What a step looks for in encoded content. */
export interface RulesWithin {
  readonly encodings: readonly Encoding[];
  readonly secrets: StringSecrets;
  readonly detected: DetectedSecrets | undefined;
}

/**
 * Makes them; undefined where JSON is all that is looked into. They have a scan of their own, as that of the event around is
 * still in use.
 */
export function encodedRules({
  encodings,
  secrets,
  detected,
}: RulesWithin): EncodedRules | undefined {
  if (encodings.every((each) => each === "json")) return undefined;
  const { mask, named, paths, replacement } = secrets;
  let scanner: Scanner | undefined;
  const own: EncodedSecrets = {
    encodings: new Set(encodings),
    replacement,
    detected,
    mask,
    hasFound: (path) => scanner?.hasFound(path) === true,
    paths,
    redactJson(json, place) {
      scanner ??= new Scanner([...paths, ...(named?.paths ?? [])]);
      const event = eventOf(asBuffer(json), scanner);
      if (event.is_text) return undefined;
      redactEvent(event, secrets);
      // In the order in which the step itself looks: what a detector cuts out of something encoded leaves a rest.
      event.replaceEncoded({ ...own, place });
      if (detected !== undefined) event.replaceDetected(detected);
      return Buffer.from(event.text);
    },
  };
  const maskText = (text: string): string => {
    const bytes = Buffer.from(text);
    const splices = isJson(text)
      ? encodedInJson(bytes, { start: 0, end: bytes.length }, own)
      : encodedInText(bytes, own);
    return splices.length === 0 ? text : spliced(bytes, splices).toString();
  };
  return { ...own, maskText };
}

function redactEvent(event: Event, secrets: StringSecrets): void {
  const { change, named, paths, replacement } = secrets;
  if (change !== undefined) event.change(paths, change);
  else for (const path of paths) event.replace(path, replacement);
  if (named !== undefined) event.replaceNamed(secrets);
  if (paths.length > 0) event.replaceInStrings(secrets);
}

function eventOf(bytes: Buffer, scanner: Scanner): LogEvent<Records> {
  const records = Records.ofOne(bytes, {
    origin: { input: "", stream: "", metadata: {} },
    read_at_ms: 0,
  });
  return new LogEvent(records, 0, scanner);
}
