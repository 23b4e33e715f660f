/**
 * Names of keys with wildcards: `*` stands for any characters, `?` for one. Matching takes time in proportion to the key.
 */
/**
 * One spelling for all cases of a key. Upper case first, since some letters have only one way
 * (the long s ſ is a lower-case letter, the Kelvin sign K an upper-case one).
 */
export function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

export interface KeyGlobOptions {
  readonly ignore_case: boolean;
  /** Keys that it does not match, although it looks like them. */
  readonly exceptions: readonly string[];
  /**
   * Whether a key with dots is matched as a whole or by its last part alone: what is known of a secret's name says nothing of
   * what is below it, such as `authorization.k8s.io/decision`. Default: by any of its parts.
   */
  readonly is_last?: boolean;
}

/** Whether it is more than a name. */
export function hasWildcard(glob: string): boolean {
  return /[*?]/.test(glob);
}

/** One glob, or several that mean the same. */
export class KeyGlob {
  readonly texts: readonly string[];
  /** Apart from others: they may have other exceptions. */
  readonly key: string;
  /** See KeyGlobOptions. */
  readonly is_last: boolean;
  readonly #options: KeyGlobOptions;
  readonly #own: Names;
  readonly #exceptions: Names;

  constructor(texts: readonly string[], options: KeyGlobOptions) {
    const { ignore_case, exceptions, is_last = false } = options;
    const folded = (each: string): string => (ignore_case ? foldCase(each) : each);
    this.texts = texts;
    this.key = JSON.stringify([texts, exceptions, is_last]);
    this.is_last = is_last;
    this.#options = options;
    this.#own = namesOf(texts.map(folded));
    this.#exceptions = namesOf(exceptions.map(folded));
  }

  /** How what it matches ends: one of these, of which an empty one says nothing. */
  get endings(): readonly string[] {
    const { plain, patterns } = this.#own;
    return [...plain, ...patterns.map((pattern) => pattern.at(-1)!.replace(/^.*\?/s, ""))];
  }

  /** The same, whatever the case. */
  inAnyCase(): KeyGlob {
    if (this.#options.ignore_case) return this;
    return new KeyGlob(this.texts, { ...this.#options, ignore_case: true });
  }

  /** Whether it matches the key, in the case that it is in. */
  matches(key: string): boolean {
    return this.matchesFolded(this.#options.ignore_case ? foldCase(key) : key);
  }

  /** The same for a key that is in the one case that stands for all, where case is ignored. */
  matchesFolded(key: string): boolean {
    return isAmong(this.#own, key) && !isAmong(this.#exceptions, key);
  }
}

/** What every key that a glob matches has in it, at its longest; empty where there is no such text. */
export function literalOf(glob: string): string {
  const texts = glob.split(/[*?]/);
  return texts.reduce((longest, each) => (each.length > longest.length ? each : longest), "");
}

/** Names without wildcards, which need no search, and the others. */
interface Names {
  readonly plain: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
}

function namesOf(globs: readonly string[]): Names {
  return {
    plain: new Set(globs.filter((each) => !hasWildcard(each))),
    patterns: globs.filter(hasWildcard).map(patternOf),
  };
}

function isAmong({ plain, patterns }: Names, key: string): boolean {
  return plain.has(key) || patterns.some((pattern) => isMatch(pattern, key));
}

/** The texts between the asterisks. */
type Pattern = readonly string[];

function patternOf(glob: string): Pattern {
  return glob.split(/\*+/);
}

function isMatch(pattern: Pattern, key: string): boolean {
  const first = pattern[0]!;
  if (!isAt(first, key, 0)) return false;
  if (pattern.length === 1) return first.length === key.length;
  const last = pattern.at(-1)!;
  const end = key.length - last.length;
  let at = first.length;
  for (const part of pattern.slice(1, -1)) {
    at = find(part, key, at);
    if (at < 0) return false;
    at += part.length;
  }
  return end >= at && isAt(last, key, end);
}

function find(part: string, key: string, from: number): number {
  if (!part.includes("?")) return key.indexOf(part, from);
  for (let at = from; at + part.length <= key.length; at += 1) if (isAt(part, key, at)) return at;
  return -1;
}

function isAt(part: string, key: string, at: number): boolean {
  if (!part.includes("?")) return key.startsWith(part, at);
  if (at + part.length > key.length) return false;
  for (let place = 0; place < part.length; place += 1) {
    if (part[place] !== "?" && part[place] !== key[at + place]) return false;
  }
  return true;
}
