/**
 * Secrets in metadata. In indexed fields: under the names that a path leads to, in JSON that a field holds, and what detectors find. In
 * host, source and sourcetype: what detectors find alone, since these have no names of a sender's choice.
 */
import type { DetectedSecrets, Event, FieldValue, StringSecrets } from "../../event/event.ts";
import type { IndexedFields, SecretDetectors } from "../../plugin.ts";
import { maskDetected } from "../masking/detected-text.ts";

/** Blanks and quotes may be before the JSON in a string, as in strings of events. */
const like_json = /^[\s\p{Cf}\p{Cc}"\\]*[[{]/u;

/**
 * Gives back the fields themselves where none is secret. A field that holds JSON is masked as text where a path leads
 * into it, and every text where detectors look for secrets. Fields are shared by many events, so each is judged once.
 */
export function fieldsRedactor(
  secrets: StringSecrets,
  detects: boolean,
): (fields: IndexedFields) => IndexedFields {
  const { paths, replacement, change, mask } = secrets;
  const redactField = (name: string, value: FieldValue): FieldValue | undefined => {
    const path = paths.find((each) => each.leadsToField(name));
    if (path !== undefined) {
      if (change === undefined) return replacement;
      const changed = change(value, path);
      const kept = Array.isArray(changed) ? changed.filter((each) => each !== undefined) : changed;
      return kept as FieldValue | undefined;
    }
    const leads = paths.some((each) => each.leadsIntoField(name));
    const maskText = (text: FieldValue): FieldValue =>
      typeof text === "string" && (detects || (leads && like_json.test(text))) ? mask(text) : text;
    if (!Array.isArray(value)) return maskText(value);
    const masked = value.map(maskText) as (string | number | boolean)[];
    return masked.some((each, at) => each !== value[at]) ? masked : value;
  };
  const judged = new WeakMap<IndexedFields, IndexedFields>();
  return (fields) => {
    const known = judged.get(fields);
    if (known !== undefined) return known;
    const entries = Object.entries(fields).flatMap(([name, value]): [string, FieldValue][] => {
      const redacted = redactField(name, value);
      return redacted === undefined ? [] : [[detects ? mask(name) : name, redacted]];
    });
    const is_changed =
      entries.length < Object.keys(fields).length ||
      entries.some(([name, value]) => value !== fields[name]);
    const redacted = is_changed ? Object.fromEntries(entries) : fields;
    judged.set(fields, redacted);
    return redacted;
  };
}

const metadata_keys = ["host", "source", "sourcetype"] as const;
/** Texts that are remembered, each of which comes in many events. */
const texts_known_max = 1000;
const text_known_length_max = 1000;

/** Senders choose their metadata, a file's source is its path, and a template may have put a secret there. */
export function metadataRedactor(
  detected: DetectedSecrets,
  { origin_search: search }: Pick<SecretDetectors, "origin_search">,
): (event: Event) => void {
  const known = new Map<string, string>();
  const masked = (text: string): string => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const without = maskDetected(text, { ...detected, search });
    if (known.size >= texts_known_max) known.clear();
    if (text.length <= text_known_length_max) known.set(text, without);
    return without;
  };
  return (event) => {
    for (const key of metadata_keys) {
      const text = event[key];
      if (text === undefined) continue;
      const without = masked(text);
      if (without !== text) event[key] = without;
    }
  };
}
