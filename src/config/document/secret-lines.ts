/**
 * Where in a line of a configuration something secret may begin, by the name before it. The file may be no YAML at all, so a
 * name counts also where a blank, a colon or a quote is missing.
 */
import { hidden_text } from "../../platform/secret.ts";
import { maybeSecretName } from "./secret-names.ts";

/** Begins a line or an item, or follows a bracket or comma; behind it may be tags and anchors. */
const before_name = String.raw`(?:^[ \t]*(?:[-?] +)*|[{[,]\s*)(?:[!&][^\s,[\]{}]*\s+)*`;
/** `name:`; in quotes, as in JSON, without a blank behind it, too. */
const named = new RegExp(
  `${before_name}(?:(?:"((?:[^"\\\\]|\\\\.)*)"|'([^']*)')\\s*:|([^\\s"',:{}[\\]#&*!|>-](?:[^:#{}[\\],]*?[^\\s:#{}[\\],])?)\\s*:(?=\\s|$))`,
  "g",
);
/** `name:value` and `name=value`, wherever a word can begin. */
const glued = /(?<=^|[\s{[,"'])([\w-]+)["']?[:=](?=[^\s=])/g;
/** `name value` and `name = value` at the beginning of a line. */
const apart = /^[ \t]*(?:- +)*["']?([\w-]+)["']?(?:\s*=(?!=)|\s+(?=[^\s:=]))/g;
/** The value of a key that is on a line of its own, behind `?`. */
const explicit_value = /^[ \t]*:(?=\s)/;

/** Of a value that goes on below its line: nothing, a block, or a quote that is not closed. */
const open_value = /^(?:[|>].*|"(?:[^"\\]|\\.)*|'[^']*)?$/;

interface Name {
  readonly name: string;
  /** Where its value begins. */
  readonly end: number;
}

/** Where values begin that are secret by their names, in order; also where there is nothing. */
function secretsIn(text: string): number[] {
  const ends = [...namesIn(text), ...wordsIn(text)]
    .filter(({ name }) => isSecret(name))
    .map(({ end }) => end);
  const explicit = explicit_value.exec(text);
  if (explicit !== null) ends.push(explicit[0].length);
  return ends.sort((one, other) => one - other);
}

/** The line up to a value that is secret by its name, and without what a URL says of its user. */
export function lineWithoutSecrets(text: string): string {
  for (const start of secretsIn(text)) {
    const value = text.slice(start).trim();
    // What is wrong is often a reference.
    if (value === "" || isReference(value)) continue;
    return withoutUser(`${text.slice(0, start).trimEnd()} ${hidden_text}`);
  }
  return withoutUser(text);
}

/** The same for one of many lines, also where it belongs to a secret above it. */
export function withoutSecrets(lines: readonly string[], index: number): string {
  const text = lines[index] ?? "";
  const value = text.replace(/^\s*(?:- +)*/, "").trim();
  if (value === "" || isReference(value) || !isBelowSecret(lines, index))
    return lineWithoutSecrets(text);
  return `${/^\s*/.exec(text)![0]}${hidden_text}`;
}

/** It is no secret, though what it stands for is one. */
function isReference(value: string): boolean {
  return /^["']?\$\{[^}]*\}?["']?$/.test(value);
}

/** A URL may have a password. */
function withoutUser(text: string): string {
  return text.replaceAll(/(:\/\/)\S{0,1024}(?=@)/g, `$1${hidden_text}`);
}

/** Whether there is a URL with something before its host. */
export function hasUser(text: string): boolean {
  return /:\/\/\S{0,1024}@/.test(text);
}

/** Whether a text has something secret in it by what it says itself: behind a name, or in a URL with a password. */
export function holdsSecret(text: string): boolean {
  if (hasUser(text)) return true;
  return text
    .split("\n")
    .some((line) => secretsIn(line).some((start) => line.slice(start).trim() !== ""));
}

/** Whether a line belongs to a value whose name, on a line above it, says that it is secret, or to the events of tests. */
export function isBelowSecret(lines: readonly string[], index: number): boolean {
  let depth = depthOf(lines[index]!);
  // What is indented wrongly goes on with the value above it, too.
  let is_nameless = namesIn(lines[index]!).length === 0;
  for (let above = index - 1; above >= 0 && (depth > 0 || is_nameless); above -= 1) {
    const text = lines[above]!;
    const is_above = columnOf(text) < depth;
    if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
    const names = is_above || is_nameless ? namesIn(text) : [];
    if (is_above && (names.some(({ name }) => name === "tests") || secretsIn(text).length > 0))
      return true;
    const last = is_nameless ? names.at(-1) : undefined;
    if (last !== undefined) {
      is_nameless = false;
      if (isSecret(last.name) && open_value.test(text.slice(last.end).trim())) return true;
    }
    depth = Math.min(depth, depthOf(text));
  }
  return false;
}

function namesIn(text: string): Name[] {
  return [...text.matchAll(named)].map((match) => {
    const [all, double, single, plain] = match;
    return { name: double ?? single ?? plain ?? "", end: match.index + all.length };
  });
}

function wordsIn(text: string): Name[] {
  return [...text.matchAll(glued), ...text.matchAll(apart)].map((match) => {
    return { name: match[1]!, end: match.index + match[0].length };
  });
}

/** A name with an escape in it may be any. */
function isSecret(name: string): boolean {
  return name.includes("\\") || maybeSecretName(name);
}

/** Where the text begins, behind the dashes of items. */
function columnOf(text: string): number {
  return /^\s*(?:- +)*/.exec(text)![0].length;
}

/** What is less than this is above it: an item may stand right below its key. */
function depthOf(text: string): number {
  const indent = /^\s*/.exec(text)![0].length;
  return /^\s*-(?: |$)/.test(text) ? indent + 1 : indent;
}
