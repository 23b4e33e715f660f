/**
 * `redact`: replaces secret values by a fixed text, wherever their paths find one, and changes nothing else.
 *
 * What cannot be read cannot be redacted: an event that is not JSON is not shipped as it is. Nor is one that is a
 * string in JSON: Splunk keeps what the string holds, which may well be JSON with secrets in it.
 *
 * Senders are free in what they make of one record: levels or dots, an envelope or an array around it, JSON inside a
 * string. The paths lead to secrets (`secret: true`), so they find those in all of that. Senders over HTTP may bring
 * indexed fields, too; these are redacted as if they were at the top of the event.
 */
import { type Event, type FieldValue, type Plugin, type StringSecrets, z } from "../src/plugin.ts";

const replacement_length_max = 256;

type Fields = Readonly<Record<string, FieldValue>>;

const options = z.strictObject({
  fields: z
    .array(z.string())
    .min(1, "expected at least one path")
    .describe(
      "Paths of the values to replace, of whatever type they are; also under keys whose dots stand for levels, " +
        "below an envelope's `event`, in arrays at the top, and in JSON inside strings.",
    ),
  with: z
    .string()
    .max(replacement_length_max)
    .default("[REDACTED]")
    .describe("The replacement text."),
  ignore_case: z
    .boolean()
    .default(false)
    .describe("Whether keys match in any case, as HTTP header names do."),
  on_unreadable: z
    .enum(["quarantine", "drop", "text"])
    .default("quarantine")
    .describe(
      "What happens to an event that is not JSON, or is only a JSON string. `text` ships it as text, with the values of all keys " +
        "that the chain redacts, and credentials of well-known forms, masked as far as plain text allows.",
    ),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "redact",
  description: "Replaces secret values with a fixed text.",
  options,
  create({ fields, with: replacement, ignore_case, on_unreadable }, context) {
    const paths = fields.map((field) => context.path(field, { ignore_case, secret: true }));
    const mask = context.secrets(paths, replacement);
    const secrets = { paths, replacement, mask };
    const redactFields = fieldsRedactor(secrets);
    const reason = `unreadable:${context.step}`;
    const unreadable = (event: Event): Event | ReturnType<Event["drop"]> => {
      const { invalid } = event;
      switch (on_unreadable) {
        case "text":
          if (invalid === undefined) event.record = mask(event.record as string);
          else event.text = mask(event.text);
          return event;
        case "drop":
          return event.drop(reason);
        case "quarantine":
          return event.quarantine(reason, explain(invalid));
        default:
          return on_unreadable satisfies never;
      }
    };
    return (event) => {
      const given = event.fields;
      if (given !== undefined) {
        const redacted = redactFields(given);
        if (redacted !== given) event.fields = redacted;
      }
      if (event.is_text) return unreadable(event);
      for (const path of paths) event.replace(path, replacement);
      event.replaceInStrings(secrets);
      return event;
    };
  },
};

/** Blanks and quotes may be before the JSON in a string, as in strings of events. */
const like_json = /^[\s\p{Cf}\p{Cc}"\\]*[[{]/u;

/**
 * Gives back the fields themselves where none is secret. A field that holds JSON is masked as text where a path leads
 * into it. Fields are shared by many events, so each is judged once.
 */
function fieldsRedactor({ paths, replacement, mask }: StringSecrets): (fields: Fields) => Fields {
  const maskText = (text: string): string => (like_json.test(text) ? mask(text) : text);
  const redactField = (name: string, value: FieldValue): FieldValue => {
    if (paths.some((path) => path.leadsToField(name))) return replacement;
    if (!paths.some((path) => path.leadsIntoField(name))) return value;
    if (typeof value === "string") return maskText(value);
    if (!Array.isArray(value)) return value;
    const masked = value.map((each) => (typeof each === "string" ? maskText(each) : each));
    return masked.some((each, at) => each !== value[at]) ? masked : value;
  };
  const judged = new WeakMap<Fields, Fields>();
  return (fields) => {
    const known = judged.get(fields);
    if (known !== undefined) return known;
    const entries = Object.entries(fields).map(
      ([name, value]) => [name, redactField(name, value)] as const,
    );
    const is_changed = entries.some(([name, value]) => value !== fields[name]);
    const redacted = is_changed ? Object.fromEntries(entries) : fields;
    judged.set(fields, redacted);
    return redacted;
  };
}

function explain(invalid: Event["invalid"]): string {
  return invalid === undefined ? "a JSON string" : `${invalid.reason} at byte ${invalid.byte}`;
}

export default plugin;
