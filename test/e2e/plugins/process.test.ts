/**
 * What a plugin, or a library in it, does to the process by mistake: it ends it, changes it, or keeps it from ending.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest, sampledCases } from "../../support/effort.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A plugin `p` with this body, in the one step of a chain over a file with these lines. */
function setUp(source: string, { url = "http://127.0.0.1:9", lines = [""], globs = 0 } = {}) {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(join(plugins, "p.mjs"), source, { mode: 0o644 });
  const path = join(directory, "audit.log");
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  const more = Array.from({ length: globs }, (_, number) => join(directory, `none-${number}.log`));
  const top = [`plugins_dir: ${plugins}`];
  const config = { directory, url, paths: [path, ...more], chain: ["p: {}"], top };
  return { file: writeConfig(config), state_dir: stateDirectory(config) };
}

function plugin(create: string): string {
  return `import nodeProcess, { exit } from "node:process";
export default {
  name: "p",
  create() {
    ${create}
  },
};
`;
}

/** Each is tried on an event of its own. */
const calls = [
  "process.exit(0)",
  "process.exit()",
  "exit(0)",
  "nodeProcess.exit(0)",
  "process.reallyExit(0)",
  "process.abort()",
  "process.kill(process.pid)",
  'process.kill(process.pid, "SIGKILL")',
  "process.kill(0)",
  "process.kill(-1)",
  'process.execve?.("/bin/true", ["true"], {}) ?? process.exit()',
  'process.chdir("/")',
  "process.umask(0)",
  "process.setuid(process.getuid())",
  "process.seteuid(process.geteuid())",
  "process.setgid(process.getgid())",
  "process.setegid(process.getegid())",
  "process.setgroups(process.getgroups())",
  'process.initgroups("nobody", 0)',
  'process.removeAllListeners("SIGTERM")',
  "process.setUncaughtExceptionCaptureCallback(() => {})",
];

describe("in a step", () => {
  test("plugin process - no call ends or changes the process: the step fails, and its event is kept", async () => {
    const splunk = await Splunk.start();
    const cases = calls.map((call, number) => `case ${number}: ${call}; break;`).join(" ");
    const step = plugin(
      `return (event) => { switch (event.get("n")) { ${cases} } return event; };`,
    );
    const lines = [...calls.keys(), 99].map((n) => JSON.stringify({ n }));
    const { file, state_dir } = setUp(step, { url: splunk.url, lines });
    const daemon = await Daemon.start(file);
    await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toEqual(['{"n":99}']);
    expect(daemon.books.total).toMatchObject({ delivered: 1, quarantined: calls.length });
    const kept = readFileSync(join(state_dir, "quarantine/quarantine.jsonl"), "utf8");
    const details = [...kept.matchAll(/"detail":"(.*?)"/g)].map(([, detail]) => detail);
    expect(details).toHaveLength(calls.length);
    for (const detail of details) {
      expect(detail).toMatch(/^the step called process\.\w+\(\) at p\.mjs:5:\d+$/);
    }
    expect(daemon.of("step_failed")[0]).toMatchObject({ level: "error", plugin: "p" });
  });

  longTest("plugin process - what concerns other processes, or asks, is left alone", async () => {
    const splunk = await Splunk.start();
    const step = plugin(
      `return (event) => { process.kill(process.pid, 0); process.umask(); process.kill(process.ppid, 0); return event; };`,
    );
    const { file } = setUp(step, { url: splunk.url, lines: ['{"n":1}'] });
    const daemon = await Daemon.start(file);
    await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toEqual(['{"n":1}']);
  });
});

describe("outside of a step", () => {
  const in_timers = [
    ["a signal", "process.kill(process.pid)", "plugin_ended_process"],
    ["an exit", "process.exit(0)", "plugin_ended_process"],
    ["an exit in a promise", "(async () => exit(0))()", "plugin_ended_process"],
    ["a rejection", "Promise.reject(new Error())", "crashed"],
    ["a throw", "null.x", "crashed"],
  ] as const;

  test.each(sampledCases(in_timers, 5))(
    "plugin process - %s in a timer is told with its place, and status 70",
    long,
    async (...[, call, code]) => {
      const create = `setTimeout(() => { ${call}; }, 1); return (event) => event;`;
      const { file } = setUp(plugin(create));
      const daemon = Daemon.spawn(["run", "-c", file]);
      expect(await daemon.exited).toBe(70);
      const bug = daemon.entries.findLast(({ level }) => level === "error");
      expect(bug?.code).toBe(code);
      expect(JSON.stringify(bug)).toMatch(/plugins\/p\.mjs\?sha256=[0-9a-f]+:5:\d+/);
    },
  );

  longTest("plugin process - while it is loaded or made, it is refused with its place", () => {
    const sources = [
      plugin("process.exit(0);"),
      `process.exit(0);\n${plugin("return (event) => event;")}`,
      plugin("return Promise.resolve().then(() => exit(0));"),
    ];
    for (const source of sources) {
      const { file } = setUp(source);
      const { status, stderr } = check(file);
      expect(status).toBe(1);
      expect(stderr).toContain(
        "it called process.exit(), which would end or change the whole process",
      );
    }
  });

  longTest("plugin process - process.exitCode is not what a command ends with", async () => {
    const splunk = await Splunk.start();
    const create = "process.exitCode = 9; process.on('exit', () => process.exit(8));";
    const { file } = setUp(plugin(`${create} return (event) => event;`), { url: splunk.url });
    expect(check(file).status).toBe(0);
    const daemon = await Daemon.start(file);
    expect(await daemon.stop()).toBe(0);
  });
});

longTest(
  "plugin process - a listener of exit that never returns keeps nothing from ending",
  async () => {
    const splunk = await Splunk.start();
    const create = "process.on('exit', () => { for (;;); }); return (event) => event;";
    const { file } = setUp(plugin(create), { url: splunk.url });
    expect(check(file).status).toBe(0);
    const daemon = await Daemon.start(file);
    expect(await daemon.stop()).toBe(0);
  },
);

describe("what a plugin keeps open", () => {
  const holding = `import { createServer } from "node:net";
setInterval(() => {}, 60_000);
createServer().listen(0, "127.0.0.1");
export default { name: "p", create() { setInterval(() => {}, 60_000); return (event) => event; } };
`;

  const commands = [
    ["check", 0],
    ["check --json", 0],
    ["doctor --no-send", 1],
  ] as const;

  test.runIf(is_long).each(commands)(
    "plugin process - it keeps no %s from its end",
    long,
    (command, status) => {
      const { file } = setUp(holding);
      const ended = spawnSync(process.execPath, [main, ...command.split(" "), "-c", file], {
        timeout: 600_000,
      });
      expect(ended.status).toBe(status);
    },
  );

  longTest("plugin process - a slow reader gets all of a long output", () => {
    const { file } = setUp(holding, { globs: 600 });
    const command = `"$@" | { sleep 1; cat; }`;
    const program = [process.execPath, main, "check", "--json", "-c", file];
    const { stdout } = spawnSync("sh", ["-c", command, "sh", ...program], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const { warnings } = JSON.parse(stdout) as { warnings: unknown[] };
    expect(warnings.length).toBeGreaterThanOrEqual(600);
  });
});

function check(file: string): { status: number | null; stderr: string } {
  // One that does not end is killed, and has no status.
  const options = { encoding: "utf8", timeout: 600_000, killSignal: "SIGKILL" } as const;
  return spawnSync(process.execPath, [main, "check", "-c", file], options);
}
