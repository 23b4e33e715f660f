/**
 * `redact`: takes secrets out of events, wherever its rules find them, and changes nothing else: values at paths, values of
 * keys by their names, and what looks like a secret in any string.
 * What cannot be read cannot be redacted: an event that is not JSON is not shipped as it is. Nor is one that is a string in
 * JSON: Splunk keeps what the string holds, which may well be JSON with secrets in it. Senders are free in what they make of
 * one record: levels or dots, an envelope or an array around it, JSON inside a string. The paths lead to secrets
 * (`secret: true`), so they find those in all of that. Senders over HTTP may bring indexed fields, too; these are redacted
 * as if they were at the top of the event. In host, source and sourcetype, detectors look for what is secret by its shape.
 */
import {
  type DetectedSecrets,
  type Event,
  type Path,
  type Plugin,
  type PluginContext,
  type SecretDetectors,
  type ValueChange,
  z,
} from "../src/plugin.ts";

const replacement_length_max = 256;
const key_length_min = 16;
/** Values made that are remembered: text is masked beside the events, too. */
const made_max = 100_000;

const texts = z.array(z.string()).default([]);

const options = z
  .strictObject({
    pack: texts.describe(
      "Ready lists of rules: s3_audit, cloudtrail, kubernetes, vault, auditd, http_headers, web_access, or paths of files of your own.",
    ),
    fields: texts.describe(
      "Paths of the values to replace, of whatever type they are; also under keys whose dots stand for levels, " +
        "below an envelope's `event`, in arrays at the top, and in JSON inside strings.",
    ),
    keys: texts.describe(
      "Names of keys whose values are replaced wherever they are: `*` stands for any characters, `?` for one, and a name " +
        "after `!` is excluded. Booleans and null stay. They match in any case unless `ignore_case` is false.",
    ),
    detect: texts.describe(
      "Detectors, or groups of them, whose secrets are replaced in every string and key: `credentials` are all that authenticate.",
    ),
    patterns: z
      .array(z.strictObject({ name: z.string(), match: z.string() }))
      .default([])
      .describe(
        "Patterns in RE2's syntax, each with a name. Their matches are replaced in every string and key.",
      ),
    within: z
      .array(z.enum(["json", "url", "base64", "hex"]))
      .default(["json"])
      .describe(
        "Which encodings in strings are decoded, redacted and encoded again; `url` is percent-encoding. JSON in strings is always searched.",
      ),
    name_value: z
      .boolean()
      .default(false)
      .describe(
        'Whether the values of lists such as `[{"name": "Authorization", "value": "…"}]` are replaced where the name is that of a ' +
          "path or key of this step.",
      ),
    action: z
      .enum(["mask", "remove", "hash", "partial", "truncate"])
      .default("mask")
      .describe(
        "What happens to a secret. `mask`: the text `with` replaces it. `remove`: it is removed, with its key. `hash`: a keyed hash, " +
          "equal for equal values. `partial`: the part that identifies stays, if it is known. `truncate`: the first characters stay.",
      ),
    with: z
      .string()
      .max(replacement_length_max)
      .default("[REDACTED]")
      .describe("The replacement text, also if the action is not possible for a value."),
    key: z
      .string()
      .min(
        key_length_min,
        "expected at least 16 characters: values can be tried with a key that can be guessed",
      )
      .optional()
      .describe(
        "For `hash`: the secret key. Equal values have equal hashes wherever the key is the same.",
      ),
    length: z
      .int()
      .min(1)
      .optional()
      .describe("For `truncate`: how many characters stay, but never more than half of them."),
    ignore_case: z
      .boolean()
      .optional()
      .describe(
        "Whether keys match in any case, as HTTP header names do. Default: those of `keys` do, those of `fields` do not.",
      ),
    verify: z
      .boolean()
      .default(false)
      .describe(
        "Whether each event is scanned again after the last step of the chain. If it still has a secret, it goes to quarantine. " +
          "The cost is another scan of each event.",
      ),
    on_unreadable: z
      .enum(["quarantine", "drop", "text"])
      .default("quarantine")
      .describe(
        "What happens to an event that is not JSON, or is only a JSON string. `text` ships it as text, with the values of all keys " +
          "that the chain redacts, and credentials of well-known forms, masked as far as plain text allows.",
      ),
  })
  .refine((own) => [own.pack, own.fields, own.keys, own.detect, own.patterns].flat().length > 0, {
    error: "expected at least one of `fields`, `keys`, `detect`, `patterns` and `pack`",
  })
  .refine(({ action, key }) => (action === "hash") === (key !== undefined), {
    error: "expected a `key` for the action `hash`, and for no other",
    path: ["key"],
  })
  .refine(({ action, length }) => (action === "truncate") === (length !== undefined), {
    error: "expected a `length` for the action `truncate`, and for no other",
    path: ["length"],
  });

type Options = z.output<typeof options>;

/** What one step looks for, and what it does with that: the paths of `fields`, those to values of keys by name, and the rest. */
interface Rules {
  readonly fields: readonly Path[];
  readonly keys: readonly Path[];
  readonly detectors: SecretDetectors | undefined;
  readonly name_value: boolean;
  /** Undefined where every value becomes one text. */
  readonly change: ValueChange | undefined;
}

const plugin: Plugin<Options> = {
  name: "redact",
  description: "Takes secrets out of events: masks, hashes or removes them.",
  options,
  secret_options: ["key"],
  async create(given, context) {
    const { with: replacement, on_unreadable } = given;
    const made = new Set<unknown>();
    const rules = await rulesOf(given, context, made);
    const paths = [...rules.fields, ...rules.keys];
    const detected = detectedSecrets(given, rules, context);
    const mask = context.secrets(paths, replacement, detected);
    const named = rules.name_value ? context.named(paths) : undefined;
    const secrets = { paths, replacement, change: rules.change, mask, named };
    const encoded = context.encoded(given.within, secrets, detected);
    const redactMetadata = detected && context.metadata(detected, rules.detectors!);
    const redactFields = context.fields(secrets, (detected ?? encoded) !== undefined);
    const reason = `unreadable:${context.step}`;
    const unreadable = (event: Event): Event | ReturnType<Event["drop"]> => {
      const { invalid } = event;
      const why = invalid ? `${invalid.reason} at byte ${invalid.byte}` : "a JSON string";
      switch (on_unreadable) {
        case "text":
          if (invalid === undefined) event.record = mask(event.record as string);
          else event.text = mask(event.text);
          return event;
        case "drop":
          return event.drop(reason);
        case "quarantine":
          return event.quarantine(reason, why);
        default:
          return on_unreadable satisfies never;
      }
    };
    const redactValues = valuesRedactor(rules, replacement);
    if (given.verify) context.verify(secrets, detected, given.within);
    return (event) => {
      if (made.size > 0) made.clear();
      const redacted = event.fields && redactFields(event.fields);
      if (redacted !== event.fields) event.fields = redacted;
      redactMetadata?.(event);
      if (event.is_text) return unreadable(event);
      redactValues(event);
      if (named !== undefined) event.replaceNamed(secrets);
      if (paths.length > 0) event.replaceInStrings(secrets);
      // What is encoded goes first, so that it is encoded again: detectors would take it as it is written.
      if (encoded !== undefined) event.replaceEncoded(encoded);
      if (detected !== undefined) event.replaceDetected(detected);
      return event;
    };
  },
};

/** `made` holds what the step has put into an event so far, which is no secret. */
async function rulesOf(given: Options, context: PluginContext, made: Set<unknown>): Promise<Rules> {
  // Most steps name none, and to read one loads much that nothing else needs.
  const packs = given.pack.length === 0 ? undefined : await context.packs(given.pack);
  const detect = [...given.detect, ...(packs?.detect ?? [])];
  const patterns = [...given.patterns, ...(packs?.patterns ?? [])];
  const ignore_case = given.ignore_case ?? false;
  const own_fields = given.fields.map((field) =>
    context.path(field, { ignore_case, secret: true }),
  );
  const fields = [...new Set([...own_fields, ...(packs?.fields ?? [])])];
  const own = context.keys(given.keys, { ignore_case: given.ignore_case });
  const searches = detect.length > 0 || patterns.length > 0;
  const detectors = searches ? await context.detectors(detect, patterns) : undefined;
  const ready = [...(packs?.keys ?? []), ...(detectors?.paths ?? [])];
  const known = [...new Set(ready)].filter((path) => !own.includes(path));
  const keys = [...own, ...known].filter((path) => !fields.includes(path));
  const name_value = given.name_value || packs?.name_value === true;
  const found = { fields, keys, detectors, name_value };
  const shapes = given.action === "partial" ? await context.detectors(["credentials"]) : undefined;
  const changed = changeOf(given, context, shapes, made);
  const [kept, keysOf] = [new Set(known), new Set(keys)];
  if (changed === undefined && keys.length === 0) return { ...found, change: undefined };
  const one = changed ?? (() => given.with);
  // Under a key that is known, most objects are looked at by what is in them, and lists item by item.
  const ready_one: ValueChange = (value, path) => {
    if (Array.isArray(value)) {
      const items = value.map((each) => ready_one(each, path));
      return items.every((each, at) => each === value[at]) ? value : items;
    }
    const stays = detectors?.isKept(value, path) ?? typeof value === "object";
    return stays ? value : one(value, path);
  };
  const change: ValueChange = (value, path) => {
    if (keysOf.has(path) && (value === null || typeof value === "boolean")) return value;
    return kept.has(path) ? ready_one(value, path) : one(value, path);
  };
  const always = new Map(changed === undefined ? fields.map((path) => [path, given.with]) : []);
  // Of `partial`, another path may hide what one has kept.
  const is_final = given.action !== "partial";
  return { ...found, change: Object.assign(change, { is_final, always, keeps_objects_at: kept }) };
}

/** What becomes of a value; undefined where all become one text. */
function changeOf(
  { action, with: replacement, key, length }: Options,
  context: PluginContext,
  shapes: SecretDetectors | undefined,
  made: Set<unknown>,
): ValueChange | undefined {
  switch (action) {
    case "mask":
      return undefined;
    case "remove":
      return () => undefined;
    case "hash":
      return once(context.pseudonym(key!), made, replacement);
    case "partial":
      return (value, path) =>
        typeof value === "string" ? shapes!.partial(value, path, replacement) : replacement;
    case "truncate":
      return once((value) => cut(value, replacement, length!), made, replacement);
    default:
      return action satisfies never;
  }
}

/** Where several rules lead to a value, it is changed by one of them: a hash of a hash is equal to no other. What is masked stays so. */
function once(change: ValueChange, made: Set<unknown>, replacement: string): ValueChange {
  return (value, path) => {
    const changed = value === replacement || made.has(value) ? value : change(value, path);
    if (made.size >= made_max) made.clear();
    made.add(changed);
    return changed;
  };
}

/** The first characters of a text, but at most half of them. What was cut before stays as it is. */
function cut(text: unknown, replacement: string, length: number): string {
  if (typeof text !== "string") return replacement;
  const characters = Array.from(text);
  if (text.endsWith("…") && characters.length <= length + 1) return text;
  return `${characters.slice(0, Math.min(length, characters.length / 2)).join("")}…`;
}

/** Of a part of a string nothing can be removed or cut, so that it is masked. */
function detectedSecrets(
  { action, with: replacement, key }: Options,
  { detectors }: Rules,
  context: PluginContext,
): DetectedSecrets | undefined {
  if (detectors === undefined) return undefined;
  const pseudonym = action === "hash" ? context.pseudonym(key!) : undefined;
  return {
    search: detectors.search,
    partial: action === "partial" || action === "hash",
    replace: pseudonym ?? (() => replacement),
  };
}

/** Replaces values in the event itself. */
function valuesRedactor(
  { fields, keys, change }: Rules,
  replacement: string,
): (event: Event) => void {
  const all = [...fields, ...keys];
  return (event) => {
    if (change !== undefined) event.change(all, change);
    else for (const path of fields) event.replace(path, replacement);
  };
}

export default plugin;
