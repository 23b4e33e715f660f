/** What those who write plugins use: `plugin new`, `plugin test` and `--dev`. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeConfig } from "../support/agent-config.ts";
import { Daemon } from "../support/daemon.ts";
import { main } from "../support/program.ts";
import { Splunk } from "../support/splunk.ts";
import { temporaryDirectory } from "../support/temporary.ts";

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

test("plugin commands - a new plugin passes its tests, and is never overwritten", () => {
  for (const [flags, file] of [
    [[], "mine.ts"],
    [["--js"], "mine.mjs"],
  ] as const) {
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

test("plugin commands - a new directory is one that plugins are loaded from, whatever it is called", () => {
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
});

const plugin = `export default {
  name: "p",
  create: ({ bad }) => {
    if (bad) throw new Error("bad is bad");
    return (event) => {
      if (event.get("throw")) throw new Error("about " + event.get("throw"));
      if (event.get("drop")) return event.drop("too_old");
      event.index = "other";
      return event;
    };
  },
};
`;

describe("plugin test", () => {
  test("plugin commands - a test that fails says what was expected, what was found, and what was thrown", () => {
    const tests = `tests:
  - { name: passes, event: { n: 1 }, expect: { event: { n: 1 }, index: other } }
  - { name: wrong value, event: { n: 1 }, expect: { event: { n: 2 } } }
  - { name: wrong bytes, text: '{"n": 1}', expect: { text: '{"n":1}' } }
  - { name: wrong index, event: {}, expect: { event: {}, index: main } }
  - { name: wrong fate, event: { drop: true }, expect: { filtered: true } }
  - { name: wrong reason, event: { drop: true }, expect: { dropped: old } }
  - { name: throws, event: { throw: something }, expect: { event: {} } }
  - { name: refuses, options: { bad: true }, event: {}, expect: { event: {} } }
`;
    const directory = directoryOf({ "p.mjs": plugin, "p.test.yaml": tests });
    const { status, stdout } = tallyman("plugin", "test", directory);
    expect(status).toBe(1);
    for (const text of [
      "  ok    passes",
      '  FAIL  wrong value\n        expected {"n":2}\n        found    {"n":1}\n',
      '  FAIL  wrong bytes\n        expected {"n":1}\n        found    {"n": 1}\n',
      '  FAIL  wrong index\n        expected index "main"\n        found    index "other"\n',
      "  FAIL  wrong fate\n        expected filtered\n        found    dropped (too_old)\n",
      "  FAIL  wrong reason\n        expected dropped (old)\n        found    dropped (too_old)\n",
      "  FAIL  throws\n        expected kept\n        found    quarantined (step_failed:p)\n        because  the step threw Error at p.mjs:6:37\n        Error: about something\n",
      "  FAIL  refuses\n",
      "bad is bad",
      "8 tests, 7 failed\n",
    ]) {
      expect(stdout).toContain(text);
    }
  });
});

describe("--dev", () => {
  test("plugin commands - what a plugin throws is shown whole with --dev, and only then", async () => {
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
  });
});
