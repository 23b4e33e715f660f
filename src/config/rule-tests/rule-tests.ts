/**
 * The tests of a configuration's rules: those in it, and those in the files beside it that are called after it:
 * `config.test.yaml` and `config.NAME.test.yaml` belong to `config.yaml`.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { z } from "zod";
import type { Complaint } from "../../platform/errors.ts";
import { explainIssue, unworded } from "../../platform/text/option-words.ts";
import type { Config } from "../config.ts";
import { ConfigFile } from "../document/config-file.ts";
import { readDocument } from "../document/document.ts";
import { valueAt, type ConfigPath } from "../document/place.ts";
import { readText } from "../load.ts";
import { meantBy } from "../validate.ts";
import { ruleTestFile, type RuleTest } from "./options.ts";

/** A test, and where in a file it is. */
export interface PlacedTest<Test = RuleTest> {
  readonly test: Test;
  /** A complaint about what is at `path` in the test. */
  readonly complain: (path: ConfigPath, message: string) => Complaint;
}

export interface RuleTestsRead<Test = RuleTest> {
  readonly tests: readonly PlacedTest<Test>[];
  /** What is wrong with the files of tests. */
  readonly complaints: readonly Complaint[];
}

const config_ending = /\.(?:ya?ml|json)$/;
const test_ending = /\.test\.ya?ml$/;

/** Rejects with TallymanError config_unreadable for a file of tests that cannot be read. */
export async function readRuleTests(
  config: Config,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RuleTestsRead> {
  const tests: PlacedTest[] = config.tests.map((test, number) => ({
    test,
    complain: (path, message) => complaintAt(config, ["tests", number, ...path], message),
  }));
  const complaints: Complaint[] = [];
  for (const file of await testFilesOf(config.file)) {
    const read = await readTestFile(file, ruleTestFile, environment);
    tests.push(...read.tests);
    complaints.push(...read.complaints);
  }
  return { tests, complaints };
}

/** What was put in for a `${…}` is hidden in it; the message itself has no other secret. */
function complaintAt(
  source: Pick<Config, "complain" | "isInserted">,
  path: ConfigPath,
  message: string,
): Complaint {
  return source.complain(path, message, "value", source.isInserted(path) ? "quoting" : "own");
}

async function testFilesOf(file: string): Promise<string[]> {
  const folder = dirname(file);
  const start = basename(file).replace(config_ending, "");
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => test_ending.test(name) && name.startsWith(`${start}.`))
    .toSorted()
    .map((name) => join(folder, name));
}

/** Rejects with TallymanError config_unreadable for a file that cannot be read. */
export async function readTestFile<Test>(
  file: string,
  schema: z.ZodType<{ tests: Test[] }>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RuleTestsRead<Test>> {
  const document = readDocument(await readText(file, file), {
    environment,
    folder: dirname(file),
  });
  const source = new ConfigFile(file, document);
  const complaints = document.mistakes.map(({ offset, path, message }) =>
    source.complainAt(offset, path, message),
  );
  if (complaints.length > 0) return { tests: [], complaints };
  const { value } = document;
  const result = schema.safeParse(value, { error: () => unworded, jitless: true });
  if (!result.success) {
    const found = result.error.issues.flatMap((issue) => complaintsOf(issue, value, source));
    return { tests: [], complaints: found };
  }
  const tests = result.data.tests.map((test, number): PlacedTest<Test> => ({
    test,
    complain: (path, message) => complaintAt(source, ["tests", number, ...path], message),
  }));
  return { tests, complaints: [] };
}

function complaintsOf(issue: z.core.$ZodIssue, value: unknown, source: ConfigFile): Complaint[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => source.complain([...path, key], "unknown option", "key", "own"));
  }
  const found = valueAt(value, path);
  const meant = issue.code === "invalid_union" ? meantBy(issue.errors, found) : undefined;
  if (meant === undefined) return [source.complain(path, explainIssue(issue, found))];
  return meant.flatMap((each) =>
    complaintsOf({ ...each, path: [...path, ...each.path] }, value, source),
  );
}
