/**
 * Globs, one path segment at a time, so that the walker knows which directories can hold a match.
 *
 * A leading run of plain segments is the directory where the walk begins.
 */
import picomatch from "picomatch";

/** One segment of a glob: a plain name, a pattern for names, or any number of directories. */
export type GlobSegment =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "pattern"; readonly matches: (name: string) => boolean }
  | { readonly kind: "deep" };

export interface Glob {
  readonly text: string;
  /** The deepest directory that every match is in. */
  readonly base: string;
  /** What follows the base; at least one segment. */
  readonly segments: readonly GlobSegment[];
}

/** Alternatives with slashes in them multiply; this many are plenty for anybody. */
const alternatives_max = 1000;

/** The globs that `text` stands for: several where it has alternatives with slashes in them. */
export function parseGlob(text: string): Glob[] {
  return expandAlternatives(text).map((alternative) => {
    const names = alternative.split("/").filter((name) => name !== "" && name !== ".");
    if (names.length === 0) throw new Error("it names no file");
    if (names.includes("..")) throw new Error("it has `..` in it");
    let plain = 0;
    while (plain < names.length - 1 && !isMagic(names[plain]!)) plain += 1;
    const base = `/${names.slice(0, plain).map(unescape).join("/")}`;
    return { text, base, segments: names.slice(plain).flatMap(parseSegment) };
  });
}

/** Whether a path matches; for paths that a walk is not needed for. */
export function globMatches(glob: Glob, path: string): boolean {
  const prefix = glob.base === "/" ? "/" : `${glob.base}/`;
  if (!path.startsWith(prefix)) return false;
  return segmentsMatch(glob.segments, path.slice(prefix.length).split("/"), 0, 0);
}

/** A test for the paths that the exclusion patterns name. */
export function parseExclusions(patterns: readonly string[]): (path: string) => boolean {
  const isOfNames = (pattern: string): boolean => !pattern.includes("/");
  const names = patterns
    .filter(isOfNames)
    .map((pattern) => picomatch.makeRe(pattern, { dot: true }));
  const paths = patterns
    .filter((pattern) => !isOfNames(pattern))
    .map((pattern) => picomatch(pattern, { dot: true }));
  return (path) => {
    // The name is found once: some hundred thousand paths may be tested.
    const name = path.slice(path.lastIndexOf("/") + 1);
    return names.some((regex) => regex.test(name)) || paths.some((test) => test(path));
  };
}

function segmentsMatch(
  segments: readonly GlobSegment[],
  names: readonly string[],
  segment: number,
  name: number,
): boolean {
  const wanted = segments[segment];
  if (wanted === undefined) return name === names.length;
  if (wanted.kind === "deep") {
    for (let next = name; next <= names.length; next += 1) {
      if (segmentsMatch(segments, names, segment + 1, next)) return true;
      if (names[next]?.startsWith(".") ?? true) return false;
    }
    return false;
  }
  const actual = names[name];
  if (actual === undefined || !segmentMatches(wanted, actual)) return false;
  return segmentsMatch(segments, names, segment + 1, name + 1);
}

export function segmentMatches(segment: GlobSegment, name: string): boolean {
  if (segment.kind === "name") return segment.name === name;
  if (segment.kind === "pattern") return segment.matches(name);
  return !name.startsWith(".");
}

function parseSegment(text: string, index: number, all: readonly string[]): GlobSegment[] {
  const anyName = { kind: "pattern", matches: picomatch("*") } as const;
  // A `**` at the end means every file below.
  if (text === "**")
    return index < all.length - 1 ? [{ kind: "deep" }] : [{ kind: "deep" }, anyName];
  if (!isMagic(text)) return [{ kind: "name", name: unescape(text) }];
  return [{ kind: "pattern", matches: picomatch(text, { strictBrackets: true }) }];
}

function isMagic(text: string): boolean {
  return /(?<!\\)[*?[\]{}()!+@]/.test(text) && picomatch.scan(text).isGlob;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

/** Writes out alternatives that have a slash in them: `/a/{b/c,d}/e` is `/a/b/c/e` and `/a/d/e`. */
function expandAlternatives(text: string): string[] {
  const done: string[] = [];
  const open = [text];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = findAlternatives(next);
    if (group === undefined) done.push(next);
    else {
      const before = next.slice(0, group.start);
      const after = next.slice(group.end);
      for (const choice of group.choices) open.push(before + choice + after);
    }
    if (done.length + open.length > alternatives_max) throw new Error("too many alternatives");
  }
  return done.toReversed();
}

function findAlternatives(text: string) {
  for (let start = text.indexOf("{"); start !== -1; start = text.indexOf("{", start + 1)) {
    if (text[start - 1] === "\\") continue;
    const choices: string[] = [];
    let depth = 0;
    let from = start + 1;
    for (let at = start; at < text.length; at += 1) {
      const character = text[at];
      if (character === "\\") at += 1;
      else if (character === "{") depth += 1;
      else if (character === "," && depth === 1) {
        choices.push(text.slice(from, at));
        from = at + 1;
      } else if (character === "}" && (depth -= 1) === 0) {
        choices.push(text.slice(from, at));
        if (choices.length > 1 && choices.some((choice) => choice.includes("/"))) {
          return { start, end: at + 1, choices };
        }
        break;
      }
    }
  }
  return undefined;
}
