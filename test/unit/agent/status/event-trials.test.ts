/** Events are tried in a process of their own: what hangs or breaks there holds up nobody. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Config } from "../../../../src/config/config.ts";
import { EventTrials } from "../../../../src/agent/status/event-trials.ts";
import { prepareSetup, disposeSetup } from "../../../../src/agent/setup/setup.ts";
import { loadConfig } from "../../../../src/config/load.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

async function digestOf(config: Config): Promise<string> {
  const setup = await prepareSetup(config, silentLogger);
  await disposeSetup(setup);
  return setup.digest;
}

async function setUp(step: string, plugin?: string) {
  const directory = temporaryDirectory();
  const config_file = join(directory, "config.yaml");
  const lines = [
    `state_dir: ${directory}/state`,
    `inputs: { app: { type: socket, path: ${directory}/app.sock } }`,
    `chain: [${step}]`,
    `output: { type: file, path: ${directory}/out.log }`,
  ];
  if (plugin !== undefined) {
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o700 });
    writeFileSync(join(plugins, "mine.mjs"), plugin, { mode: 0o600 });
    lines.push(`plugins_dir: ${plugins}`);
  }
  writeFileSync(config_file, lines.join("\n"), { mode: 0o600 });
  const digest = await digestOf(await loadConfig(config_file));
  return { config_file, digest, input: "app", text: '{"password":"hunter2hunter2","n":1}' };
}

const redact = 'redact: { keys: ["password"], verify: false }';

test("event trials - a step at a time, without the secret", async () => {
  const trials = new EventTrials(new ManualClock());
  const orders = await setUp(`{ ${redact} }`);
  const tried = await trials.run(orders);
  expect(tried).toMatchObject({
    kind: "tried",
    others: 0,
    events: [{ fate: "kept", steps: [{ step: "redact", plugin: "redact" }] }],
  });
  expect(JSON.stringify(tried)).not.toContain("hunter2");
});

test("event trials - one after the other; few wait, and more are turned away", async () => {
  const lock = join(temporaryDirectory(), "lock");
  const code = `import { rmSync, writeFileSync } from "node:fs";
    const lock = ${JSON.stringify(lock)};
    export default { name: "mine", create() {
      writeFileSync(lock, "", { flag: "wx" });
      return (event) => { rmSync(lock); return event; };
    } };`;
  const orders = await setUp("{ mine: {} }", code);
  rmSync(lock);
  const trials = new EventTrials(new ManualClock());
  const all = await Promise.all(Array.from({ length: 6 }, () => trials.run(orders)));
  const kinds = all.map((each) => (each === "busy" ? each : each.kind));
  expect(kinds).toEqual(["tried", "tried", "tried", "tried", "busy", "busy"]);
  expect(await trials.run(orders)).toMatchObject({ kind: "tried" });
});

longTest("event trials - many events in a text are shown up to a number, and counted", async () => {
  const orders = await setUp(`{ ${redact} }`);
  const text = '{"n":1}\n'.repeat(25);
  const tried = await new EventTrials(new ManualClock()).run({ ...orders, text });
  expect(tried).toMatchObject({ kind: "tried", others: 5 });
});

test("event trials - another configuration than the one in force, or another input, is refused", async () => {
  const trials = new EventTrials(new ManualClock());
  const orders = await setUp(`{ ${redact} }`);
  const other = await trials.run({ ...orders, digest: "0" });
  expect(other).toMatchObject({ kind: "refused", message: expect.stringContaining("has changed") });
  const nobody = await trials.run({ ...orders, input: "toString" });
  expect(nobody).toMatchObject({ kind: "refused", message: 'There is no input "toString".' });
});

test("event trials - none begins after the stop", async () => {
  const trials = new EventTrials(new ManualClock());
  trials.stop();
  const orders = { config_file: "/nowhere", digest: "", input: "app", text: "{}" };
  expect(await trials.run(orders)).toEqual({ kind: "refused", message: "tallyman is stopping." });
});

test("event trials - a plugin that hangs is ended with its process", async () => {
  const begun = join(temporaryDirectory(), "begun");
  const plugin = `
    import { writeFileSync } from "node:fs";
    export default {
      name: "mine",
      create: () => () => {
        writeFileSync("${begun}", "");
        for (;;);
      },
    };`;
  const orders = await setUp("{ mine: {} }", plugin);
  const clock = new ManualClock();
  const trials = new EventTrials(clock);
  onTestFinished(() => trials.stop());
  const report = trials.run(orders);
  await eventually(() => existsSync(begun));
  clock.pass(15_000);
  expect(await report).toMatchObject({ kind: "refused", message: expect.stringContaining("15 s") });
});

longTest(
  "event trials - a plugin that would kill its process is refused that, as it is in the flow",
  async () => {
    const plugin = `
    export default { name: "mine", create: () => () => process.kill(process.pid, "SIGKILL") };`;
    const trials = new EventTrials(new ManualClock());
    const report = await trials.run(await setUp("{ mine: {} }", plugin));
    const events = [{ fate: "quarantined", reason: "step_failed:mine" }];
    expect(report).toMatchObject({ kind: "tried", events });
  },
);

longTest("event trials - nothing is left of the process of an isolated step", async () => {
  const file = join(temporaryDirectory(), "pid");
  const plugin = `
    import { writeFileSync } from "node:fs";
    export default {
      name: "mine",
      create: () => (event) => {
        writeFileSync("${file}", String(process.pid));
        if (event.get("n") === 2) for (;;);
        return event;
      },
    };`;
  const orders = await setUp("{ mine: {}, isolate: { timeout: 10s } }", plugin);
  const isRunning = (): boolean => existsSync(`/proc/${readFileSync(file, "utf8")}`);
  const clock = new ManualClock();
  const trials = new EventTrials(clock);
  onTestFinished(() => trials.stop());
  expect(await trials.run(orders)).toMatchObject({ kind: "tried" });
  await eventually(() => !isRunning());
  writeFileSync(file, "");
  const report = trials.run({ ...orders, text: '{"n":2}' });
  await eventually(() => readFileSync(file, "utf8") !== "");
  clock.pass(15_000);
  expect(await report).toMatchObject({ kind: "refused" });
  await eventually(() => !isRunning());
});

test("event trials - no signal opens the inspector of their process, which has the secrets of the configuration", async () => {
  const trials = new EventTrials(new ManualClock());
  const plugin = `export default {
    name: "mine",
    create: () => (event) => { event.host = process.execArgv.join(" "); return event; },
  };`;
  const tried = await trials.run(await setUp("{ mine: {} }", plugin));
  const host = expect.stringContaining("--disable-sigusr1") as unknown;
  expect(tried).toMatchObject({ kind: "tried", events: [{ metadata: { host } }] });
});
