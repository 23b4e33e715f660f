/**
 * Drop-ins against the real program: they import the API, they are shown what they call wrongly, and their steps end when
 * they are replaced and when tallyman stops.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

interface Drop {
  url?: string;
  chain?: string[];
  lines?: string[];
}

/** Plugins by file name, in a chain over one file. */
function setUp(files: Record<string, string>, drop: Drop = {}) {
  const { url = "http://127.0.0.1:9", chain = ["p: {}"], lines = [] } = drop;
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(plugins, name), text, { mode: 0o644 });
  }
  const path = join(directory, "audit.log");
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  const config = { directory, url, paths: [path], chain, top: [`plugins_dir: ${plugins}`] };
  return { directory, plugins, path, file: writeConfig(config), state_dir: stateDirectory(config) };
}

function run(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 600_000,
  });
  return { status, output: stdout + stderr };
}

describe("the API", () => {
  const typed = `import { UnreadableError, Verdict, z, type Event, type Plugin } from "tallyman/plugin";
import { endOf } from "./lib/end.mts";
const options = z.strictObject({ value: z.string().default("yes") });
const plugin: Plugin<z.output<typeof options>> = {
  name: "p",
  options,
  create: ({ value }) => (event: Event) => {
    try {
      event.set("tagged", value);
      return event;
    } catch (error) {
      const { fate } = endOf(event) as Verdict;
      if (!(error instanceof UnreadableError) || !(endOf(event) instanceof Verdict)) throw error;
      return fate === "dropped" ? event.drop("not_json") : event;
    }
  },
};
export default plugin;
`;
  const end = `import type { Event } from "tallyman/plugin";
import { Verdict } from "tallyman/plugin";
export const endOf = (event: Event) => new Verdict("dropped", "not_json");
`;

  function withLibrary(drop: Drop) {
    const made = setUp({ "p.ts": typed }, drop);
    mkdirSync(join(made.plugins, "lib"), { mode: 0o755 });
    writeFileSync(join(made.plugins, "lib/end.mts"), end, { mode: 0o644 });
    return made;
  }

  test("plugin API - a drop-in and what it imports have z and the classes of the program", async () => {
    const splunk = await Splunk.start();
    const { file } = withLibrary({ url: splunk.url, lines: ['{"n":1}', "no JSON"] });
    const daemon = await Daemon.start(file);
    await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toContain('{"n":1,"tagged":"yes"}');
    expect(daemon.books.inputs["audit"]?.dropped).toEqual({ not_json: 1 });
  });

  longTest(
    "plugin API - check and doctor load it, too, and z's complaints have their place",
    () => {
      const { file } = withLibrary({});
      expect(run("check", "-c", file)).toMatchObject({ status: 0 });
      expect(run("doctor", "--no-send", "--json", "-c", file).output).toContain(
        "every step of the chain can run",
      );
      const wrong = withLibrary({ chain: ["p: { valu: 1 }"] });
      const { status, output } = run("check", "-c", wrong.file);
      expect(status).toBe(1);
      expect(output).toMatch(/config\.yaml:\d+:\d+: .*valu/);
    },
  );

  test("plugin API - a wrong call is shown with its place, in the log and in quarantine", async () => {
    const source = `export default { name: "p", create: () => (event) => {
      event.time = 1752480000.5;
      return event;
    } };`;
    const { file, state_dir } = setUp({ "p.mjs": source }, { lines: ['{"n":1}'] });
    const daemon = await Daemon.start(file);
    const said = await daemon.logged("step_failed");
    expect(said["detail"]).toMatch(/^time must be text of digits: .* at p\.mjs:2:\d+$/);
    expect(await daemon.stop()).toBe(0);
    const kept = readFileSync(join(state_dir, "quarantine/quarantine.jsonl"), "utf8");
    expect(kept).toContain(`"detail":"time must be text of digits: `);
  });

  longTest("plugin API - check names what is passed over, and refuses CommonJS", () => {
    const source = `export default { name: "p", create: () => (event) => event };`;
    const { file, plugins } = setUp({ "p.mts": source, "q.MJS": source, "r.tsx": source });
    const passed = run("check", "-c", file);
    expect(passed.status).toBe(0);
    for (const name of ["q.MJS", "r.tsx"]) {
      expect(passed.output).toContain(`${name} in it is not loaded: plugins are .js, .mjs, .ts`);
    }
    expect(run("doctor", "--no-send", "--json", "-c", file).output).toContain(
      "q.MJS in it is not loaded",
    );
    writeFileSync(join(plugins, "s.cjs"), "module.exports = {};", { mode: 0o644 });
    const refused = run("check", "-c", file);
    expect(refused.status).toBe(1);
    expect(refused.output).toMatch(/s\.cjs: it is CommonJS/);
  });
});

/**
 * A step with a timer that writes its number until it is ended. With a key `dispose` in its options it does that, too, when
 * it is ended.
 */
const ticking = `import { appendFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
export default {
  name: "p",
  create({ directory, dispose, refuse }) {
    const made = join(directory, "made");
    mkdirSync(made, { recursive: true });
    const id = readdirSync(made).length + 1;
    mkdirSync(join(made, String(id)));
    const timer = setInterval(() => appendFileSync(join(directory, "ticks"), id + "\\n"), 5);
    return {
      step: (event) => event,
      dispose() {
        clearInterval(timer);
        appendFileSync(join(directory, "ended"), id + "\\n");
        if (dispose === "throw") throw new Error("no");
        if (dispose === "hang") return new Promise(() => {});
      },
    };
  },
};
`;

describe("the end of a step", () => {
  function ticker(directory: string) {
    const read = (name: string): string[] => {
      const file = join(directory, name);
      return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    };
    return {
      ended: () => read("ended"),
      /** Which timers run: the ids in ticks of which there are many from now on. */
      running: async (): Promise<string[]> => {
        rmSync(join(directory, "ticks"), { force: true });
        await eventually(() => read("ticks").length > 20);
        return [...new Set(read("ticks"))];
      },
    };
  }

  function tickingSetUp(options = "", more: string[] = []) {
    const directory = temporaryDirectory();
    const step = `p: { directory: ${JSON.stringify(directory)}${options} }`;
    const made = setUp({ "p.mjs": ticking }, { chain: [step, ...more] });
    return { ...made, ...ticker(directory) };
  }

  test("plugin end - after four reloads the timer of one step runs, and none after the stop", async () => {
    const { file, ended, running } = tickingSetUp();
    const daemon = await Daemon.start(file);
    expect(await running()).toEqual(["1"]);
    for (let reload = 0; reload < 4; reload += 1) {
      expect((await daemon.reload()).code).toBe("reloaded");
    }
    expect(ended()).toEqual(["1", "2", "3", "4"]);
    expect(await running()).toEqual(["5"]);
    expect(await daemon.stop()).toBe(0);
    expect(ended()).toEqual(["1", "2", "3", "4", "5"]);
  });

  longTest(
    "plugin end - of a reload that is refused the new step is ended, and the former one goes on",
    async () => {
      const { file, ended, running } = tickingSetUp();
      const daemon = await Daemon.start(file);
      const text = readFileSync(file, "utf8");
      // Compiled, then found to have a mistake; compiled, then not applied.
      writeFileSync(file, text.replace("\nchain:", "\nchain:\n  - nope: {}"));
      expect((await daemon.reload()).code).toBe("reload_refused");
      writeFileSync(
        file,
        text.replace(/^state_dir: .*/m, (line) => `${line}-2`),
      );
      expect((await daemon.reload()).code).toBe("reload_refused");
      expect(ended()).toEqual(["2", "3"]);
      expect(await running()).toEqual(["1"]);
      // A step that is not configured any more.
      writeFileSync(file, text.replace(/\n  - p: .*/, " []"));
      expect((await daemon.reload()).code).toBe("reloaded");
      expect(ended()).toEqual(["2", "3", "1"]);
      expect(await daemon.stop()).toBe(0);
      expect(ended()).toHaveLength(3);
    },
  );

  test.each(sampledCases(["throw", "hang"], 2))(
    "plugin end - one that does %s holds up no reload and no stop",
    long,
    async (what) => {
      const { file, ended } = tickingSetUp(`, dispose: ${what}`);
      const daemon = await Daemon.start(file);
      expect((await daemon.reload()).code).toBe("reloaded");
      expect(await daemon.stop()).toBe(0);
      expect(ended()).toEqual(["1", "2"]);
      const said = daemon.of(what === "throw" ? "step_dispose_failed" : "step_dispose_late");
      expect(said).toHaveLength(2);
      expect(said[0]).toMatchObject({ level: "error", step: "p", plugin: "p" });
      if (what === "throw")
        expect(said[0]!["detail"]).toMatch(/^the step threw Error at p\.mjs:\d+/);
      expect(daemon.entries.at(-1)?.code).toBe("stopped");
    },
  );

  test.each(sampledCases(["check", "check --json", "doctor --no-send"], 3))(
    "plugin end - %s ends the steps",
    long,
    (command) => {
      const { file, ended } = tickingSetUp();
      run(...command.split(" "), "-c", file);
      expect(ended()).toEqual(["1"]);
    },
  );

  longTest("plugin end - a start that fails ends the steps", async () => {
    const { file, ended } = tickingSetUp();
    const first = await Daemon.start(file);
    const second = Daemon.spawn(["run", "-c", file]);
    expect(await second.exited).toBe(1);
    expect(ended()).toEqual(["2"]);
    expect(await first.stop()).toBe(0);
  });
});
