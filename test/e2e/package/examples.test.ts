/** The examples: each prints what is expected of it, loses nothing, and lets no secret out. */
import { cpSync, globSync, readdirSync, readFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Books } from "../../../src/ledger/books.ts";
import { repository } from "../../support/documents/blocks.ts";
import { longTest } from "../../support/effort.ts";
import { main } from "../../support/program.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Those in kubernetes/ are no questions; test/e2e/package/kubernetes.test.ts has them. */
const examples = globSync("examples/*/*.yaml", {
  cwd: repository,
  exclude: ["examples/kubernetes"],
}).sort();

/** What is secret in the logs. */
const secrets = /FwoGZXIvYXdz|fe5f80f77d5fa3be/;

test("examples - are three questions for three kinds of log", () => {
  expect(examples).toHaveLength(9);
});

for (const [number, example] of examples.entries()) {
  // One question for each kind of log, and all of them in the long tests.
  const testOf = number % 12 === 0 ? test : longTest;
  testOf(`examples - ${example} answers its question`, () => expectAnswer(example));
}

function expectAnswer(example: string): void {
  const directory = temporaryDirectory();
  cpSync(join(repository, "examples"), directory, { recursive: true });
  const folder = join(directory, dirname(example).slice("examples/".length));
  const name = example.slice(dirname(example).length + 1, -".yaml".length);
  const log = readdirSync(folder).find((file) => /^(?:events|access)\./.test(file))!;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [main, "run", "-c", join(folder, `${name}.yaml`)],
    { input: readFileSync(join(folder, log)), encoding: "utf8" },
  );
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: readFileSync(join(folder, "expected", `${name}.jsonl`), "utf8"),
  });
  expect(stdout + stderr).not.toMatch(secrets);
  const last = JSON.parse(stderr.trim().split("\n").at(-1)!) as { books: Books };
  const { received, delivered, filtered, quarantined, dropped } = last.books.total;
  expect(received).toBe(delivered + filtered + quarantined);
  expect({ delivered, dropped }).toEqual({
    delivered: stdout.trim().split("\n").length,
    dropped: 0,
  });
  const quarantine = globSync(join(folder, "state-*/quarantine/*.jsonl")).map((file) =>
    readFileSync(file, "utf8"),
  );
  expect(quarantine.join("")).not.toMatch(secrets);
  expect(quarantined).toBe(folder.endsWith("s3-access-log") ? 1 : 0);
}
