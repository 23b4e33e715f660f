/**
 * What a schema finds wrong with an option, in words that say what to do. For the configuration and for the
 * options of plugins alike.
 *
 * Check with `{ error: () => unworded }`: then the messages of the options' own can be distinguished from the library's.
 */
import type { z } from "zod";
import { nearest } from "./suggest.ts";
import { formatDuration, formatSize } from "./units.ts";

type Issue = z.core.$ZodIssue;

/** Stands in for the messages of the library. */
export const unworded = "\u0000";

/** Stands in for a value that must not be shown. */
export const hidden = Symbol("hidden");

/**
 * What is wrong, in words: the option's own message where it has one. `found` is the value that is
 * there, or `hidden`; `title` is the schema's, which distinguishes durations and sizes from other numbers.
 */
export function explainIssue(issue: Issue, found: unknown, title?: string): string {
  if (issue.message !== unworded) return `${issue.message}${quotesHint(found)}`;
  if (found === undefined) return "is missing";
  const tail = `, found ${inWords(found)}`;
  if (issue.code === "invalid_type") {
    return `expected ${typeInWords(issue.expected)}${tail}${hint(issue, found)}`;
  }
  if (issue.code === "invalid_value") {
    const known = issue.values.map(String);
    const choice = known.map((each) => `"${each}"`).join(" or ");
    const near = typeof found === "string" && known.length > 1 ? nearest(found, known) : undefined;
    return `expected ${choice}${tail}${near === undefined ? "" : `; did you mean "${near}"?`}`;
  }
  if (issue.code === "too_small") {
    return `expected at least ${amountInWords(title ?? issue.origin, issue.minimum)}${tail}`;
  }
  if (issue.code === "too_big") {
    return `expected at most ${amountInWords(title ?? issue.origin, issue.maximum)}${tail}`;
  }
  if (issue.code === "invalid_union") {
    const types = issue.errors.flatMap(([first]) =>
      first?.code === "invalid_type" ? [typeInWords(first.expected)] : [],
    );
    return `expected ${[...new Set(types)].join(" or ")}${tail}`;
  }
  return `expected something else${tail}`;
}

/** What to do about the typical slip behind a value of the wrong type. */
function hint(issue: Issue & { code: "invalid_type" }, found: unknown): string {
  const { expected } = issue;
  if (found === null) return "; is the value missing, or not indented under its key?";
  if (expected === "array" && typeof found === "string") {
    return `; write a list: [${JSON.stringify(found)}]`;
  }
  const is_bare = typeof found === "number" || typeof found === "boolean" || found === hidden;
  if (expected === "string" && is_bare) return "; put it in quotes if it is meant as text";
  if (
    expected === "string" &&
    Array.isArray(found) &&
    found.every((each) => typeof each === "string")
  )
    return "; write one text, without brackets";
  if (expected === "number" && typeof found === "string") return numberHint(found);
  if (isMapName(expected) && Array.isArray(found)) {
    return '; write "name: value", without "- " and [ ]';
  }
  if (expected === "array" && typeof found === "object") return '; begin each item with "- "';
  if (isMapName(expected) && typeof found === "string" && found.includes(":"))
    return '; is the space after ":" missing?';
  if (isMapName(expected) && found === hidden)
    return '; write "name: value" below it, with a space after the ":"';
  if (isMapName(expected) && typeof found === "string")
    return '; write "name: value" below it, or { name: value }';
  if (expected === "boolean" && typeof found === "string") {
    if (/^(?:yes|on|true)$/i.test(found)) return "; write true";
    if (/^(?:no|off|false)$/i.test(found)) return "; write false";
  }
  if (expected === "string" && typeof found === "object") {
    return "; put text with braces or brackets in quotes";
  }
  return "";
}

/** A percentage, or a number in quotes. */
function numberHint(found: string): string {
  const [, digits, percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(found) ?? [];
  if (digits === undefined) return "";
  return percent === "%" ? `; write ${Number(digits) / 100}` : `; write ${digits}, without quotes`;
}

/** Text that was copied from a document has its quotes. */
function quotesHint(found: unknown): string {
  const is_quoted = typeof found === "string" && /^[\u2018-\u201f\u00ab]/.test(found);
  return is_quoted ? `; quotes are written " or '` : "";
}

function isMapName(expected: string): boolean {
  return expected === "object" || expected === "record";
}

function typeInWords(type: string): string {
  const words: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map of options",
    record: "a map by name",
    null: "nothing",
  };
  return Object.hasOwn(words, type) ? words[type]! : type;
}

function amountInWords(origin: string, amount: number | bigint): string {
  if (origin === "duration") return formatDuration(Number(amount));
  if (origin === "size") return formatSize(Number(amount));
  if (origin === "string") return `${amount} character${amount === 1 ? "" : "s"}`;
  if (origin === "array") return `${amount} item${amount === 1 ? "" : "s"}`;
  return String(amount);
}

/** What is there, cut short. Secrets are taken out by the source that complains. */
function inWords(found: unknown): string {
  if (found === null) return "nothing";
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : "a list";
  if (typeof found === "object") return "a map";
  if (found === hidden) return "a value that is not shown here";
  if (typeof found !== "string") return JSON.stringify(found) ?? typeof found;
  return JSON.stringify(found.length > 60 ? `${found.slice(0, 60)}…` : found);
}
