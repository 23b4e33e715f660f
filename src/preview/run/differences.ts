/**
 * Where two texts differ, as parts of them: what both have, what only the first has, what only the second has.
 *
 * They are compared by tokens and not by characters: a string of JSON, a word, a mark. So a part is something that a
 * reader, and whoever has to hide it, can take as a whole.
 */
import { diffArrays } from "diff";

export interface Part {
  readonly kind: "same" | "removed" | "inserted";
  readonly text: string;
}

/** A tag that stands for a secret, a string of JSON that ends, a word, white space, or any one character. */
const token_pattern = /‹[^›]{1,40}›|"(?:[^"\\\n]|\\.)*"|[\p{L}\p{N}_]+|\s+|[\s\S]/gu;
const word_pattern = /‹[^›]{1,40}›|[\p{L}\p{N}_]+|\s+|[\s\S]/gu;
const words_of = /‹[^›]{1,40}›|[\p{L}\p{N}_]+/gu;
const has_word = /[\p{L}\p{N}_]/u;
/** Parts two values, and is in no replacement. */
const comma = /^\s*,\s*$/;
/** More edits than that are one: nobody reads them, and to find them takes long. */
const edits_max = 400;
const tokens_max = 20_000;

/** The parts, in their order. Parts of one kind are never next to each other. */
export function partsOf(before: string, after: string): Part[] {
  if (before === after) return [{ kind: "same", text: before }];
  return joined(compare(before, after, token_pattern).flatMap(refined));
}

/** The first text without what only the second has: where each removed part is. */
export function removedIn(parts: readonly Part[]): { start: number; end: number }[] {
  const removed: { start: number; end: number }[] = [];
  let at = 0;
  for (const { kind, text } of parts) {
    if (kind === "inserted") continue;
    if (kind === "removed") removed.push({ start: at, end: at + text.length });
    at += text.length;
  }
  return removed;
}

/** The same parts, where the quotes of a string that another takes the place of are with what is the same. */
export function withoutQuotes(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const [one, other] = [parts[at]!, parts[at + 1]];
    const is_pair = one.kind === "removed" && other?.kind === "inserted";
    if (!is_pair || !isQuoted(one.text) || !isQuoted(other.text)) {
      all.push(one);
      continue;
    }
    const quote = { kind: "same", text: '"' } as const;
    const inside = [one, other].map(({ kind, text }) => ({ kind, text: text.slice(1, -1) }));
    all.push(quote, ...inside.filter(({ text }) => text !== ""), quote);
    at += 1;
  }
  return joined(all);
}

function isQuoted(text: string): boolean {
  return /^"(?:[^"\\]|\\[\s\S])*"$/.test(text);
}

interface Change {
  readonly same?: string;
  readonly removed: string;
  readonly inserted: string;
}

/** A string in which only some words are others is shown as such; one that has none in common, as a whole. */
function refined({ same, removed, inserted }: Change): Part[] {
  if (same !== undefined) return [{ kind: "same", text: same }];
  const is_string = removed.startsWith('"') && inserted.startsWith('"');
  if (is_string && haveCommonWord(removed, inserted)) {
    const inner = compare(removed, inserted, word_pattern);
    if (inner.some((each) => each.same !== undefined && has_word.test(each.same))) {
      return inner.flatMap((each) => plain(each));
    }
  }
  return plain({ removed, inserted });
}

function haveCommonWord(one: string, other: string): boolean {
  const words = new Set(other.match(words_of));
  return words.size > 0 && (one.match(words_of) ?? []).some((each) => words.has(each));
}

function plain({ same, removed, inserted }: Change): Part[] {
  if (same !== undefined) return [{ kind: "same", text: same }];
  const parts: Part[] = [];
  if (removed !== "") parts.push({ kind: "removed", text: removed });
  if (inserted !== "") parts.push({ kind: "inserted", text: inserted });
  return parts;
}

function compare(before: string, after: string, pattern: RegExp): Change[] {
  const one = before.match(pattern) ?? [];
  const other = after.match(pattern) ?? [];
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const middle = [
    one.slice(start, one.length - end),
    other.slice(start, other.length - end),
  ] as const;
  const head = one.slice(0, start).join("");
  const tail = one.slice(one.length - end).join("");
  return [
    ...(head === "" ? [] : [sameText(head)]),
    ...changesIn(middle[0], middle[1]),
    ...(tail === "" ? [] : [sameText(tail)]),
  ];
}

function sameText(text: string): Change {
  return { same: text, removed: "", inserted: "" };
}

function changesIn(one: readonly string[], other: readonly string[]): Change[] {
  const whole = { removed: one.join(""), inserted: other.join("") };
  if (one.length === 0 || other.length === 0 || one.length + other.length > tokens_max)
    return [whole];
  const found = diffArrays([...one], [...other], { maxEditLength: edits_max });
  if (found === undefined) return [whole];
  const changes: Change[] = [];
  let open: { removed: string; inserted: string } | undefined;
  for (const [at, { added, removed, value }] of found.entries()) {
    const text = value.join("");
    // Marks and blanks that are the same by chance do not part what was changed at once.
    const is_last = at === found.length - 1;
    const is_chance = open !== undefined && !is_last && !has_word.test(text) && !comma.test(text);
    if (added) open = { removed: open?.removed ?? "", inserted: (open?.inserted ?? "") + text };
    else if (removed)
      open = { removed: (open?.removed ?? "") + text, inserted: open?.inserted ?? "" };
    else if (is_chance) open = { removed: open!.removed + text, inserted: open!.inserted + text };
    else {
      if (open !== undefined) changes.push(open);
      open = undefined;
      changes.push(sameText(text));
    }
  }
  if (open !== undefined) changes.push(open);
  return changes;
}

function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last?.kind === part.kind) all[all.length - 1] = { ...last, text: last.text + part.text };
    else all.push(part);
  }
  return all;
}
