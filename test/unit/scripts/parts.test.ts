/** Which files of the bundle a command loads, and that what V8 has compiled of them serves the other commands, too. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { longTest } from "../../support/effort.ts";
import { main } from "../../support/program.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Runs a command with what Node says about its compile cache. */
function runWithCache(cache: string, args: string[]): { output: string; about: string[] } {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
  const input = '{"event":1}\n';
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    env,
    input,
  });
  expect(status, stderr).toBe(0);
  const lines = `${stdout}\n${stderr}`.split("\n");
  const about = lines.filter((line) => line.startsWith("[compile cache]"));
  return { output: lines.filter((line) => !about.includes(line)).join("\n"), about };
}

/** The names of the bundle's files in it, without folder and hash. */
function filesIn(about: readonly string[]): string[] {
  const text = about.join("\n");
  const paths = [...text.matchAll(/file:\/\/\S+\/(?:(plugins\/)|chunks\/)?([\w-]+)\.js\b/g)];
  const names = paths.map(([, folder = "", name]) => folder + name!.replace(/-.{8}$/, ""));
  return [...new Set(names)].sort();
}

const rare = [
  "demo",
  "differences",
  "doctor",
  "follower",
  "load-pack",
  "internal_mod",
  "metrics",
  "plugin",
  "re2js",
  "scan",
  "shaped-secrets",
  "shown-event",
  "transport-node",
];

longTest(
  "parts - commands load few files and none that they do not need, and use what others have compiled",
  () => {
    const directory = temporaryDirectory();
    const file = join(directory, "config.yaml");
    const settings = {
      state_dir: join(directory, "state"),
      inputs: { piped: { type: "stdin" } },
      chain: [{ filter: { drop: 'api.name == "HeadObject"' } }, { redact: { fields: ["secret"] } }],
      outputs: { printed: { type: "stdout" } },
    };
    writeFileSync(file, JSON.stringify(settings));
    const cache = join(directory, "cache");
    const commands: [args: string[], says: string, files_max: number, unused: string[]][] = [
      [["--version"], "0.", 6, ["base", "chain", "config", "inputs", "run"]],
      [["check", "-c", file], "is valid", 22, [...rare, "run", "roster", "pino-pretty"]],
      [["run", "-c", file], '"stopped"', 40, [...rare, "check", "matching-files", "pino-pretty"]],
    ];
    for (const [args, says, files_max, unused] of commands) {
      const { output, about } = runWithCache(cache, args);
      expect(output).toContain(says);
      const files = filesIn(about);
      expect(files).toContain("commands");
      expect(files.filter((name) => unused.includes(name))).toEqual([]);
      expect(files.length).toBeLessThanOrEqual(files_max);
      expect(about.filter((line) => line.includes("rejected"))).toEqual([]);
    }
    // `run` has left what `check` needs as it was, and nothing is compiled or written again.
    for (const [args] of commands) {
      const { about } = runWithCache(cache, args);
      expect(about.filter((line) => line.includes("was accepted"))).not.toEqual([]);
      expect(about.filter((line) => /rejected|writing cache/.test(line))).toEqual([]);
    }
  },
);

test("parts - a thread loads the part that it needs, and not the configuration", () => {
  for (const [worker, parts] of [
    ["watchdog-worker", ["commands", "first", "rolldown-runtime", "watchdog"]],
    [
      "isolation-worker",
      [
        "base",
        "chain",
        "commands",
        "first",
        "orders",
        "plugin-process",
        "rolldown-runtime",
        "watchdog",
      ],
    ],
  ] as const) {
    expect(importsOf(join(dirname(main), `${worker}.js`))).toEqual(parts);
  }
});

/** All files of the bundle that are loaded with this one. */
function importsOf(file: string): string[] {
  const loaded = new Set([file]);
  for (const each of loaded) {
    const imports = readFileSync(each, "utf8").matchAll(/^import .*"(\.[^"]*)";$/gm);
    for (const [, path] of imports) loaded.add(join(dirname(each), path!));
  }
  loaded.delete(file);
  expect(globSync([...loaded])).toHaveLength(loaded.size);
  return [...loaded].map((each) => /([\w-]+)-.{8}\.js$/.exec(each)![1]!).sort();
}
