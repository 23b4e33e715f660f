/**
 * What would be sent although it looks like a secret, and no rule has changed it: by path, with the line that masks it.
 */
import { decoded } from "./json-tokens.ts";
import { looksSecret, mayHoldSecrets, namedValuesIn } from "./secret-names.ts";

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
const bare_key = /^[^.[\]"*\s$/][^.[\]"*\s]*$/;

export class Unlooked {
  readonly #findings = new Map<string, Finding>();

  /** Those found most often first. */
  get findings(): readonly Finding[] {
    return [...this.#findings.values()].toSorted((one, other) => other.events - one.events);
  }

  /** Looks at what is sent of an event. `before` gives how it came in. */
  add(after: string, before: () => string): void {
    if (!mayHoldSecrets(after)) return;
    const found = new Map<string, string>();
    const value = parsed(after);
    if (value === undefined) {
      for (const each of namedValuesIn(after)) found.set(bare(each.name), each.value);
    } else collect(value, "", found, 0);
    if (found.size === 0) return;
    const original = before();
    for (const [path, secret] of found) if (isIn(original, secret)) this.#count(path);
  }

  /** Looks at an indexed field that is sent. */
  addField(name: string, value: unknown): void {
    if (looksSecret(name, value)) this.#count(bare(name));
  }

  #count(path: string): void {
    const known = this.#findings.get(path);
    if (known !== undefined) known.events += 1;
    else if (this.#findings.size < findings_max && path.length <= path_length_max) {
      const paste = `- redact: { fields: [${JSON.stringify(path)}] }`;
      this.#findings.set(path, { path, events: 1, paste });
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The values that look like secrets, by their paths. Paths go on in JSON inside strings, as those of redact do. */
function collect(value: unknown, path: string, found: Map<string, string>, depth: number): void {
  if (depth > depth_max) return;
  if (typeof value === "string") {
    if (!mayHoldSecrets(value)) return;
    const held = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    if (held !== undefined) collect(held, path, found, depth + 1);
    else for (const each of namedValuesIn(value)) found.set(path, each.value);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "object") collect(item, `${path}[*]`, found, depth + 1);
      else if (typeof item === "string") collect(item, path, found, depth + 1);
    }
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    const below = joined(path, key);
    if (looksSecret(key, each)) found.set(below, String(each));
    else if (Array.isArray(each) && each.some((item) => looksSecret(key, item))) {
      found.set(below, String(each.find((item) => looksSecret(key, item))));
    } else collect(each, below, found, depth + 1);
  }
}

function joined(path: string, key: string): string {
  if (!bare_key.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

function bare(key: string): string {
  return joined("", key);
}

/** Whether the event had it when it came in, in whatever spelling. */
function isIn(original: string, secret: string): boolean {
  if (original.includes(secret)) return true;
  const spelled = JSON.stringify(secret).slice(1, -1);
  if (original.includes(spelled) || original.includes(JSON.stringify(spelled).slice(1, -1))) return true;
  return /\\/.test(original) && decodedStrings(original).some((each) => each.includes(secret));
}

function decodedStrings(text: string): string[] {
  return (text.match(/"(?:[^"\\]|\\[\s\S])*"/g) ?? []).map(decoded);
}
