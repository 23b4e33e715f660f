/** What is secret in an event, by what steps have taken away and by what is found in it, also where that is encoded. */
import { resolved } from "../../event/strings/spelled-text.ts";
import { partsOf, type Part } from "../run/differences.ts";
import { encodedRuns } from "./encoded-runs.ts";
import { decoded, isLikeJson, jsonTokens, strings_depth_max, valueOf } from "./json-tokens.ts";
import { looksSecret, mayHoldSecrets, namedValuesIn } from "./secret-names.ts";
import type { ShapedSecrets } from "./shaped-secrets.ts";

/** Adds what a masking step has removed; of what is encoded before and behind it, only what differs. */
export function addRemoved(parts: readonly Part[], known: Set<string>): void {
  for (const [at, { kind, text }] of parts.entries()) {
    if (kind !== "removed") continue;
    known.add(text.trim());
    const held = heldIn(text);
    if (held === "") continue;
    const next = parts[at + 1];
    const instead = next?.kind === "inserted" ? heldIn(next.text) : "";
    for (const each of partsOf(held, instead)) {
      if (each.kind === "removed") known.add(each.text.trim());
    }
  }
}

/** Each is looked for in all texts of the event. Further ones are found by their shape, where they are whole. */
const known_max = 200;

/** Adds what is known by its shape in the text, in its escapes and in what is encoded there. */
export function addShaped(text: string, shaped: ShapedSecrets, known: Set<string>): void {
  const texts = [
    text,
    resolved(text)?.text ?? "",
    ...encodedRuns(text).flatMap(({ held }) => held),
  ];
  for (const each of texts) {
    if (known.size >= known_max) return;
    if (!shaped.mayHold(each)) continue;
    for (const { start, end } of shaped.in(each).slice(0, known_max))
      known.add(each.slice(start, end));
  }
}

/** Adds what looks secret by its name, as it is written. */
export function addNamed(text: string, known: Set<string>, depth = 0): void {
  if (!mayHoldSecrets(text)) return;
  if (!isLikeJson(text)) {
    for (const { value } of namedValuesIn(text)) known.add(value);
    return;
  }
  for (const { raw, key, is_key } of jsonTokens(text)) {
    if (is_key) continue;
    if (key !== undefined && looksSecret(key, valueOf(raw))) known.add(raw);
    else if (raw.startsWith('"') && depth < strings_depth_max)
      addNamed(decoded(raw), known, depth + 1);
  }
}

/** The secrets as text, without what is not secret of JSON that holds them: quotes, escapes and keys. */
export function plainTexts(known: ReadonlySet<string>): string[] {
  return [...known].flatMap((secret) => {
    if (!secret.includes('"')) return spellings(secret);
    const values = [...jsonTokens(secret)].filter(({ is_key }) => !is_key);
    return values.flatMap(({ raw }) => spellings(decoded(raw)));
  });
}

/** What is encoded is looked for as what it holds. */
function spellings(text: string): string[] {
  let rest = text;
  for (const { start, end, is_text } of encodedRuns(text).toReversed()) {
    if (is_text) rest = `${rest.slice(0, start)}\n${rest.slice(end)}`;
  }
  const spelled = resolved(rest);
  return [...rest.split("\n"), ...(spelled === undefined ? [] : spelled.text.split("\n"))];
}

function heldIn(text: string): string {
  const runs = encodedRuns(text).filter(({ is_text }) => is_text);
  return runs.map(({ held }) => held[0]).join("\n");
}
