/** What those who write plugins use: `plugin new`, `plugin test` and `--dev`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

function tallyman(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function directoryOf(files: Record<string, string>): string {
  const directory = join(temporaryDirectory(), "plugins");
  mkdirSync(directory, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(directory, name), text, { mode: 0o644 });
  }
  return directory;
}

test("plugin commands - a new plugin passes its tests, and is never overwritten", long, () => {
  const kinds = [
    [[], "mine.ts"],
    [["--js"], "mine.mjs"],
  ] as const;
  for (const [flags, file] of sampledCases(kinds, 2)) {
    const directory = directoryOf({});
    const made = tallyman("plugin", "new", "mine", "--dir", directory, ...flags);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(directory).sort()).toEqual(["mine.test.yaml", file].sort());
    const { status, stdout } = tallyman("plugin", "test", directory);
    expect(stdout).toContain("4 tests, 0 failed");
    expect(status).toBe(0);
    writeFileSync(join(directory, file), "mine");
    const again = tallyman("plugin", "new", "mine", "--dir", directory, ...flags);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain(`cannot write ${join(directory, file)}: it exists`);
    expect(readFileSync(join(directory, file), "utf8")).toBe("mine");
  }
});

longTest(
  "plugin commands - a new directory is one that plugins are loaded from, whatever it is called",
  () => {
    const [sh, options] = ["/bin/sh", { cwd: directoryOf({}), encoding: "utf8" }] as const;
    for (const name of ["of mine", "-it's"]) {
      const command = `umask 002; exec "$0" "$@"`;
      const words = [process.execPath, main, "plugin", "new", "mine", `--dir=${name}`];
      const { stdout, status } = spawnSync(sh, ["-c", command, ...words], options);
      expect(status).toBe(0);
      const [, said] = /^Test it: +tallyman (.+)$/m.exec(stdout)!;
      const tested = spawnSync(sh, ["-c", `"$0" "$1" ${said}`, process.execPath, main], options);
      expect(tested.stderr).toBe("");
      expect(tested.stdout).toContain("4 tests, 0 failed");
    }
  },
);

const plugin = `export default {
  name: "p",
  create: ({ bad }) => {
    if (bad) throw new Error("bad is bad");
    return (event) => {
      if (event.get("throw")) throw new Error("about " + event.get("throw"));
      if (event.get("drop")) return event.drop("too_old");
      event.index = "other";
      if (event.has("split")) return event.split("split[*]");
      return event;
    };
  },
};
`;

describe("plugin test", () => {
  test("plugin commands - a test that fails says what was expected, what was found, and what was thrown", () => {
    const tests = `tests:
  - { name: passes, event: { n: 1 }, expect: { event: { n: 1 }, metadata: { index: other } } }
  - { name: wrong value, event: { n: 1 }, expect: { event: { n: 2 } } }
  - { name: wrong bytes, event: '{"n": 1}', expect: { event: '{"n":1}' } }
  - { name: wrong index, event: {}, expect: { metadata: { index: main } } }
  - { name: wrong fate, event: { drop: true }, expect: { fate: filtered } }
  - { name: wrong reason, event: { drop: true }, expect: { reason: old } }
  - { name: throws, event: { throw: something }, expect: { event: {} } }
  - { name: refuses, options: { bad: true }, event: {}, expect: { event: {} } }
  - { name: parts, event: { split: [1, 2] }, expect: [{ event: 1 }, { contains: 2, metadata: { index: other } }] }
  - { name: wrong part, event: { split: [1, 2] }, expect: [{ event: 1 }, { event: 3 }] }
  - { name: fewer parts, event: { split: [1] }, expect: [{ event: 1 }, { event: 2 }] }
`;
    const directory = directoryOf({ "p.mjs": plugin, "p.test.yaml": tests });
    const file = join(directory, "p.test.yaml");
    const { status, stdout } = tallyman("plugin", "test", directory);
    expect(status).toBe(1);
    for (const text of [
      "  ok    passes",
      `  FAIL  wrong value\n        ${file}:3:`,
      ": tests[1].expect.event.n: expected 2, found 1\n",
      String.raw`: tests[2].expect.event: expected "{\"n\":1}", found "{\"n\": 1}"`,
      ': tests[3].expect.metadata.index: expected "main", found "other"\n',
      "expected filtered, but it was dropped by step p, as too_old\n",
      'expected "old", but it was dropped by step p, as too_old\n',
      'expected kept, but it was quarantined by step p, as step_failed:p: "the step threw Error at p.mjs:6:37"\n        Error: about something\n',
      "  FAIL  refuses\n",
      "bad is bad",
      "  ok    parts\n",
      ": tests[9].expect[1].event: expected 3, found 2\n",
      ": tests[10].expect: expected 2 events, but it became 1\n",
      "11 tests, 9 failed\n",
    ]) {
      expect(stdout).toContain(text);
    }
  });
});

longTest("plugin commands - tests that are a pipe are refused, and not waited for", () => {
  const directory = directoryOf({ "p.mjs": plugin });
  spawnSync("mkfifo", [join(directory, "p.test.yaml")]);
  const { status, stderr } = tallyman("plugin", "test", directory);
  expect(status).toBe(1);
  expect(stderr).toContain(`${join(directory, "p.test.yaml")}: it is not a regular file`);
});

describe("--dev", () => {
  longTest(
    "plugin commands - what a plugin throws is shown whole with --dev, and only then",
    async () => {
      const splunk = await Splunk.start();
      const plugins_dir = directoryOf({ "p.mjs": plugin });
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, '{"throw":"hunter2"}\n{"n":2}\n');
      const configure = (options: string): string =>
        writeConfig({
          directory,
          url: splunk.url,
          paths: [path],
          chain: [`p: ${options}`],
          top: [`plugins_dir: ${plugins_dir}`],
        });
      const refused = configure("{ bad: true }");
      const stack = /p\.mjs has thrown:\n {2}Error: bad is bad\n {6}at /;
      expect(tallyman("check", "-c", refused, "--dev").stderr).toMatch(stack);
      expect(tallyman("check", "-c", refused).stderr).not.toMatch(stack);

      const file = configure("{}");
      for (const [flags, shown] of [
        [[], 0],
        [["--dev"], 1],
      ] as const) {
        const daemon = Daemon.spawn(["run", "-c", file, ...flags]);
        await daemon.logged("step_failed");
        expect(await daemon.stop()).toBe(0);
        expect(daemon.of("plugin_exception")).toHaveLength(shown);
        expect(daemon.lines.join("\n").includes("about hunter2")).toBe(shown === 1);
        // Again from the beginning.
        writeFileSync(path, '{"throw":"hunter2 again"}\n');
      }
    },
  );
});
