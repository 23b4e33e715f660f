/**
 * What a step sees of an event, and how it can end one. This is part of the public plugin API.
 */
import type { Invalid, JsonValue } from "./scan/json.ts";
import type { Path } from "./scan/path.ts";
import type { DetectedSecrets } from "./strings/detected-secrets.ts";
import type { EncodedSecrets, Encoding } from "./strings/encoded-secrets.ts";

export type { DetectedSecrets, EncodedSecrets, Encoding, Invalid, JsonValue };

/** An indexed field's value in Splunk: a scalar, or a flat list of scalars. */
export type FieldValue = string | number | boolean | (string | number | boolean)[];

/** Where an event says it comes from. Shared by many events, so never changed in place. */
export interface Metadata {
  readonly host?: string | undefined;
  readonly source?: string | undefined;
  readonly sourcetype?: string | undefined;
  readonly index?: string | undefined;
  /** Indexed fields. */
  readonly fields?: Readonly<Record<string, FieldValue>> | undefined;
  /** The output that it goes to instead of the default one. It is not sent. */
  readonly output?: string | undefined;
}

/**
 * How an event ends before it reaches an output. A step returns one instead of the event:
 * `null` (filtered), `event.drop(reason)` or `event.quarantine(reason)`.
 */
export class Verdict {
  readonly fate: "filtered" | "dropped" | "quarantined";
  /** What it is counted under. A bounded set of words, never content of an event. */
  readonly reason: string;
  /** More for the quarantine's reader: for example at which byte the JSON breaks. */
  readonly detail: string | undefined;

  constructor(fate: Verdict["fate"], reason: string, detail?: string) {
    this.fate = fate;
    this.reason = reason;
    this.detail = detail;
  }
}

/** Thrown by the reading and editing calls of an event that is not JSON; its `invalid` says why. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/**
 * Gives what takes a value's place: the value itself to leave it as it is written, or undefined to remove it. A list of as many
 * items as the list that it was given says the same of each item.
 */
export interface ValueChange {
  (value: JsonValue, path: Path): JsonValue | ChangedItems | undefined;
  /** Whether it changes no text that it gave before, so that it need not be asked where several paths lead to a value. */
  readonly is_final?: boolean;
  /** The text that takes the place of every value at a path, whatever it is, so that the value need not be read. */
  readonly always?: ReadonlyMap<Path, string>;
  /** Paths at which large objects stay what they are, so that they need not be read. */
  readonly keeps_objects_at?: ReadonlySet<Path>;
}

export type ChangedItems = readonly (JsonValue | ChangedItems | undefined)[];

/** What names have values beside them that are secret: `{"name": "Authorization", "value": "…"}`, or `["Authorization", "…"]`. */
export interface NamedSecrets {
  /** Lead to all names but those of pairs. */
  readonly paths: readonly Path[];
  /** Lead to all values that may have one of these. */
  readonly values: readonly Path[];
  readonly isWanted: (name: string) => boolean;
}

/** What is to be done with JSON inside strings. */
export interface StringSecrets {
  readonly paths: readonly Path[];
  /** What takes the place of a value that a path finds. */
  readonly replacement: string;
  /** Does so instead of `replacement`, which is for what cannot be read then. */
  readonly change?: ValueChange | undefined;
  /** Beside the values at the paths, those that have such names beside them are replaced. */
  readonly named?: NamedSecrets | undefined;
  /** Masks secrets in a string that begins like JSON but is none, or that is too deep in others. */
  readonly mask: (text: string) => string;
}

/**
 * One record on its way, as a step sees it. Valid only during the call that it was given to.
 *
 * A path is text such as `api.name`, or what `context.path(text)` made of it at start-up. A path made at
 * start-up is found in the one scan that every event gets anyway; a text costs another scan at each use.
 * The calls that read or edit by path throw UnreadableError on an event that is not JSON.
 */
export interface Event {
  /** Undefined for strict JSON (RFC 8259, in UTF-8); otherwise what is wrong, and where. */
  readonly invalid: Invalid | undefined;
  /** Whether all of it is text: not JSON, or one string in JSON, of which Splunk keeps what the string holds. */
  readonly is_text: boolean;
  /** The value at the path, parsed; the last one where a key is repeated or the path has wildcards. */
  get(path: Path | string): JsonValue | undefined;
  /** Every value at the path: several for a repeated key or a wildcard. */
  getAll(path: Path | string): JsonValue[];
  has(path: Path | string): boolean;
  /**
   * Replaces every value at the path, or adds the member where the path has no wildcard and is not there yet;
   * missing parents are made.
   */
  set(path: Path | string, value: JsonValue): void;
  /**
   * The same with JSON text, which is put in as it is written. The path has no wildcards. False for a text that is not
   * JSON, and then nothing is changed.
   */
  setJson(path: Path, text: string): boolean;
  /** Replaces every value at the path where there is one, and says how many there were. */
  replace(path: Path | string, value: JsonValue): number;
  /**
   * Goes on where `replace` ends, at strings that begin like JSON: in those that hold JSON it replaces what the paths
   * find, up to two strings deep, and gives all others to `mask`. Says how many strings it has changed. The paths
   * must have been made at start-up, with `secret: true`.
   */
  replaceInStrings(secrets: StringSecrets): number;
  /**
   * Replaces every value at the path with what `change` gives for it, and says how many were changed: the value itself leaves
   * it as it is written, undefined removes it with its key. With a list of paths it does so for one after the other; give the
   * same list, and the same function, for every event.
   */
  change(path: Path | readonly Path[], change: ValueChange): number;
  /**
   * Replaces the values that have the names of `secrets.named` beside them, and says how many. A value that would be removed
   * becomes null.
   */
  replaceNamed(secrets: StringSecrets): number;
  /**
   * Replaces what detectors find in strings and keys, whatever their spelling, and in the strings of JSON in them; says how
   * many were replaced.
   */
  replaceDetected(secrets: DetectedSecrets): number;
  /**
   * Does the same in what strings and keys hold in percent-encoding or base64, up to two encodings deep, and encodes it again;
   * says how many parts of strings were replaced. `context.encoded` makes the secrets.
   */
  replaceEncoded(secrets: EncodedSecrets): number;
  /** Removes every member or item at the path, and says how many there were. */
  delete(path: Path | string): number;
  /**
   * Moves the value at `from` to `to`, with its bytes as they are, and says whether there was one. A value at `to` is
   * replaced; of a repeated key at `from`, the last value counts, and all are removed. The paths have no wildcards, and
   * `to` does not lead into `from`.
   */
  move(from: Path, to: Path): boolean;
  /**
   * Removes all but the values at these paths and what they are in, and says how many members and items. What stays keeps
   * its order and bytes. Give the same list for every event. Throws where the event is neither an object nor an array.
   */
  select(paths: readonly Path[]): number;
  /**
   * Replaces each string at the path with what `change` gives for it, and says how many were changed. A string of up to
   * `longer_than` bytes, as it is written, is left as it is, and costs nothing.
   */
  mapStrings(path: Path | string, change: (text: string) => string, longer_than?: number): number;
  /**
   * The record as an object. The first use parses it and marks the event as edited: it is written again from
   * the object, so spacing, escapes and repeated keys are not kept. Integers beyond 2^53 are bigints.
   */
  record: JsonValue;
  /** The record as text, with the edits so far. Setting it makes the event that text; set to what it is, it changes nothing. */
  text: string;
  /** Epoch seconds as digits with up to nine decimals, such as `1742539047.915055685`. */
  time: string;
  host: string | undefined;
  source: string | undefined;
  sourcetype: string | undefined;
  index: string | undefined;
  fields: Readonly<Record<string, FieldValue>> | undefined;
  /** The one output that the event goes to: a name that `context.output` was given; undefined for the default one. */
  output: string | undefined;
  /**
   * Makes another event of a value, to be returned in a list: with the metadata of this one as it is now, and with its time
   * unless the value has one itself where the input's `time` looks for it. Throws where they are too many.
   */
  make(value: JsonValue): Event;
  /** Makes an event of each value at the path, with its bytes as they are written. This one stays as it is. */
  split(path: Path | string): Event[];
  /** Ends the event: it is lost on purpose, and counted as dropped under `reason`. */
  drop(reason: string): Verdict;
  /** Ends the event: it is kept in quarantine, and counted there under `reason`. */
  quarantine(reason: string, detail?: string): Verdict;
}
