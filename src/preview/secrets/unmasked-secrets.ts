/**
 * What would be sent although it looks like a secret, and no rule has changed it: by path, with the line that masks it. What a preview
 * hides of what is sent is among it.
 */
import { pathOfKeys } from "../../event/scan/path.ts";
import { mayBeJson } from "../../event/strings/is-json.ts";
import {
  addTo,
  collectText,
  keyOf,
  maskedBeside,
  ruleForPath,
  ruleForShape,
  type Found,
  type Looked,
  type Mask,
} from "./found-secrets.ts";
import { decoded, isLikeJson, key_of_name, key_of_value } from "./json-tokens.ts";
import type { ShapedSecrets } from "./shaped-secrets.ts";
import { looksSecret, mayHoldSecrets, mayHoldUnmasked, namedValuesIn } from "./secret-names.ts";

export interface Finding {
  /** As redact's `fields` has it. */
  readonly path: string;
  events: number;
  /** What to add to the chain. */
  readonly paste: string;
}

const findings_max = 100;
/**
 * To mask an event takes as long as all else that is done with it. Where no usual name of a secret is in it, so many are masked: that
 * shows where the names of a chain's own rules stand beside their paths.
 */
const masked_events_max = 1000;
const depth_max = 16;
/** JSON in strings in strings: as far as redact looks. */
const strings_max = 2;
const path_length_max = 160;

export class UnmaskedSecrets {
  readonly #findings = new Map<string, Finding>();
  readonly #shaped: ShapedSecrets;
  readonly #mask: Mask;
  #looks = 0;

  /** `mask` is what a preview hides of any text. */
  constructor(shaped: ShapedSecrets, mask: Mask) {
    this.#shaped = shaped;
    this.#mask = mask;
  }

  /** Those found most often first. */
  get findings(): readonly Finding[] {
    return [...this.#findings.values()].toSorted((one, other) => other.events - one.events);
  }

  /** Looks at what is sent of an event. `before` gives how it came in. */
  add(after: string, before: () => string): void {
    const is_shaped = this.#shaped.mayHold(after);
    const is_named = mayHoldUnmasked(after);
    this.#looks += 1;
    if (!is_shaped && !is_named && this.#looks > masked_events_max) return;
    const mask = this.#mask(after) === after ? undefined : this.#mask;
    if (!is_shaped && !is_named && mask === undefined) return;
    const found = new Map<string, Found>();
    const value = isLikeJson(after) ? parsed(after) : undefined;
    const looked = { found, shaped: is_shaped ? this.#shaped : undefined, mask };
    if (typeof value !== "object" || value === null) collectText(after, looked);
    else collect(value, { ...looked, keys: [], strings: 0, noted: 0 });
    if (found.size === 0) return;
    const original = before();
    for (const { path, secret, rule } of found.values()) {
      if (isIn(original, secret)) this.#count(path, rule);
    }
  }

  /** Looks at an indexed field that is sent. */
  addField(name: string, value: unknown): void {
    const [shaped] = typeof value === "string" ? this.#shaped.in(value) : [];
    const path = pathOfKeys([name]);
    if (looksSecret(name, value)) this.#count(path, ruleForPath(path));
    else if (shaped !== undefined) this.#count(path, ruleForShape(shaped.detector));
    else if (typeof value === "string" && this.#mask(value) !== value)
      this.#count(path, ruleForPath(path));
  }

  #count(path: string, rule: string): void {
    const known = this.#findings.get(keyOf(path, rule));
    if (known !== undefined) known.events += 1;
    else if (this.#findings.size < findings_max) {
      this.#findings.set(keyOf(path, rule), { path, events: 1, paste: `- redact: { ${rule} }` });
    }
  }
}

interface Collecting extends Looked {
  /** What leads to the value that is looked at; undefined stands for the items of an array. */
  readonly keys: (string | undefined)[];
  /** How many strings around it hold it as JSON. */
  strings: number;
  /** How often something was found. */
  noted: number;
}

function parsed(text: string): unknown {
  if (!mayBeJson(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The values that look like secrets, by their paths. Paths go on in JSON inside strings, as those of redact do. */
function collect(value: unknown, collecting: Collecting, depth = 0): void {
  if (depth > depth_max) return;
  if (typeof value === "string") {
    collectString(value, collecting, depth);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const { keys } = collecting;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object") {
        keys.push(undefined);
        collect(item, collecting, depth + 1);
        keys.pop();
      } else if (typeof item === "string") collect(item, collecting, depth + 1);
    }
    return;
  }
  const named = namedMember(value);
  for (const [key, each] of Object.entries(value)) {
    if (key === named?.key) noteNamed(named, collecting);
    else collectMember(key, each, collecting, depth);
  }
}

function collectMember(key: string, value: unknown, collecting: Collecting, depth: number): void {
  const { shaped, keys } = collecting;
  const [in_key] = shaped?.in(key) ?? [];
  const parent = key_of_value.test(key) ? keys.findLast((each) => each !== undefined) : undefined;
  // A key that is a secret itself is not shown.
  keys.push(in_key === undefined ? key : undefined);
  if (in_key !== undefined) {
    const secret = key.slice(in_key.start, in_key.end);
    note(secret, ruleForShape(in_key.detector), collecting);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isSecret = (each: unknown): boolean => looksSecret(key, each) || isBelow(parent, each);
  const named = values.find(isSecret) as string | number | undefined;
  if (named === undefined) {
    const { noted } = collecting;
    collect(value, collecting, depth + 1);
    const masked = values.find((each) => isMasked(key, each, collecting)) as string | number;
    if (masked !== undefined && noted === collecting.noted)
      note(String(masked), undefined, collecting);
  } else note(String(named), undefined, collecting);
  keys.pop();
}

/** Whether the mask takes away what is under the key: a rule knows that by its name elsewhere. */
function isMasked(key: string, value: unknown, looked: Looked): boolean {
  if (typeof value !== "string" && typeof value !== "number") return false;
  return maskedBeside([], JSON.stringify({ [key]: value }), looked).length > 0;
}

/** As in `{ password: { value: "…" } }`. */
function isBelow(parent: string | undefined, value: unknown): boolean {
  return parent !== undefined && looksSecret(parent, value);
}

interface NamedMember {
  readonly key: string;
  readonly name: string;
  readonly value: unknown;
}

/** What stands beside its name, as in `{ name: "Authorization", value: "…" }`, where it looks like a secret. */
function namedMember(record: object): NamedMember | undefined {
  const members = Object.entries(record);
  const names = members.flatMap(([key, each]) =>
    key_of_name.test(key) && typeof each === "string" ? [each] : [],
  );
  if (names.length === 0) return undefined;
  for (const [key, value] of members) {
    if (!key_of_value.test(key)) continue;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const name = names.find((each) => values.some((item) => looksSecret(each, item)));
    if (name !== undefined) return { key, name, value };
  }
  return undefined;
}

function noteNamed({ key, name, value }: NamedMember, collecting: Collecting): void {
  const { keys } = collecting;
  keys.push(key);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const secret = values.find((each) => looksSecret(name, each));
  // `name_value` knows the usual spelling, and an exclamation mark at the start says which names are left out.
  const glob = JSON.stringify(name.replace(/^!/, "?"));
  const is_usual = key.toLowerCase() === "value" && name.length <= path_length_max;
  note(String(secret), is_usual ? `keys: [${glob}], name_value: true` : undefined, collecting);
  keys.pop();
}

function collectString(text: string, collecting: Collecting, depth: number): void {
  const { shaped, mask } = collecting;
  if (shaped === undefined && mask === undefined && !mayHoldSecrets(text)) return;
  const is_deep = collecting.strings >= strings_max;
  const held = isLikeJson(text) && !is_deep ? parsed(text) : undefined;
  if (held !== undefined) {
    collecting.strings += 1;
    collect(held, collecting, depth + 1);
    collecting.strings -= 1;
    return;
  }
  const named = namedValuesIn(text);
  for (const { value } of named) note(value, undefined, collecting);
  const of_shape = shaped?.in(text) ?? [];
  for (const { start, end, detector } of of_shape) {
    note(text.slice(start, end), ruleForShape(detector), collecting);
  }
  for (const secret of maskedBeside([...named, ...of_shape], text, collecting))
    note(secret, undefined, collecting);
}

/** `rule` where it is not that of the path, which is written only where something is found: nearly all values are no secrets. */
function note(secret: string, rule: string | undefined, collecting: Collecting): void {
  const { keys, found } = collecting;
  collecting.noted += 1;
  const whole = keys.length === 0 ? "[*]" : pathOfKeys(keys);
  const last = keys.findLast((key) => key !== undefined);
  const path =
    whole.length <= path_length_max || last === undefined ? whole : `**.${pathOfKeys([last])}`;
  addTo(found, { path, secret, rule: rule ?? ruleForPath(path) });
}

/** Whether the event had it when it came in, in whatever spelling. */
function isIn(original: string, secret: string): boolean {
  if (original.includes(secret)) return true;
  const spelled = JSON.stringify(secret).slice(1, -1);
  if (original.includes(spelled) || original.includes(JSON.stringify(spelled).slice(1, -1)))
    return true;
  return /\\/.test(original) && decodedStrings(original).some((each) => each.includes(secret));
}

function decodedStrings(text: string): string[] {
  return (text.match(/"(?:[^"\\]|\\[\s\S])*"/g) ?? []).map(decoded);
}
