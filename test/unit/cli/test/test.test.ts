/** `tallyman test` and the tests that `tallyman check` runs: what is reported, where, and without secrets. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { tallyman, type Ended } from "../../../support/command-line.ts";
import { writeConfiguration } from "../../../support/configuration.ts";

const planted = ["Pl4nted", "Secr3t", "9x"].join("-");

function configuration(tests: string): string {
  return `inputs:
  audit: { paths: ["/var/log/audit*.log"], metadata: { index: main } }
chain:
  - filter: { drop: 'api == "Head"' }
    name: heads
  - redact: { fields: ["header.Authorization"] }
  - dedupe: { by: [id], window: 1m }
output: { url: "https://splunk.example.com:8088", token: abc }
${tests}`;
}

const passing = `tests:
  - name: masked
    event: { header: { Authorization: ${planted} }, id: 1 }
    expect: { event: { id: 1, header: { Authorization: "[REDACTED]" } }, metadata: { index: main } }
  - name: parts
    event: { header: { Authorization: ${planted} }, id: 1, more: [1, 2] }
    expect: { contains: { header: { Authorization: "[REDACTED]" } }, output: splunk }
  - name: filtered
    event: { api: Head }
    expect: { reason: heads, step: heads }
  - name: text
    event: "password=${planted}"
    expect: { fate: quarantined, reason: "unreadable:redact" }
  - name: bytes are kept
    event: '{"id": 12345678901234567890, "a":"\\u0041"}'
    expect: { event: '{"id": 12345678901234567890, "a":"\\u0041"}' }
  - name: seen before
    before: [{ id: 7 }]
    event: { id: 7 }
    expect: { fate: filtered, step: dedupe }
  - name: not seen before
    event: { id: 7 }
`;

const failing = `tests:
  - name: a wrong value
    event: { header: { Authorization: ${planted}, Cookie: ${planted} }, user: bob }
    expect:
      event: { header: { Authorization: "[REDACTED]", Cookie: "[REDACTED]" }, user: ann }
  - name: a wrong end
    event: { api: Head, password: ${planted} }
  - name: a wrong input
    input: audi
    event: {}
`;

const run = (file: string, ...words: string[]): Promise<Ended> =>
  tallyman(["test", "-c", file, ...words]);

test("test - reports each test, and ends with 0 when all pass", async () => {
  const { out, err, status } = await run(writeConfiguration(configuration(passing)));
  expect(err).toBe("");
  expect(out.match(/^ok {4}/gm)).toHaveLength(7);
  expect(out).toContain("7 passed, 0 failed");
  expect(status).toBe(0);
});

test("test - a failure has its place, what was expected and what was found, and no secret", async () => {
  const file = writeConfiguration(configuration(failing));
  const { out, status } = await run(file);
  expect(status).toBe(1);
  expect(out).toContain(`${file}:13:85: tests[0].expect.event.user: expected "ann", found "bob"`);
  expect(out).toMatch(/13:\d+: .*Cookie: expected "\[REDACTED\]", found "‹secret [0-9a-f]{6}›"/);
  expect(out).toMatch(/tests\[1\].*expected kept, but it was filtered by step heads, as heads/);
  expect(out).toMatch(/tests\[2\].*there is no input "audi"; did you mean "?audit/);
  expect(out).toContain("0 passed, 3 failed");
  expect(out).not.toContain(planted);
  expect((await run(file, "--reveal")).out).toContain(planted);
});

test("test - as JSON, too", async () => {
  const { out } = await run(writeConfiguration(configuration(failing)), "--json");
  expect(JSON.parse(out)).toMatchObject({
    passed: 0,
    failed: 3,
    tests: [
      { name: "a wrong value", passed: false, line: 10, failures: [{ line: 13 }, {}] },
      {},
      {},
    ],
  });
  expect(out).not.toContain(planted);
});

test("test - finds the files beside the configuration that are called after it, and no others", async () => {
  const file = writeConfiguration(configuration(""));
  for (const name of ["config.test.yaml", "config.more.test.yml", "other.test.yaml"]) {
    writeFileSync(join(dirname(file), name), passing.replaceAll("masked", `of ${name}`));
  }
  const { out } = await run(file);
  expect(out).toContain("14 passed");
  expect(out).not.toContain("other.test.yaml");
});

test("test - mistakes in tests have their places", async () => {
  const file = writeConfiguration(configuration(""));
  const beside = join(dirname(file), "config.test.yaml");
  writeFileSync(beside, "tests:\n  - name: a\n    evnt: {}\n    expect: { fate: sent }\n");
  const { err, status } = await run(file);
  expect(status).toBe(1);
  expect(err).toContain(`${beside}:3:5: tests[0].evnt: unknown option`);
  expect(err).toContain(`${beside}:2:5: tests[0].event: is missing`);
  expect(err).toMatch(/4:21: tests\[0\]\.expect\.fate: expected "kept" or .*found "sent"/);
  expect((await tallyman(["check", "-c", file])).err).toContain(`${beside}:3:5`);
});

test("test - no tests are an error (rule_tests_missing)", async () => {
  const { err, status } = await run(writeConfiguration(configuration("")));
  expect(status).toBe(1);
  expect(err).toContain("has no tests.");
});

test("test - check runs them: a failure is an error there, with its place and without secrets", async () => {
  const file = writeConfiguration(configuration(failing));
  const { err, out, status } = await tallyman(["check", "-c", file]);
  expect(status).toBe(1);
  expect(err).toContain(`${file}:13:85: test "a wrong value" failed: tests[0].expect.event.user`);
  expect(out + err).not.toContain(planted);
  const passed = await tallyman(["check", "-c", writeConfiguration(configuration(passing))]);
  expect(passed).toMatchObject({ status: 0, err: "" });
  expect(passed.out).toContain("Tests of rules\n  7 of 7 pass");
  const as_json = await tallyman(["check", "--json", "-c", file]);
  expect(JSON.parse(as_json.out)).toMatchObject({ valid: false });
  expect(as_json.out + passed.out).not.toContain(planted);
});
