/** The tests beside a plugin: NAME.test.yaml. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { messageOf, TallymanError } from "../../platform/errors.ts";

export const test_file_end = ".test.yaml";

const fields = z.record(z.string(), z.unknown());
const expectation = z.strictObject({
  event: z.unknown().optional(),
  text: z.string().optional(),
  filtered: z.literal(true).optional(),
  dropped: z.string().optional(),
  quarantined: z.string().optional(),
  host: z.string().optional(),
  source: z.string().optional(),
  sourcetype: z.string().optional(),
  index: z.string().optional(),
  fields: fields.optional(),
  time: z.string().optional(),
});
const outcomes = ["event", "text", "filtered", "dropped", "quarantined"] as const;

const pluginTest = z
  .strictObject({
    name: z.string().min(1),
    options: z.unknown().optional(),
    event: z.unknown().optional(),
    text: z.string().optional(),
    expect: expectation.refine(
      (expect) => outcomes.filter((each) => expect[each] !== undefined).length === 1,
      `expected exactly one of ${outcomes.join(", ")}`,
    ),
  })
  .refine(
    ({ event, text }) => (event === undefined) !== (text === undefined),
    "expected either `event` or `text`",
  );

const testFile = z.strictObject({ tests: z.array(pluginTest).min(1) });

export type PluginTest = z.output<typeof pluginTest>;
export type Expectation = z.output<typeof expectation>;

/** Throws TallymanError plugin_tests_invalid. */
export async function readTests(path: string): Promise<PluginTest[]> {
  let content: unknown;
  try {
    content = parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw invalid(path, messageOf(cause).split("\n")[0]!);
  }
  const result = testFile.safeParse(content);
  if (result.success) return result.data.tests;
  const [issue] = result.error.issues;
  throw invalid(path, `${issue!.path.join(".")}: ${issue!.message}`);
}

/** The plugin that the file has tests of. */
export function pluginTestedBy(path: string): string {
  return basename(path).slice(0, -test_file_end.length);
}

function invalid(path: string, why: string): TallymanError {
  return new TallymanError("plugin_tests_invalid", `the tests in ${path} are wrong: ${why}`);
}
