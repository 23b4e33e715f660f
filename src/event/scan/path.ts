/**
 * Paths: how a user names a value in a record.
 *
 *     api.name   items[0].id   requestHeader["X-Amz-Date"]   users[*].name   *.token   **.Authorization
 *
 * `*` stands for any one key or item, `**` for any number of levels, none included. A key written bare
 * may hold anything but white space and the characters . [ ] " * and is written ["..."] otherwise,
 * with the escapes of a JSON string. No path begins with $, / or a dot, as those of JSONPath, JSON Pointer and jq do.
 */

import { likelySpelling, ownSpelling } from "./foreign-path.ts";
import { hasWildcard, KeyGlob, type KeyGlobOptions } from "./key-glob.ts";
import { envelope_keys, type Segment, throughKey } from "./segment.ts";

export type { Segment } from "./segment.ts";

export interface PathOptions {
  /** Whether keys match whatever their case, as HTTP header names do. */
  ignore_case?: boolean;
  /**
   * Whether it leads to secrets. Then every doubt finds more: keys with dots in them stand for levels (`a.b` takes
   * `{"a.b": …}`, too), and the path begins as well in arrays at the top, and under the keys of an envelope there.
   * Event.replaceInStrings looks for such paths only.
   */
  secret?: boolean;
  /** Whether a wildcard in it is a mistake: it is to lead to one value. */
  single?: boolean;
}

/** A compiled path. Made once, at start-up, by parsePath. */
export class Path {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly ignore_case: boolean;
  readonly secret: boolean;

  constructor(text: string, segments: readonly Segment[], options: PathOptions = {}) {
    this.text = text;
    this.ignore_case = options.ignore_case ?? false;
    this.secret = options.secret ?? false;
    const is_anywhere = segments[0]?.kind === "deep";
    this.segments = this.secret && !is_anywhere ? [{ kind: "top" }, ...segments] : segments;
  }

  /** The name of the key that it ends in, where it ends in one. */
  get name(): string | undefined {
    const last = this.segments.at(-1);
    return last?.kind === "key" ? last.name : undefined;
  }

  /** What distinguishes it from other paths. */
  get key(): string {
    const { text, ignore_case, secret } = this;
    const last = this.segments.at(-1);
    const written = last?.kind === "glob" ? `keys ${last.glob.key}` : text;
    return `${ignore_case ? "any case" : "exact"} ${secret ? "secret" : "plain"} ${written}`;
  }

  /**
   * Whether it leads to the indexed field of this name, which may stand for a value of the event (`a.b`) or is
   * written as in conditions (`fields.a`).
   */
  leadsToField(name: string): boolean {
    return this.#behindField(name).includes(this.segments.length);
  }

  /** Whether it leads to a part of what the indexed field of this name may hold in a string. */
  leadsIntoField(name: string): boolean {
    return this.#behindField(name).some((at) => at < this.segments.length);
  }

  #behindField(name: string): number[] {
    const { segments } = this;
    const at = segments[0]?.kind === "top" ? 1 : 0;
    const first = segments[at];
    const is_envelope = first?.kind === "key" && envelope_keys.includes(first.name);
    const starts = is_envelope && segments.length > at + 1 ? [0, at + 1] : [0];
    return starts.flatMap((from) => throughKey(this, from, name));
  }

  /** Whether it leads to what is under these keys in each other, or to something around that. */
  covers(keys: readonly string[]): boolean {
    let places: readonly number[] = [0];
    for (const key of keys) places = places.flatMap((from) => throughKey(this, from, key));
    return places.includes(this.segments.length);
  }
}

/** What leads to the values of all keys of these names or globs, wherever they are. */
export function pathToKeys(globs: readonly string[], options: KeyGlobOptions): Path {
  const [first = ""] = globs;
  const last: Segment =
    globs.length > 1 || hasWildcard(first) || options.is_last === true
      ? { kind: "glob", glob: new KeyGlob(globs, options) }
      : { kind: "key", name: first };
  const { ignore_case } = options;
  return new Path(`**.${globs.join("|")}`, [{ kind: "deep" }, last], { ignore_case, secret: true });
}

/** A mistake in a path's text. */
export class PathError extends Error {
  override readonly name = "PathError";
  /** Column of the mistake in the text, from 1. */
  readonly at: number;
  readonly reason: string;

  constructor(reason: string, at: number) {
    super(`${reason} (column ${at})`);
    this.at = at;
    this.reason = reason;
  }
}

/** A record cannot nest deeper than the scanner's 512 levels, and nobody writes a path this long. */
export const path_segments_max = 64;

const bare_key = /[^.[\]"*\s]+/y;
const quoted_key = /"(?:[^"\\]|\\.)*"/sy;
const digits = /\d+/y;

/** Compiles a path; throws a PathError on a mistake in it. */
export function parsePath(text: string, options: PathOptions = {}): Path {
  assertOwnSpelling(text);
  try {
    return parse(text, options);
  } catch (thrown) {
    if (!(thrown instanceof PathError)) throw thrown;
    const spelling = likelySpelling(text);
    // What is a path is only not what this place takes.
    if (spelling === undefined || isPath(text) || !isPath(spelling)) throw thrown;
    throw new PathError(`${thrown.reason}; likely meant: ${spelling}`, thrown.at);
  }
}

function isPath(text: string): boolean {
  try {
    parse(text, {});
    return true;
  } catch {
    return false;
  }
}

function parse(text: string, options: PathOptions): Path {
  const segments: Segment[] = [];
  let at = 0;
  do {
    if (text[at] === "[") {
      at = readBracket(text, at, segments);
    } else {
      if (segments.length > 0) at = readDot(text, at);
      at = readBare(text, at, segments);
    }
    if (segments.length > path_segments_max) {
      throw new PathError(`a path has at most ${path_segments_max} parts`, at + 1);
    }
    const { kind } = segments.at(-1)!;
    if (options.single === true && (kind === "any" || kind === "deep")) {
      throw new PathError("no `*` or `**` can stand in a path that is to lead to one value", at);
    }
  } while (at < text.length);
  return new Path(text, segments, options);
}

/** Paths of JSONPath and JSON Pointer would be read as keys that no event has. */
function assertOwnSpelling(text: string): void {
  const spelling = ownSpelling(text);
  if (spelling === undefined) return;
  const character = text[0]!;
  const key = `a key that begins with ${character} is written in quotes: [${JSON.stringify(character)}]`;
  throw new PathError(`a path does not begin with ${character}; write ${spelling} (${key})`, 1);
}

function readDot(text: string, at: number): number {
  if (text[at] === ".") return at + 1;
  if (text[at] === "*" || text[at - 1] === "*") {
    const advice = "`*` matches a whole key; a key that contains one is written in quotes";
    throw new PathError(`${advice}: ["a*b"]`, at + 1);
  }
  throw unexpected(text, at);
}

function readBare(text: string, at: number, segments: Segment[]): number {
  if (text.startsWith("**", at)) {
    segments.push({ kind: "deep" });
    return at + 2;
  }
  if (text[at] === "*") {
    segments.push({ kind: "any" });
    return at + 1;
  }
  const name = match(bare_key, text, at);
  if (name === undefined) {
    if (at >= text.length) throw new PathError("a key is missing", at + 1);
    if (text[at] === "[") throw new PathError("no dot stands before [", at);
    throw unexpected(text, at);
  }
  segments.push({ kind: "key", name });
  return at + name.length;
}

function readBracket(text: string, at: number, segments: Segment[]): number {
  const inside = at + 1;
  let end = inside;
  if (text[inside] === "*") {
    segments.push({ kind: "any" });
    end += 1;
  } else if (text[inside] === '"') {
    const quoted = match(quoted_key, text, inside);
    if (quoted === undefined) throw new PathError('the closing " is missing', inside + 1);
    segments.push({ kind: "key", name: unquote(quoted, inside) });
    end += quoted.length;
  } else {
    const number = match(digits, text, inside);
    if (number === undefined) {
      throw new PathError('a number from 0, * or a "quoted key" must follow [', inside + 1);
    }
    if (!Number.isSafeInteger(Number(number))) {
      throw new PathError("the number is too large", inside + 1);
    }
    segments.push({ kind: "index", index: Number(number) });
    end += number.length;
  }
  if (text[end] !== "]") throw new PathError("a ] is missing", end + 1);
  return end + 1;
}

function unquote(quoted: string, at: number): string {
  try {
    return JSON.parse(quoted) as string;
  } catch (cause) {
    const message = "the quoted key is not a JSON string: check its escapes";
    throw Object.assign(new PathError(message, at + 1), { cause });
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unexpected(text: string, at: number): PathError {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const advice = 'a key that holds white space or any of . [ ] " * is written ["..."]';
  return new PathError(`${JSON.stringify(character)} cannot stand here; ${advice}`, at + 1);
}

/** Keys that need no brackets. */
const name_written_bare = /^[^.[\]"*\s$/][^.[\]"*\s]*$/;

/** The path to what is under these keys; undefined stands for the items of an array. */
export function pathOfKeys(keys: readonly (string | undefined)[]): string {
  return keys
    .map((key, at) => {
      if (key === undefined) return "[*]";
      if (!name_written_bare.test(key)) return `[${JSON.stringify(key)}]`;
      return at === 0 ? key : `.${key}`;
    })
    .join("");
}
