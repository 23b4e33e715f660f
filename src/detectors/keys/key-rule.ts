/** Keys whose values are secret whatever these look like, and which of their values are kept all the same. */
import type { Part } from "../contract/detection.ts";

/** Keys of one kind. */
export interface KeyRule {
  readonly detector: string;
  /** Names of keys in lower case, to be compared in any case; `*` stands for any characters. */
  readonly keys: readonly string[];
  /** Keys that are none of these, although a name above fits them. */
  readonly except: readonly string[];
  /** Which parts of the value authenticate, for `partial`; undefined where all of it does. The value is decoded text. */
  readonly secretOf?: (bytes: Buffer, start: number, end: number) => readonly Part[] | undefined;
  /** Whether an object there has the secrets as its members, as one of cookies by their names has. */
  readonly is_map?: true;
}

const kept_words = new Set([
  "",
  "true",
  "false",
  "null",
  "none",
  "-",
  "redacted",
  "masked",
  "hidden",
]);
const kept_shapes = [
  // Vault's, which auditors compare with /sys/audit-hash.
  /^hmac-sha256:[0-9a-f]{64}$/,
  // What somebody has masked before.
  /^(\*+|x{3,}|<[a-z _-]*(redacted|masked|hidden|removed|suppressed|not logged)[a-z _-]*>)$/i,
  /^\[(redacted|masked|filtered|hidden)\]$/i,
];

/** Whether a value stays as it is although its key is one of a secret: the text of a scalar, decoded if it is a string. */
export function isKeptValue(value: string): boolean {
  if (value.length > 128) return false;
  return kept_words.has(value.toLowerCase()) || kept_shapes.some((shape) => shape.test(value));
}

/** Members that are the secret itself: written as an object with its type or its state, or as a change of it. */
const holding_members = new Set(
  [
    "value values val v raw plain plaintext plain_text clear cleartext text string stringvalue string_value #text data s b ss",
    "old new from to before after previous current oldvalue newvalue old_value new_value parameter credentials",
  ].flatMap((names) => names.split(" ")),
);

/** Whether an object under such a key is a secret with something around it, as in `{"password": {"value": "…"}}`. */
export function holdsSecret(object: object, rule: KeyRule | undefined): boolean {
  return Object.entries(object).some(([name, value]) => {
    if (Array.isArray(value)) return isHolding(name, rule);
    if (typeof value === "object" || isKeptValue(String(value))) return false;
    return isHolding(name, rule) && (rule?.is_map !== true || typeof value === "string");
  });
}

function isHolding(name: string, rule: KeyRule | undefined): boolean {
  if (rule?.is_map === true) return true;
  return holding_members.has(name.toLowerCase()) || /^(?:\$(?!ref$)|\d+$)/.test(name);
}

/** Whether the rule is about the key. */
export function fitsKey({ keys, except }: KeyRule, key: string): boolean {
  const lower = key.toLowerCase();
  return (
    keys.some((glob) => fitsGlob(glob, lower)) && !except.some((glob) => fitsGlob(glob, lower))
  );
}

/** Globs with `*` alone: the parts between stand in the key one behind the other. */
function fitsGlob(glob: string, key: string): boolean {
  const parts = glob.split("*");
  if (parts.length === 1) return glob === key;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (key.length < first.length + last.length) return false;
  if (!key.startsWith(first) || !key.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const next = key.indexOf(part, at);
    if (next < 0 || next + part.length > key.length - last.length) return false;
    at = next + part.length;
  }
  return true;
}
