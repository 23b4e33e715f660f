/**
 * What a pack masks, in the plainest way: parse, walk through all, stringify. The redact step does the same in one pass over
 * the bytes, and tests hold it to its own promises; this one is for the packs and detectors alone.
 */
import type { Detectors } from "../../../src/detectors/detectors.ts";
import { fitsKey, isKeptValue } from "../../../src/detectors/keys/key-rule.ts";
import type { Pack } from "../../../src/detectors/packs/pack.ts";

const mask = "[REDACTED]";

/** A line with the secrets of the pack masked. */
export function referenceRedaction(pack: Pack, detectors: Detectors): (line: string) => string {
  const own = { detector: "", keys: pack.keys, except: [] };
  const rules = [own, ...detectors.keys];
  const verdicts = new Map<string, boolean>();
  const isSecretKey = (key: string): boolean => {
    const verdict = verdicts.get(key) ?? rules.some((rule) => fitsKey(rule, key));
    verdicts.set(key, verdict);
    return verdict;
  };
  const fields = pack.fields.map(expressionOf);
  const walk = (value: unknown, path: readonly string[]): unknown => {
    const place = path.join("\n");
    if (path.length > 0 && fields.some((field) => field.test(place))) return mask;
    if (typeof value === "string") return textMasked(value, detectors);
    if (Array.isArray(value)) return value.map((each) => walk(each, [...path, "0"]));
    if (typeof value !== "object" || value === null) return value;
    const { name } = value as { name?: unknown };
    const is_named = pack.name_value && typeof name === "string" && isSecretKey(name);
    const entries = Object.entries(value).map(([key, each]) => {
      const is_secret = isSecretKey(key) || (is_named && key === "value");
      return [key, is_secret ? valueMasked(each) : walk(each, [...path, key])];
    });
    return Object.fromEntries(entries) as unknown;
  };
  return (line) =>
    line.startsWith("{") ? JSON.stringify(walk(JSON.parse(line), [])) : textMasked(line, detectors);
}

/** The value of a secret key: what is a list or an object is masked by what is in it. */
function valueMasked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueMasked);
  if (typeof value === "object" && value !== null) return value;
  return isKeptValue(String(value)) ? value : mask;
}

function textMasked(text: string, detectors: Detectors): string {
  const bytes = Buffer.from(text);
  let masked = "";
  let at = 0;
  for (const { start, end } of detectors.find(bytes, 0, bytes.length)) {
    masked += bytes.toString("utf8", at, start) + mask;
    at = end;
  }
  return masked + bytes.toString("utf8", at);
}

/** A path as an expression of its keys, each on a line. */
function expressionOf(path: string): RegExp {
  const parts = [...path.matchAll(/\["([^"]+)"\]|\[\*\]|[^.[\]]+/g)].map(([part, quoted]) => {
    if (quoted !== undefined) return RegExp.escape(quoted);
    return part === "**"
      ? "(?:.*\n)?"
      : part === "*" || part === "[*]"
        ? "[^\n]+"
        : RegExp.escape(part);
  });
  return new RegExp(`^${parts.join("\n").replaceAll("(?:.*\n)?\n", "(?:.*\n)?")}$`, "is");
}
