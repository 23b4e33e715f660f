/**
 * `metadata`: sets what Splunk gets beside an event (index, sourcetype, source, host, indexed fields), constant or by
 * templates: `s3_{api.bucket}`.
 *
 * A template is written with single braces: `${…}` is the configuration's own, and `{{…}}` and `%{…}` are those of the tools
 * that make configurations (Ansible, Helm, Puppet, Terraform).
 *
 * Whoever makes events chooses what is in them, such as the name of a bucket. The index says who may read an event and how
 * long it is kept, and the sourcetype what Splunk does with it; so a template of these needs a list of what it may give.
 */
import { type Event, type FieldValue, type Path, type Plugin, z } from "../src/plugin.ts";

/** Longer values are not used: they are most likely not what the template is for. */
const length_max = 1024;
const placeholder = /\{([^{}]*)\}/g;

const index_help =
  "an index has lower-case letters, digits, _ and - in its name, and does not begin with _ or -";
const index_name = /^[a-z0-9][a-z0-9_-]*$/;

/** What is wrong with a template; undefined where nothing is. */
function templateMistake(text: string): string | undefined {
  const wrong = /\$\{|\{\{|%\{/.exec(text);
  if (wrong !== null) {
    return `a template has no ${wrong[0]}; write {path}, such as s3_{api.bucket}`;
  }
  const rest = text.replaceAll(placeholder, "");
  if (/[{}]/.test(rest)) return "a brace stands alone; write {path}, such as s3_{api.bucket}";
  return text.includes("{}") ? "a path is missing between the braces" : undefined;
}

function isTemplate(value: unknown): value is string {
  return typeof value === "string" && value.includes("{");
}

const pattern = z
  .string()
  .min(1)
  .refine((text) => text !== "*" && text.split("*").length <= 2, {
    error: "expected a name, or one with a single * in it, such as s3_*",
  })
  .refine((text) => !text.includes("{"), { error: "expected what a template may give, not one" });

const limited = z
  .strictObject({
    value: z.string().min(1).describe("A template, such as `s3_{api.bucket}`, or a constant text."),
    allow: z
      .array(pattern)
      .min(1)
      .optional()
      .describe(
        "The allowed results of the template. `*` stands for any characters. Required for `index` and `sourcetype`.",
      ),
    default: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The value to use if the event has no such value, or if the result is not allowed. Default: the metadata stays as it was.",
      ),
  })
  .refine(({ value, allow }) => isTemplate(value) || allow === undefined, {
    error: "`allow` is for a template, such as s3_{api.bucket}",
  });

const free = z
  .union([z.string().min(1), limited], { error: "expected text, or a map with `value`" })
  .superRefine((given, context) => {
    const [text, path] = typeof given === "string" ? [given, []] : [given.value, ["value"]];
    const message = templateMistake(text);
    if (message !== undefined) context.addIssue({ code: "custom", message, path });
  });

/** The same, where a template without a list of what it may give is refused. */
const listed = free.refine(
  (given) =>
    typeof given === "string"
      ? !isTemplate(given)
      : !isTemplate(given.value) || given.allow !== undefined,
  {
    error:
      "a template needs a list of what it may give, since events choose their values: " +
      "{ value: …, allow: [ … ], default: … }",
  },
);

const scalar = z.union([z.string().min(1), z.number(), z.boolean()]);
const field = z.union([scalar, z.array(scalar)]).superRefine((given, context) => {
  for (const each of [given].flat()) {
    const message = typeof each === "string" ? templateMistake(each) : undefined;
    if (message !== undefined) context.addIssue(message);
  }
});

const options = z
  .strictObject({
    index: listed
      .refine((given) => constantsOf(given).every((name) => index_name.test(name)), {
        error: index_help,
      })
      .optional()
      .describe("The index: text, or a template with a list of the indexes that it may give."),
    sourcetype: listed
      .optional()
      .describe("The sourcetype: text, or a template with a list of what it may give."),
    source: free.optional().describe("The source: text, or a template."),
    host: free.optional().describe("The host: text, or a template."),
    fields: z
      .record(z.string().min(1), field)
      .optional()
      .describe(
        "Indexed fields by name: values, lists of them, or templates. They are added to those that the event has. A field without a value is left out.",
      ),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: "expected at least one of `index`, `sourcetype`, `source`, `host` and `fields`",
  });

type Given = z.output<typeof free>;
type Scalar = string | number | boolean;

/** Texts that it may come to without any value of an event. */
function constantsOf(given: Given): string[] {
  if (typeof given === "string") return isTemplate(given) ? [] : [given];
  const { value, allow = [], default: otherwise } = given;
  const names = [
    ...allow.filter((name) => !name.includes("*")),
    ...(isTemplate(value) ? [] : [value]),
  ];
  return otherwise === undefined ? names : [...names, otherwise];
}

/** Gives the value for an event; undefined where there is none. */
type Read<Value> = (event: Event) => Value | undefined;
type Compile = (path: string) => Path;

function scalarAt(path: Path): Read<Scalar> {
  return (event) => {
    if (event.invalid !== undefined) return undefined;
    const value = event.get(path);
    if (typeof value === "bigint") return String(value);
    if (value === null || typeof value === "object" || value === "") return undefined;
    return typeof value === "string" && value.length > length_max ? undefined : value;
  };
}

/** Compiles a template: text between values. One that is a value alone gives it as it is. */
function compileTemplate(text: string, compile: Compile): Read<Scalar> {
  const parts = text.split(placeholder);
  if (parts.length === 1) return () => text;
  const values = parts.map((part, at) => (at % 2 === 1 ? scalarAt(compile(part)) : () => part));
  if (parts.length === 3 && parts[0] === "" && parts[2] === "") return values[1]!;
  return (event) => {
    let result = "";
    for (const value of values) {
      const part = value(event);
      if (part === undefined) return undefined;
      result += String(part);
    }
    return result.length > length_max ? undefined : result;
  };
}

function compileText(
  given: Given,
  compile: Compile,
  isValid: (text: string) => boolean,
): Read<string> {
  const { value, allow, default: otherwise } = typeof given === "string" ? { value: given } : given;
  const read = compileTemplate(value, compile);
  const isAllowed = allow === undefined ? () => true : matcherOf(allow);
  return (event) => {
    const found = read(event);
    if (found === undefined) return otherwise;
    const text = String(found);
    return isAllowed(text) && isValid(text) ? text : otherwise;
  };
}

function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  const names = new Set(patterns);
  const ends = patterns.filter((each) => each.includes("*")).map((each) => each.split("*"));
  return (text) =>
    names.has(text) ||
    ends.some(
      ([start = "", end = ""]) =>
        text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end),
    );
}

function compileField(given: Scalar | Scalar[], compile: Compile): Read<FieldValue> {
  if (!Array.isArray(given))
    return typeof given === "string" ? compileTemplate(given, compile) : () => given;
  const items = given.map((item) => compileField(item, compile) as Read<Scalar>);
  return (event) => {
    const values = items.map((read) => read(event)).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values;
  };
}

const plugin: Plugin<z.output<typeof options>> = {
  name: "metadata",
  description:
    "Sets index, sourcetype, source, host and indexed fields, also by values of the event.",
  options,
  create({ fields, ...texts }, context) {
    const compile = (path: string): Path => context.path(path, { single: true });
    const keys = (["index", "sourcetype", "source", "host"] as const).flatMap((key) => {
      const given = texts[key];
      if (given === undefined) return [];
      const isValid = (text: string): boolean =>
        key !== "index" || (index_name.test(text) && !text.includes("kvstore"));
      return [{ key, read: compileText(given, compile, isValid) }];
    });
    const named = Object.entries(fields ?? {}).map(
      ([name, value]) => [name, compileField(value, compile)] as const,
    );
    return (event) => {
      for (const { key, read } of keys) {
        const text = read(event);
        if (text !== undefined) event[key] = text;
      }
      let added: Record<string, FieldValue> | undefined;
      for (const [name, read] of named) {
        const value = read(event);
        if (value !== undefined) (added ??= { ...event.fields })[name] = value;
      }
      if (added !== undefined) event.fields = added;
      return event;
    };
  },
};

export default plugin;
