/** What looks like a secret by its name, although no rule may know it. What goes by values is in shaped-secrets.ts. */

/** Names of secrets, as a quick look for them in a whole record. */
const names =
  "passw|passphrase|kennwort|pwd|secret|token|authorization|cookie|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key";
const any_name = new RegExp(names, "i");
/** What only says which secret is meant, or something about it. */
const about =
  /(?:[-_.](?:id|name|type|count|expiry|expires|expiration|length|version)|Ids?|Name|Type|Count|Expir\w*|Length)$/;
/** Under these, a number is a secret, too. */
const of_numbers = /passw|secret/i;
/** What stands where a secret was: `[REDACTED]`, `***`, `<hidden>`, `(none)`; and Vault's hashes. */
const placeholder =
  /^(?:\[[^\]]*\]|<[^>]*>|\([^)]*\)|[*x•.-]+|redacted|hidden|masked|null|none|true|false|hmac-sha256:.*)$/i;
/** In text: a name, what parts it from its value, and the value. */
const named_value = new RegExp(
  `(?<![\\w-])[\\w.-]{0,64}(?:${names})[\\w.-]{0,64}["']?\\s{0,8}[=:]\\s{0,8}(?:(?:bearer|basic)\\s{1,8})?["']?([^\\s"',;&<>()\\[\\]{}]+)`,
  "gi",
);

/** A part of that which every value of a name has, as a quick look for it: most lines with such a word say something about it. */
const assigned_name = new RegExp(`(?:${names})[\\w.-]{0,64}["']?\\s{0,8}[=:]`, "i");

/** A name that is no key of a masked string, as JSON has that: `"password":"[REDACTED]"`. */
const unmasked_name = new RegExp(
  `(?:${names})(?![\\w.-]{0,64}"\\s{0,8}:\\s{0,8}"\\[[^\\]"\\\\]*\\]")`,
  "i",
);

/** The same as mayHoldSecrets, for a record that rules have masked. */
export function mayHoldUnmasked(text: string): boolean {
  return unmasked_name.test(text) || text.includes("\\u00");
}

/** Whether there may be anything in the text, in whatever spelling of JSON. Quick. */
export function mayHoldSecrets(text: string): boolean {
  return any_name.test(text) || text.includes("\\u00");
}

/** Whether what is under the key looks like a secret. */
export function looksSecret(key: string, value: unknown): boolean {
  if (!any_name.test(key) || about.test(key)) return false;
  if (typeof value === "number" || typeof value === "bigint") return of_numbers.test(key);
  return typeof value === "string" && value !== "" && !placeholder.test(value);
}

/** A value in text that looks like a secret. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** The values in text, which is not JSON, that look like secrets by the names before them. */
export function namedValuesIn(text: string): NamedValue[] {
  if (!assigned_name.test(text)) return [];
  return [...text.matchAll(named_value)].flatMap((match) => {
    const value = match[1]!;
    const name = /^[\w.-]+/.exec(match[0])?.[0] ?? "";
    const end = match.index + match[0].length;
    if (!looksSecret(name, value)) return [];
    return [{ name, value, start: end - value.length, end }];
  });
}
