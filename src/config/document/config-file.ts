/**
 * The configuration file as a place to complain about: gives every message its line and column, and takes
 * every secret out of it.
 */
import type { LineCounter } from "yaml";
import { isCredential } from "../../chain/plugins/secret-options.ts";
import type { Complaint } from "../../platform/errors.ts";
import type { Directories } from "../../platform/files/confined.ts";
import { hidden_text, hideAll, Secret, spellingsOf } from "../../platform/secret.ts";
import { isSecretVariable, referencesOfSecrets } from "./confined-secrets.ts";
import { hasUser, holdsSecret } from "./secret-lines.ts";
import { isSecretName } from "./secret-names.ts";
import {
  filesBelow,
  findPlace,
  insertedBelow,
  keyOf,
  pathText,
  pointAt,
  referencesBelow,
  valueAt,
  type ConfigPath,
  type Place,
} from "./place.ts";

/** One or two characters are everywhere. */
const length_hidden_min = 3;
/** Of a secret in a message about something above it. */
const literal_length_min = 8;

interface LaidOver {
  readonly source: ConfigFile;
  readonly keys: ReadonlySet<unknown>;
  /** Those in which files have to be that it names. */
  readonly directories: readonly string[];
}

export class ConfigFile {
  readonly file: string;
  readonly #lines: LineCounter;
  readonly #top: Place;
  readonly #value: unknown;
  /** The references that stand for secrets in it. */
  #own_secrets: ReadonlySet<string> | undefined;
  /** Another file that some of the keys at the top are taken from instead. */
  #over: LaidOver | undefined;

  constructor(file: string, document: { lines: LineCounter; top: Place; value: unknown }) {
    this.file = file;
    this.#lines = document.lines;
    this.#top = document.top;
    this.#value = document.value;
  }

  /** Has all that is asked about these keys at the top be answered by another file. */
  layOver(over: LaidOver): void {
    this.#over = over;
  }

  /** Where the value at `path` is written. */
  #at([top]: ConfigPath): ConfigFile {
    return this.#over?.keys.has(top) ? this.#over.source : this;
  }

  /**
   * A complaint about the value at `path`; about its key where `at` says so. In a message that may quote the value, what is
   * secret of it is hidden; `own` words hold nothing of it.
   */
  complain(
    path: ConfigPath,
    message: string,
    at: Complaint["at"] = "value",
    words: Complaint["words"] = "quoting",
  ): Complaint {
    const at_source = this.#at(path);
    if (at_source !== this) return at_source.complain(path, message, at, words);
    const found = findPlace(this.#top, path);
    const point = pointAt(at === "key" ? { ...found, exact: false } : found, this.#lines);
    const name = pathText(path);
    const text = words === "own" ? message : this.#conceal(path, found.place, message);
    return { path, file: this.file, ...point, message: name === "" ? text : `${name}: ${text}` };
  }

  /** A complaint about the text itself. */
  complainAt(offset: number, path: ConfigPath, message: string): Complaint {
    const { line, col } = this.#lines.linePos(offset);
    const name = pathText(path);
    return {
      path,
      file: this.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      message: name === "" ? message : `${name}: ${message}`,
    };
  }

  /** The files that `${file:…}` and `${credential:…}` name: absolute paths. */
  get inserted_files(): string[] {
    return [...new Set([...filesBelow(this.#top), ...(this.#over?.source.inserted_files ?? [])])];
  }

  /** Whether a complaint is at the value already. */
  isMistaken(path: ConfigPath): boolean {
    const { place, exact } = this.#find(path);
    return exact && place.mistaken;
  }

  /** Whether any of the value was put in for a `${…}`. */
  isInserted(path: ConfigPath): boolean {
    const { place, exact } = this.#find(path);
    return exact && place.inserted.length > 0;
  }

  /** Whether what is below this key at the top is from another file. */
  isLaidOver(key: string): boolean {
    return this.#over?.keys.has(key) === true;
  }

  /** The directories in which files have to be that the value at `path` names; undefined where they may be anywhere. */
  directoriesFor([top]: ConfigPath): Directories {
    return this.#over?.keys.has(top) ? this.#over.directories : undefined;
  }

  /** The values of this file, also of what another is laid over. */
  get own_value(): unknown {
    return this.#value;
  }

  /** What was put in for a `${…}`, and the paths of that. */
  get references(): { path: ConfigPath; reference: string }[] {
    const own = [...referencesBelow(this.#top)];
    const over = this.#over;
    if (over === undefined) return own;
    return [
      ...own.filter(({ path: [top] }) => !over.keys.has(top)),
      ...over.source.references.filter(({ path: [top] }) => over.keys.has(top)),
    ];
  }

  /** What in the value at `path` may only be in an option that is secret: `credential:…` or `env:…`; undefined where nothing is. */
  confinedAt(path: ConfigPath): string | undefined {
    const { place, exact } = this.#find(path);
    if (!exact) return undefined;
    const is_own = this.#at(path) === this;
    return place.references.find(
      (reference) => isCredential(reference) || (!is_own && this.#isHostSecret(reference, place)),
    );
  }

  /** Whether a variable is one in which this host has a secret. */
  #isHostSecret(reference: string, { inserted }: Place): boolean {
    this.#own_secrets ??= referencesOfSecrets(this.#top);
    return this.#own_secrets.has(reference) || isSecretVariable(reference, inserted);
  }

  /** Has every secret in `value`, the settings at `path` or a part of them, follow the files that it comes from. */
  followSecrets(value: unknown, path: ConfigPath = []): void {
    if (value instanceof Secret) {
      const { place, exact } = this.#find(path);
      if (exact && place.origin !== undefined) value.follow(place.origin);
    } else if (typeof value === "object" && value !== null) {
      const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
      for (const [part, each] of parts) this.followSecrets(each, [...path, part]);
    }
  }

  /** The value as it was written, on one line, but `***` for secrets and for what was put in. */
  show(path: ConfigPath): string {
    return JSON.stringify(this.masked(path)) ?? "";
  }

  /** A copy of the value with `***` instead of secrets and of what was put in. */
  masked(path: ConfigPath, value: unknown = valueAt(this.#at(path).#value, path)): unknown {
    if (value instanceof Secret) return value.toString();
    if (Array.isArray(value))
      return value.map((each, index) => this.masked([...path, index], each));
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([key, each]) => [key, this.masked([...path, key], each)]),
      );
    }
    return typeof value !== "boolean" && value !== null && this.isSecret(path)
      ? hidden_text
      : value;
  }

  /** Whether the value must not be shown: it was put in, or its key says that it is a secret. */
  isSecret(path: ConfigPath): boolean {
    return this.isInserted(path) || isSecretKey(path);
  }

  /**
   * Whether no complaint may quote the value: it is secret, or it is a text that should be options and names a secret, such
   * as `token:…` without a blank. Texts in steps and tests say such things rightly.
   */
  hides(path: ConfigPath, value: unknown = valueAt(this.#at(path).#value, path)): boolean {
    if (this.isSecret(path)) return true;
    return typeof value === "string" && !isFreeText(path) && holdsSecret(value);
  }

  /** A text without what was put in for any `${…}`, and without what is secret in the file, and in the one that lies over it. */
  hide(text: string): string {
    const own = this.#conceal([], this.#top, text);
    return this.#over === undefined ? own : this.#over.source.hide(own);
  }

  /** Whether the value was put in where its key says that it is a secret. */
  isInsertedSecret(path: ConfigPath): boolean {
    return this.isInserted(path) && isSecretKey(path);
  }

  #find(path: ConfigPath): { place: Place; exact: boolean } {
    return findPlace(this.#at(path).#top, path);
  }

  /** The values below the path that are secret and stand in the file itself. Short ones may be names of something. */
  *#literalsBelow(path: ConfigPath): Generator<string> {
    const value = valueAt(this.#value, path);
    if (typeof value !== "object" || value === null) return;
    const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    for (const [part, each] of parts) {
      const below = [...path, part];
      yield* this.#literalsBelow(below);
      const is_long = isScalar(each) && String(each).length >= literal_length_min;
      if (is_long && (this.isSecret(below) || hasUser(String(each)))) yield String(each);
    }
  }

  /** The message without anything of the values that were put in at or below its place. */
  #conceal(path: ConfigPath, place: Place, message: string): string {
    const secrets = insertedBelow(place);
    const value = valueAt(this.#value, path);
    if (isScalar(value) && this.hides(path)) secrets.push(String(value));
    const long = secrets.filter((secret) => secret.length >= length_hidden_min);
    // A parser may quote a part of what it did not understand.
    const parts = long.flatMap((secret) => [
      ...spellingsOf(secret),
      ...(secret.match(/[\w-]{8,}/g) ?? []),
    ]);
    const below = [...this.#literalsBelow(path)];
    return hideAll([...parts, ...below.flatMap(spellingsOf)], message);
  }
}

function isScalar(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isFreeText([top]: ConfigPath): boolean {
  return top === "chain" || top === "tests";
}

function isSecretKey(path: ConfigPath): boolean {
  const key = keyOf(path);
  return key !== undefined && isSecretName(key);
}
