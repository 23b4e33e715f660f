/**
 * What would be sent although it looks like a secret, and no rule has changed it: by path, with the line that masks it.
 */
import { pathOfKeys } from "../../event/scan/path-of-keys.ts";
import { decoded } from "./json-tokens.ts";
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
const depth_max = 16;
const path_length_max = 160;

export class Unlooked {
  readonly #findings = new Map<string, Finding>();
  readonly #shaped: ShapedSecrets;

  constructor(shaped: ShapedSecrets) {
    this.#shaped = shaped;
  }

  /** Those found most often first. */
  get findings(): readonly Finding[] {
    return [...this.#findings.values()].toSorted((one, other) => other.events - one.events);
  }

  /** Looks at what is sent of an event. `before` gives how it came in. */
  add(after: string, before: () => string): void {
    const is_shaped = this.#shaped.mayHold(after);
    if (!is_shaped && !mayHoldUnmasked(after)) return;
    const found = new Map<string, Found>();
    const value = parsed(after);
    const shaped = is_shaped ? this.#shaped : undefined;
    if (value === undefined) collectText(after, shaped, found);
    else collect(value, { found, shaped, keys: [] });
    if (found.size === 0) return;
    const original = before();
    for (const [path, each] of found) {
      if (isIn(original, each.secret)) this.#count(path, each.detector);
    }
  }

  /** Looks at an indexed field that is sent. */
  addField(name: string, value: unknown): void {
    const [shaped] = typeof value === "string" ? this.#shaped.in(value) : [];
    if (looksSecret(name, value)) this.#count(pathOfKeys([name]), undefined);
    else if (shaped !== undefined) this.#count(pathOfKeys([name]), shaped.detector);
  }

  #count(path: string, detector: string | undefined): void {
    const known = this.#findings.get(path);
    if (known !== undefined) known.events += 1;
    else if (this.#findings.size < findings_max && path.length <= path_length_max) {
      const rule =
        detector === undefined ? `fields: [${JSON.stringify(path)}]` : `detect: [${detector}]`;
      this.#findings.set(path, { path, events: 1, paste: `- redact: { ${rule} }` });
    }
  }
}

/** A value that looks like a secret, by the name before it, or by a detector. */
interface Found {
  readonly secret: string;
  readonly detector: string | undefined;
}

interface Collecting {
  readonly found: Map<string, Found>;
  /** Undefined where nothing in the event has the shape of a secret. */
  readonly shaped: ShapedSecrets | undefined;
  /** What leads to the value that is looked at; undefined stands for the items of an array. */
  readonly keys: (string | undefined)[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function collectText(
  text: string,
  shaped: ShapedSecrets | undefined,
  found: Map<string, Found>,
): void {
  const named = namedValuesIn(text);
  for (const { name, value } of named) {
    found.set(pathOfKeys([name]), { secret: value, detector: undefined });
  }
  for (const { start, end, detector } of shaped?.in(text) ?? []) {
    if (named.some((each) => each.start < end && start < each.end)) continue;
    found.set(`(${detector} in text)`, { secret: text.slice(start, end), detector });
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
  for (const [key, each] of Object.entries(value)) collectMember(key, each, collecting, depth);
}

function collectMember(key: string, value: unknown, collecting: Collecting, depth: number): void {
  const { shaped, keys } = collecting;
  const [in_key] = shaped?.in(key) ?? [];
  // A key that is a secret itself is not shown.
  keys.push(in_key === undefined ? key : undefined);
  if (in_key !== undefined) {
    note({ secret: key.slice(in_key.start, in_key.end), detector: in_key.detector }, collecting);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const named = values.find((each) => looksSecret(key, each)) as string | number | undefined;
  if (named === undefined) collect(value, collecting, depth + 1);
  else note({ secret: String(named), detector: undefined }, collecting);
  keys.pop();
}

function collectString(text: string, collecting: Collecting, depth: number): void {
  const { shaped } = collecting;
  if (shaped === undefined && !mayHoldSecrets(text)) return;
  const held = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (held !== undefined) {
    collect(held, collecting, depth + 1);
    return;
  }
  for (const { value } of namedValuesIn(text)) {
    note({ secret: value, detector: undefined }, collecting);
  }
  for (const { start, end, detector } of shaped?.in(text) ?? []) {
    note({ secret: text.slice(start, end), detector }, collecting);
  }
}

/** The path is written only where something is found: nearly all values are no secrets. */
function note(found: Found, collecting: Collecting): void {
  collecting.found.set(pathOfKeys(collecting.keys), found);
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
