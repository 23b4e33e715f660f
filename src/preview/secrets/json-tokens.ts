/**
 * The scalar values in JSON text, each with the key that it is under: by looking at its tokens, so that text that is nearly
 * JSON is looked at, too.
 */
import { RecentTexts } from "./recent-texts.ts";

export interface JsonToken {
  readonly start: number;
  readonly end: number;
  /** As it is written: a string with its quotes, a number or a word. */
  readonly raw: string;
  /**
   * The key before it; that of the array where it is an item of one. What is only called a value has the name that stands
   * before it (`{"name":"Cookie","value":"x"}`), or else the key of the object (`{"password":{"value":"x"}}`).
   */
  readonly key: string | undefined;
  readonly is_key: boolean;
}

/** A string that is cut off is one, too. */
const token = /"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[-+\w.]+|[[\]{}:,]/g;

/** Keys of a value's name, and of a value that is only called one. */
export const key_of_name = /^(?:name|key|header)$/i;
export const key_of_value = /^(?:values?|data|v)$/i;

/** JSON in strings is looked into so deep. */
export const strings_depth_max = 3;

/** Whether the text begins as an object or an array does. */
export function isLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** Whether the text is an object or an array of JSON. */
export function isJsonContainer(text: string): boolean {
  if (!isLikeJson(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const recent = new RecentTexts<readonly JsonToken[]>();

/** The scalars in the text, keys included. */
export function jsonTokens(text: string): readonly JsonToken[] {
  return recent.get(text, (each) => [...tokensIn(each)]);
}

function* tokensIn(text: string): Generator<JsonToken> {
  const keys: (string | undefined)[] = [];
  let key: string | undefined;
  let name: string | undefined;
  for (const { 0: raw, index: start } of text.matchAll(token)) {
    const end = start + raw.length;
    if (raw === "{") {
      keys.push(key);
      key = undefined;
      name = undefined;
    } else if (raw === "[") keys.push(key);
    else if (raw === "}" || raw === "]") {
      keys.pop();
      key = undefined;
    } else if (raw === ",") {
      // The items of an array are under its key; a member has one of its own.
      if (text[start] === "," && !isInArray(keys, key)) key = undefined;
    } else if (raw !== ":") {
      const is_key = raw.startsWith('"') && isBeforeColon(text, end);
      if (is_key) {
        const written = decoded(raw);
        key = key_of_value.test(written) ? (name ?? keys.at(-1) ?? written) : written;
      } else if (key !== undefined && key_of_name.test(key)) name = decoded(raw);
      yield { start, end, raw, key, is_key };
    }
  }
}

/** Whether a colon comes next, behind some blanks at most. */
function isBeforeColon(text: string, at: number): boolean {
  return text[at] === ":" || (text[at] !== "," && /^\s*:/.test(text.slice(at, at + 16)));
}

function isInArray(keys: readonly (string | undefined)[], key: string | undefined): boolean {
  return key !== undefined && keys.at(-1) === key;
}

/** What a string of JSON holds; other text as it is. */
export function decoded(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  if (!raw.includes("\\") && raw.length > 1 && raw.endsWith('"')) return raw.slice(1, -1);
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw.slice(1, raw.endsWith('"') && raw.length > 1 ? -1 : undefined);
  }
}

/** The string without its quotes, as it is written. */
export function inside(raw: string): string {
  return raw.length > 1 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
}

/** A number as one, so that it is judged as such. */
export function valueOf(raw: string): unknown {
  if (raw.startsWith('"')) return decoded(raw);
  return /^-?\d/.test(raw) ? Number(raw) : undefined;
}
