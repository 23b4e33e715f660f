/** What looks secret in an event: what was found, with the rule for it, and what is found in text. */
import { pathOfKeys } from "../../event/scan/path.ts";
import { partsOf, removedIn } from "../run/differences.ts";
import { namedValuesIn } from "./secret-names.ts";
import type { ShapedSecrets } from "./shaped-secrets.ts";

export interface Part {
  readonly start: number;
  readonly end: number;
}

/** A value that looks like a secret, and what masks it, as options of redact. */
export interface Found {
  readonly path: string;
  readonly secret: string;
  readonly rule: string;
}

/** Several rules may be needed in one place: a list of headers has many secrets, each by its name. */
export function keyOf(path: string, rule: string): string {
  return `${path} ${rule}`;
}

export function addTo(found: Map<string, Found>, each: Found): void {
  found.set(keyOf(each.path, each.rule), each);
}

export function ruleForPath(path: string): string {
  return `fields: [${JSON.stringify(path)}]`;
}

export function ruleForShape(detector: string): string {
  return `detect: [${detector}]`;
}

/** What is not JSON is masked only where that is asked for; else it would go to quarantine. */
function inText(rule: string): string {
  return `${rule}, on_unreadable: text`;
}

/** Takes out of a text what is secret by a name before it, or known as secret. */
export type Mask = (text: string) => string;

export interface Looked {
  readonly found: Map<string, Found>;
  /** Undefined where nothing in the event has the shape of a secret. */
  readonly shaped: ShapedSecrets | undefined;
  /** Undefined where the mask leaves the event as it is. */
  readonly mask: Mask | undefined;
}

/** Looks at text that is no JSON. */
export function collectText(text: string, looked: Looked): void {
  const { found, shaped } = looked;
  const parts: Part[] = [];
  for (const each of namedValuesIn(text)) {
    const path = pathOfKeys([each.name]);
    parts.push(each);
    addTo(found, { path, secret: each.value, rule: inText(ruleForPath(path)) });
  }
  for (const each of shaped?.in(text) ?? []) {
    const { start, end, detector } = each;
    if (parts.some(overlaps(each))) continue;
    parts.push(each);
    const rule = inText(ruleForShape(detector));
    addTo(found, { path: `(${detector} in text)`, secret: text.slice(start, end), rule });
  }
  for (const secret of maskedBeside(parts, text, looked)) {
    // In text, such a step masks the values of all names that are in the chain.
    addTo(found, { path: "(text)", secret, rule: inText(ruleForShape("credentials")) });
  }
}

/** What the mask takes out of a text beside parts of it that are known already. */
export function maskedBeside(parts: readonly Part[], text: string, { mask }: Looked): string[] {
  if (mask === undefined) return [];
  return removedIn(partsOf(text, mask(text)))
    .filter((each) => !parts.some(overlaps(each)))
    .map(({ start, end }) => text.slice(start, end).trim())
    .filter((secret) => secret !== "");
}

function overlaps(one: Part): (other: Part) => boolean {
  return (other) => other.start < one.end && one.start < other.end;
}
