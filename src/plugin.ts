/**
 * The public plugin API: all that a plugin, built in or dropped in, may import.
 *
 * A plugin file has one default export, a Plugin. Plain JavaScript that imports nothing is enough.
 */
import { z } from "zod";
import type {
  DetectedSecrets,
  EncodedSecrets,
  Encoding,
  Event,
  FieldValue,
  JsonValue,
  NamedSecrets,
  StringSecrets,
  Verdict,
} from "./event/event.ts";
import type { Path, PathOptions } from "./event/scan/path.ts";
import type { SecretSearch } from "./event/strings/detected-secrets.ts";
import { duration as durationOption } from "./platform/text/unit-options.ts";

export { z };
export { UnreadableError, Verdict } from "./event/event.ts";
export type {
  ChangedItems,
  DetectedSecrets,
  EncodedSecrets,
  Encoding,
  Event,
  FieldValue,
  Invalid,
  JsonValue,
  Metadata,
  NamedSecrets,
  StringSecrets,
  ValueChange,
} from "./event/event.ts";
export type { Path, PathOptions } from "./event/scan/path.ts";
export type { SecretSearch } from "./event/strings/detected-secrets.ts";

/**
 * What a step does with one event: keeps it, or ends it (`null` means filtered by this step), or gives other events for it: one
 * or a list of those that `event.make` and `event.split` gave, and the event itself where it is kept beside them.
 */
export type Handle = (event: Event) => Event | readonly Event[] | Verdict | null;

/** A step that has something open, such as a timer, a socket or a child process. */
export interface DisposableStep {
  /** Called with every event. */
  readonly step: Handle;
  /**
   * Called once, when no event is given to the step any more: after a reload, which makes all steps again, when tallyman
   * stops, and after `tallyman check` and `doctor`. It is waited for, up to five seconds.
   */
  dispose(): void | Promise<void>;
}

/** What `create` gives. */
export type Step = Handle | DisposableStep;

/** A compiled CEL condition. False where it hangs on a value that the event does not have. */
export type Condition = (event: Event) => boolean;

/** Masks the values of known secrets in text that is not JSON. */
export type TextMask = (text: string) => string;

/** An option that is a duration: text with a unit, such as `30s` or `5m`; milliseconds in the plugin. */
export function duration(): z.ZodType<number, string> {
  return durationOption();
}

/** What a text is, of which fields are made. */
export type TextFormat =
  | { readonly format: "key_value" | "combined" | "s3_access_log" }
  | {
      readonly format: "csv";
      readonly columns: readonly string[];
      readonly separator?: string | undefined;
    }
  /** A pattern in RE2's syntax, whose named groups are the fields: `user=(?<user>\w+)`. It takes linear time. */
  | { readonly format: "regex"; readonly pattern: string };

/** Makes fields of a text; undefined where it is not of the format. */
export type TextParser = (text: string) => Record<string, JsonValue> | undefined;

/** A pattern of secrets, with the name that reports call it by. */
export interface SecretPattern {
  readonly name: string;
  readonly match: string;
}

/** What packs say is secret. */
export interface SecretPack {
  readonly fields: readonly Path[];
  readonly keys: readonly Path[];
  readonly detect: readonly string[];
  readonly patterns: readonly SecretPattern[];
  readonly name_value: boolean;
}

/** The detectors of one step. */
export interface SecretDetectors {
  /** Finds secrets in text: for `event.replaceDetected`. */
  readonly search: SecretSearch;
  /** The same for an event's host, source and sourcetype, where addresses stay: for `context.metadata`. */
  readonly origin_search: SecretSearch;
  /** Lead to the values of keys that are secret whatever they look like. */
  readonly paths: readonly Path[];
  /**
   * Whether the value of such a key tells nothing: a boolean, null, what was masked before, an object whose members are
   * something else.
   */
  isKept(value: JsonValue, path: Path): boolean;
  /** A value at the path with `replacement` for what authenticates in it; where that is not known, for all of it. */
  partial(text: string, path: Path, replacement: string): string;
}

/** The rules of a step for what strings hold in other encodings: for `event.replaceEncoded`. */
export interface EncodedRules extends EncodedSecrets {
  /** Takes the secrets out of what a text, or JSON as text, holds in these encodings. */
  readonly maskText: TextMask;
}

/** A table in a file: a value for each key. */
export interface Lookup {
  /** The value of a key, as the file has it now; undefined where it has none. It cannot be changed. */
  get(key: JsonValue | undefined): JsonValue | undefined;
}

/** The indexed fields of an event. */
export type IndexedFields = Readonly<Record<string, FieldValue>>;

export interface KeyOptions {
  /** Default: true. */
  ignore_case?: boolean | undefined;
}

export interface PluginContext {
  /** The step's name: what it is counted under. */
  readonly step: string;
  /**
   * Compiles a path once, so that the one scan of each event finds it. A mistake in it refuses the step when
   * `create` is done: all mistakes are reported at once, each at the option that holds the path's text.
   */
  path(text: string, options?: PathOptions): Path;
  /**
   * Compiles names of keys, with `*` for any characters and `?` for one, to paths to the values of all such keys, wherever they
   * are; a name behind `!` is left out. They match in any case unless `ignore_case` is false. A mistake in one refuses the
   * step, as with a path.
   */
  keys(names: readonly string[], options?: KeyOptions): Path[];
  /**
   * Gives what makes a pseudonym of a value: a keyed hash (HMAC-SHA-256), equal for equal values wherever the key is the same. A
   * text and a number of the same digits are equal.
   */
  pseudonym(key: string): (value: JsonValue) => string;
  /** Compiles a CEL expression over the event's values. A mistake in it refuses the step, as with a path. */
  condition(expression: string): Condition;
  /**
   * Declares that the step may send events to this output, by `event.output`, and gives its name back. A name of no
   * output refuses the step.
   */
  output(name: string): string;
  /**
   * Makes the key of an event, by which events are told apart: 32 hexadecimal digits of a hash of the values at the paths,
   * or of the whole event where there are no paths. Undefined for an event that has none of the values. `salt` gives
   * other keys for the same values.
   */
  key(paths: readonly Path[], salt?: string): (event: Event) => string | undefined;
  /**
   * Reads a table from a file, and again whenever that changes: CSV whose first line names the columns and whose first column has
   * the keys, or a map in JSON or YAML, by the ending of its name. One that cannot be read refuses the step; where that is so
   * later, the values read before stay. A relative path starts at the folder of the configuration.
   */
  lookup(path: string): Promise<Lookup>;
  /** Makes what makes fields of a text. A mistake in a pattern refuses the step, as with a path. */
  parser(format: TextFormat): Promise<TextParser>;
  /**
   * Declares a last look at every event that the chain keeps, behind its last step. One that has one of these secrets left goes
   * to quarantine under `verify:` and the step's name. What strings hold in `encodings` is looked at, too.
   */
  verify(secrets: StringSecrets, detected?: DetectedSecrets, encodings?: readonly Encoding[]): void;
  /** A clock that never jumps: milliseconds since some time before. */
  monotonic(): number;
  /**
   * Gives the detectors of these names, and the patterns in RE2's syntax, as what finds secrets by their shape. A name of no
   * detector and a mistake in a pattern refuse the step.
   */
  detectors(
    names: readonly string[],
    patterns?: readonly SecretPattern[],
  ): Promise<SecretDetectors>;
  /**
   * Gives the rules of these packs together: those that come with tallyman by their names, and your own by the paths of their
   * files. One that cannot be used refuses the step.
   */
  packs(names: readonly string[]): Promise<SecretPack>;
  /**
   * Gives the rules for what strings hold in these encodings; undefined where that is JSON alone. What is decoded is looked
   * at as an event of its own. The mask that `secrets` gives has these rules, too.
   */
  encoded(
    encodings: readonly Encoding[],
    secrets: StringSecrets,
    detected?: DetectedSecrets,
  ): EncodedRules | undefined;
  /** Gives which names of lists of names and values are those of the keys that the paths end in. */
  named(paths: readonly Path[]): NamedSecrets;
  /**
   * Gives what redacts indexed fields as if they were at the top of an event; where something `detects` secrets by their shape,
   * by `mask`, in each of them. Fields in which nothing is secret are given back.
   */
  fields(secrets: StringSecrets, detects: boolean): (fields: IndexedFields) => IndexedFields;
  /** Gives what takes out of an event's host, source and sourcetype what `detected` finds in them. */
  metadata(
    detected: DetectedSecrets,
    detectors: Pick<SecretDetectors, "origin_search">,
  ): (event: Event) => void;
  /**
   * Declares that the values under these paths are secrets, and what `detected` finds, and gives what masks them in text that is
   * not JSON. tallyman masks with it, too, whatever it writes to quarantine.
   */
  secrets(paths: readonly Path[], replacement: string, detected?: DetectedSecrets): TextMask;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** The part of the Standard Schema interface (standardschema.dev) that tallyman uses; zod schemas have it. */
export interface OptionsSchema<Options> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Options> | Promise<SchemaResult<Options>>;
  };
}

export type SchemaResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export interface Plugin<Options = unknown> {
  /** The key of its steps in the chain. Snake case. */
  readonly name: string;
  /** One sentence, for `tallyman check` and the docs. */
  readonly description?: string;
  /** Checks the options, and fills in their defaults. */
  readonly options?: OptionsSchema<Options>;
  /**
   * The names of options that are secrets, such as the key of a hash: only these take `${credential:…}`, and in a configuration
   * from a fleet secrets of the environment. What is in them is in nothing that a step makes of events.
   */
  readonly secret_options?: readonly string[];
  /**
   * Whether a step always makes the same of the same event, whatever the time and whatever events came before. Where every step
   * does, events keep their numbers over a crash. Default: false; true for built-in plugins.
   */
  readonly deterministic?: boolean;
  /** Called once a step, at start and at each reload. Throws to refuse its options. */
  create(options: Options, context: PluginContext): Step | Promise<Step>;
}
