/** The completions of shells: each is asked by its own shell, where the machine has it. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bashCompletion } from "../../../scripts/package/completions/bash.ts";
import { allCommands } from "../../../scripts/package/completions/command-tree.ts";
import { fishCompletion } from "../../../scripts/package/completions/fish.ts";
import { zshCompletion } from "../../../scripts/package/completions/zsh.ts";
import { isInstalled } from "../../support/commands.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A directory with the completion, and a file that it could offer. */
function write(completion: string): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "completion"), completion);
  writeFileSync(join(directory, "config.yaml"), "");
  return directory;
}

/** The output of a shell that has nothing to complain about, in words. */
function wordsFrom(directory: string, [shell, ...args]: string[]): string[] {
  const run = spawnSync(shell!, args, { cwd: directory, encoding: "utf8" });
  expect(run.stderr).toBe("");
  return run.stdout.split(/\s+/).filter((word) => word !== "");
}

const [bash, fish, zsh] = [bashCompletion(), fishCompletion(), zshCompletion()];

/** What bash offers for the last of the words. */
function askBash(...words: string[]): string[] {
  const directory = write(bash);
  // Only within a completion there is something that compopt could change.
  const script = `. ./completion; compopt() { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tallyman
    echo "\${COMPREPLY[@]}"`;
  return wordsFrom(directory, ["bash", "-c", script, "bash", "tallyman", ...words]);
}

/** Every value that can be nothing but one of a few: `words` is what stands before it. */
const choices = allCommands().flatMap(({ name, command, options }) => {
  const [, ...before] = name.split(" ");
  const [argument] = command.registeredArguments;
  const values = argument?.argChoices ?? [];
  const valued = options.filter(({ argChoices }) => argChoices !== undefined);
  return [
    ...(values.length > 0 ? [{ words: before, values }] : []),
    ...valued.map(({ long: option, argChoices }) => ({
      words: [...before, option!],
      values: argChoices!,
    })),
  ];
});

test("completion - the kinds of init, colours, and the fates that try shows are choices", () => {
  const words = choices.map((choice) => choice.words.join(" "));
  expect(words).toEqual(expect.arrayContaining(["init", "try --only", "status --color"]));
});

const names = ["run", "check", "doctor", "quarantine", "demo", "help"];

describe("bash", () => {
  test("completion - bash offers the commands, and of those the ones that fit", () => {
    expect(askBash("")).toEqual(expect.arrayContaining(names));
    expect(askBash("qua")).toEqual(["quarantine"]);
    expect(askBash("quarantine", "")).toEqual(expect.arrayContaining(["list", "show", "purge"]));
  });

  test("completion - bash offers a command's own options", () => {
    expect(askBash("check", "--")).toEqual(["--config", "--json", "--dev", "--color", "--help"]);
    expect(askBash("quarantine", "purge", "--y")).toEqual(["--yes"]);
    expect(askBash("-")).toEqual(["--version", "--help"]);
  });

  test("completion - bash offers what an option's value can be, not options", () => {
    expect(askBash("check", "-c", "con")).toEqual(["config.yaml"]);
    expect(askBash("check", "--config", "=", "con")).toEqual(["config.yaml"]);
    expect(askBash("doctor", "-c", "config.yaml", "--user", "roo")).toEqual(["root"]);
    expect(askBash("quarantine", "list", "--input", "")).toEqual([]);
  });

  test("completion - bash offers files and directories where a command takes them", () => {
    expect(askBash("check", "con")).toEqual(["config.yaml"]);
    expect(askBash("scan", "")).toEqual(expect.arrayContaining(["completion", "config.yaml"]));
    expect(askBash("plugin", "test", "con")).toEqual([]);
  });
});

test.each(sampledCases(choices, 4))(
  "completion - bash offers the choices of $words",
  long,
  ({ words, values }) => {
    expect(askBash(...words, "")).toEqual(values);
    expect(askBash(...words, values[0]!.slice(0, 2))).toContain(values[0]);
  },
);

test("completion - bash offers only options once a choice is made, and their values", () => {
  expect(askBash("init", "weka", "")).toEqual(expect.arrayContaining(["--path", "--yes"]));
  expect(askBash("init", "weka", "")).not.toContain("minio");
  expect(askBash("init", "weka", "--color", "al")).toEqual(["always"]);
  expect(askBash("init", "weka", "--token-file", "con")).toEqual(["config.yaml"]);
});

describe.runIf(isInstalled("fish"))("fish", () => {
  const askFish = (line: string): string[] => {
    const directory = write(fish);
    const script = `source completion; complete -C ${JSON.stringify(line)} | cut -f 1`;
    return wordsFrom(directory, ["fish", "-c", script]);
  };

  test("completion - fish offers commands, options and files", () => {
    expect(askFish("tallyman ")).toEqual(expect.arrayContaining(names));
    expect(askFish("tallyman quarantine p")).toEqual(["purge"]);
    const own = ["--color", "--config", "--dev", "--help", "--json"];
    expect(askFish("tallyman check --")).toEqual(own);
    expect(askFish("tallyman check -c con")).toContain("config.yaml");
    expect(askFish("tallyman check con")).toContain("config.yaml");
  });

  test.each(sampledCases(choices, 4))(
    "completion - fish offers the choices of $words",
    long,
    ({ words, values }) => {
      expect(askFish(`tallyman ${words.join(" ")} `).sort()).toEqual([...values].sort());
    },
  );

  test("completion - fish offers the kinds of init once", () => {
    expect(askFish("tallyman init weka ")).not.toContain("minio");
  });
});

describe("zsh", () => {
  test.runIf(isInstalled("zsh"))("completion - zsh can read it", () => {
    const directory = write(zsh);
    expect(wordsFrom(directory, ["zsh", "-n", "completion"])).toEqual([]);
  });

  test("completion - zsh is told of every command and option", () => {
    for (const { name, options } of allCommands()) {
      const [, body = ""] = zsh.split(`\n_${name.replaceAll(" ", "_")}() {\n`);
      const [own = ""] = body.split("\n}\n");
      for (const { long: option } of options) expect(own, `${name} ${option}`).toContain(option);
    }
  });

  test.each(choices)("completion - zsh is told of the choices of $words", ({ words, values }) => {
    const [command, option] = words.at(-1)!.startsWith("--")
      ? [words.slice(0, -1), words.at(-1)!]
      : [words, undefined];
    const [, body = ""] = zsh.split(`\n_${["tallyman", ...command].join("_")}() {\n`);
    const [own = ""] = body.split("\n}\n");
    const line = own.split("\n").find((each) => each.includes(option ?? "'1:"));
    expect(line).toContain(`:(${values.join(" ")})`);
  });
});
