/**
 * `parse`: makes fields of a text: of an event that is text, or of a text in an event.
 *
 * A text that is not of the format stays as it is, and its event is marked: nothing is lost by a wrong format. What is
 * parsed takes the place of the text, so that no secret stays behind in it that `redact` masks in the fields.
 */
import {
  type Event,
  type Path,
  type Plugin,
  type TextFormat,
  type TextParser,
  z,
} from "../src/plugin.ts";

/** The indexed field that marks an event. */
const mark = "parse_failed";

const options = z
  .strictObject({
    format: z
      .enum(["key_value", "csv", "regex", "combined", "s3_access_log", "json"])
      .describe(
        "The format of the text: `key=value` pairs, separated values, a `pattern`, a line of an access log of Apache or nginx (combined or common), a line of an S3 server access log, or JSON (an object or a list).",
      ),
    from: z
      .string()
      .optional()
      .describe("The path of the text. Default: the event itself, if it is text."),
    into: z
      .string()
      .optional()
      .describe(
        "The path of the result. Default: the place of the text. A value that is there is replaced.",
      ),
    keep_source: z
      .boolean()
      .default(false)
      .describe("Whether the text at `from` stays where the result goes elsewhere (`into`)."),
    pattern: z
      .string()
      .optional()
      .describe(
        "For `regex`: a pattern in RE2's syntax, whose named groups, such as `(?<user>\\w+)`, are the fields.",
      ),
    columns: z
      .array(z.string().min(1))
      .min(1)
      .refine((names) => new Set(names).size === names.length, { error: "a name is repeated" })
      .optional()
      .describe("For `csv`: the names of the values, in their order."),
    separator: z
      .string()
      .refine((text) => text.length === 1 && text !== '"', {
        error: "expected one character, not a quote",
      })
      .optional()
      .describe("For `csv`: what is between two values. Default: a comma."),
    on_failure: z
      .enum(["keep", "quarantine", "drop"])
      .default("keep")
      .describe(
        "What happens to an event whose text is not of the format. `keep` leaves it as it is, and marks it with the indexed field `parse_failed`.",
      ),
  })
  .superRefine((given, context) => {
    const mistake = mistakeIn(given);
    if (mistake !== undefined) context.addIssue({ code: "custom", ...mistake });
  });

interface Given {
  format: string;
  from?: string | undefined;
  into?: string | undefined;
  keep_source: boolean;
  pattern?: string | undefined;
  columns?: string[] | undefined;
  separator?: string | undefined;
}

type Options = z.output<typeof options>;

/** What in the options does not go together, and where. */
function mistakeIn(given: Given): { message: string; path: string[] } | undefined {
  const { format, from, into } = given;
  for (const [key, owner] of [
    ["pattern", "regex"],
    ["columns", "csv"],
    ["separator", "csv"],
  ] as const) {
    const is_given = given[key] !== undefined;
    if (is_given && format !== owner)
      return { message: `it is for \`format: ${owner}\``, path: [key] };
    if (is_given || format !== owner || key === "separator") continue;
    return { message: `\`format: ${owner}\` needs \`${key}\``, path: ["format"] };
  }
  if (given.keep_source && (from === undefined || into === undefined)) {
    const message = "it is for a text at `from` whose result goes elsewhere, to `into`";
    return { message, path: ["keep_source"] };
  }
  const is_around = `${into}.`.startsWith(`${from}.`) || `${from}.`.startsWith(`${into}.`);
  if (from === undefined || into === undefined || from === into || !is_around) return undefined;
  return { message: "neither of `from` and `into` can be inside of the other", path: ["into"] };
}

/** The format with its options, which `mistakeIn` has seen to. */
function formatOf(
  format: Exclude<Options["format"], "json">,
  { columns = [], pattern = "", separator }: Options,
): TextFormat {
  if (format === "csv") return { format, columns, separator };
  return format === "regex" ? { format, pattern } : { format };
}

/** Puts what was parsed in its place; false where the text is not of the format. */
type Place = (event: Event, text: string) => boolean;

function placeFor(parse: TextParser, target: Path | undefined, is_whole: boolean): Place {
  return (event, text) => {
    const fields = parse(text);
    if (fields === undefined) return false;
    if (is_whole) event.record = target === undefined ? fields : {};
    if (target !== undefined) event.set(target, fields);
    return true;
  };
}

/** JSON goes in as it is written. */
function placeForJson(target: Path | undefined, is_whole: boolean): Place {
  return (event, text) => {
    if (!/^\s*[[{]/.test(text)) return false;
    const before = event.text;
    if (is_whole) event.text = target === undefined ? text : "{}";
    if (target === undefined ? !event.is_text : event.setJson(target, text)) return true;
    if (is_whole) event.text = before;
    return false;
  };
}

/** The text of an event that is one; undefined for others. */
function wholeText(event: Event): string | undefined {
  if (!event.is_text) return undefined;
  return event.invalid === undefined ? (JSON.parse(event.text) as string) : event.text;
}

const plugin: Plugin<Options> = {
  name: "parse",
  description: "Makes fields of a text.",
  options,
  async create(given, context) {
    const [from, into] = [given.from, given.into].map((path) =>
      path === undefined ? undefined : context.path(path, { single: true }),
    );
    const { format } = given;
    const target = into ?? from;
    const is_whole = from === undefined;
    const place =
      format === "json"
        ? placeForJson(target, is_whole)
        : placeFor(await context.parser(formatOf(format, given)), target, is_whole);
    const removes = from !== undefined && from !== target && !given.keep_source;
    const reason = `unparsed:${context.step}`;
    return (event) => {
      const text = from === undefined ? wholeText(event) : event.get(from);
      if (typeof text !== "string") return event;
      if (place(event, text)) {
        if (removes) event.delete(from);
        return event;
      }
      if (given.on_failure === "drop") return event.drop(reason);
      if (given.on_failure === "quarantine") return event.quarantine(reason);
      event.fields = { ...event.fields, [mark]: context.step };
      return event;
    };
  },
};

export default plugin;
