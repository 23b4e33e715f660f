/**
 * The tests of a configuration's rules: those in it, and those in the files beside it that are called after it:
 * `config.test.yaml` and `config.NAME.test.yaml` belong to `config.yaml`.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Complaint } from "../../platform/errors.ts";
import { explainIssue, unworded } from "../../platform/text/option-words.ts";
import type { Config } from "../config.ts";
import { ConfigFile } from "../document/config-file.ts";
import { readDocument } from "../document/document.ts";
import { valueAt, type ConfigPath } from "../document/place.ts";
import { readText } from "../load.ts";
import { ruleTestFile, type RuleTest } from "./options.ts";

/** A test, and where in a file it is. */
export interface PlacedTest {
  readonly test: RuleTest;
  /** A complaint about what is at `path` in the test. */
  readonly complain: (path: ConfigPath, message: string) => Complaint;
}

export interface RuleTestsRead {
  readonly tests: readonly PlacedTest[];
  /** What is wrong with the files beside the configuration. */
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
    const read = await readTestFile(file, environment);
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

async function readTestFile(file: string, environment: NodeJS.ProcessEnv): Promise<RuleTestsRead> {
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
  const result = ruleTestFile.safeParse(value, { error: () => unworded, jitless: true });
  if (!result.success) {
    const found = result.error.issues.flatMap((issue) => {
      const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) =>
          source.complain([...path, key], "unknown option", "key", "own"),
        );
      }
      return [source.complain(path, explainIssue(issue, valueAt(value, path)))];
    });
    return { tests: [], complaints: found };
  }
  const tests = result.data.tests.map((test, number): PlacedTest => ({
    test,
    complain: (path, message) => complaintAt(source, ["tests", number, ...path], message),
  }));
  return { tests, complaints: [] };
}
