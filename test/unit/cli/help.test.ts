/** What `tallyman --help` and the help of every command print: that it fits, is whole, and is true. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allCommands, helpOf } from "../../../scripts/package/completions/command-tree.ts";
import { tallymanCommand } from "../../../src/cli/program.ts";
import { tallyman, type Ended } from "../../support/command-line.ts";
import { nameConfiguration } from "../../support/documents/command-line.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { main } from "../../support/program.ts";

const commands = allCommands().map(({ name, command }) => ({
  name,
  command,
  help: helpOf(command),
}));

function inOwnProcess(...words: string[]): Ended {
  const run = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });
  return { status: run.status!, out: run.stdout, err: run.stderr };
}

/** The lines below "Examples:", without what the shell would ignore. */
function examplesIn(help: string): string[] {
  const [, below = ""] = help.split("\nExamples:\n");
  return below
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\s+# .*$/, ""));
}

/** The words of every `tallyman …` in a line of shell, without quotes. */
function callsIn(example: string): string[][] {
  const parts = example.replace(/^ +\$ /, "").split(/ (?:\||&&) /);
  return parts
    .map((part) =>
      [...part.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!),
    )
    .filter(([program]) => program === "tallyman")
    .map(([, ...words]) => words);
}

/** The command that would run, with nothing run. Throws what the definition has against the words. */
async function dryRun(words: readonly string[]): Promise<string> {
  const program = tallymanCommand();
  let ran = "nothing";
  const disarm = (command: typeof program, name: string): void => {
    command.configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => void (ran = name));
    for (const each of command.commands) disarm(each, `${name} ${each.name()}`);
  };
  disarm(program, "tallyman");
  const restore = nameConfiguration();
  await program.parseAsync(words, { from: "user" }).finally(restore);
  return ran;
}

describe.each(commands)("$name", ({ name, command, help }) => {
  test("help - fits in 80 columns", () => {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("help - describes the command, and every option and argument", () => {
    expect(command.description()).not.toBe("");
    for (const { long, description } of command.options) expect(description, long).not.toBe("");
    for (const each of command.registeredArguments) {
      expect(each.description, each.name()).not.toBe("");
    }
  });

  test("help - has examples of this command, that the command understands", async () => {
    const examples = examplesIn(help);
    for (const example of examples) expect(example).toMatch(/^ {2}\$ \S/);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const ran: string[] = [];
      for (const words of callsIn(example)) ran.push(await dryRun(words));
      expect(
        ran.some((each) => `${each} `.startsWith(`${name} `)),
        example,
      ).toBe(true);
    }
  });
});

describe("help", () => {
  test("help - an example with a mistake would be found", async () => {
    await expect(dryRun(["check", "-c", "a.yaml", "--jason"])).rejects.toThrow("unknown option");
    await expect(dryRun(["check", "a.yaml", "b.yaml"])).rejects.toThrow("too many arguments");
    expect(callsIn("  $ some-command | tallyman run -c 'a b'")).toEqual([["run", "-c", "a b"]]);
  });

  test.each([
    [["statsu"], "tallyman"],
    [["tap", "--count", "1"], "tallyman tap"],
    [["quarantine", "show", "--x"], "tallyman quarantine show"],
    [["proof", "ini"], "tallyman proof"],
  ])("help - after a mistake in %j the help of that command is named", async (words, command) => {
    const { status, err } = await tallyman(words);
    expect(status).toBe(2);
    expect(err).toContain(`(\`${command} --help\` shows how it is used)`);
  });

  test("help - is printed on standard output, in 80 columns, with status 0", async () => {
    for (const words of [["--help"], ["quarantine", "list", "--help"], ["help", "run"]]) {
      const { status, out, err } = await tallyman(words);
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(out).toContain("\nExamples:\n");
      expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    }
  });

  test("help - the version is the package's, in a process of its own, too", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    const said = { status: 0, out: `${version}\n`, err: "" };
    expect(await tallyman(["--version"])).toEqual(said);
    expect(inOwnProcess("--version")).toEqual(said);
  });

  test("help - the exit status of a mistake on the command line is 2, of another mistake 1", async () => {
    const mistakes = [["check"], ["chekc"], ["quarantine"], ["run", "--quick"], []];
    for (const words of mistakes) {
      expect((await tallyman(words)).status, words.join(" ")).toBe(2);
    }
    expect(inOwnProcess().status).toBe(2);
    const nowhere = `${temporaryDirectory()}/none.yaml`;
    for (const name of ["check", "doctor"]) {
      expect((await tallyman([name, "-c", nowhere])).status, name).toBe(1);
    }
    expect(inOwnProcess("run", "-c", nowhere).status).toBe(1);
  });
});
