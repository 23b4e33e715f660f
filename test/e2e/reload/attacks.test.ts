/**
 * Reloads at bad moments, and of what cannot be used: while tallyman starts or stops, with plugins that hang and with
 * places that are taken or gone. What is refused changes nothing, and the next valid one is in force.
 */
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { ask } from "../../../src/admin/ask.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { patience, writeConfig, type AgentConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

function lineInput(name: string, path: string): string[] {
  return [`${name}:`, "  type: socket", `  path: ${path}`];
}

longTest("reload - one that is asked for while tallyman starts comes after the start", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const inputs = Array.from({ length: 40 }, (_, number) =>
    lineInput(`s${number}`, join(directory, `${number}.sock`)),
  ).flat();
  const at = join(directory, "admin.sock");
  const top = [`admin: { socket: ${at} }`];
  const config = writeConfig({ directory, url: splunk.url, inputs, top });
  const daemon = Daemon.spawn(["run", "-c", config]);
  while (!existsSync(at)) await delay(1);
  expect((await ask({ method: "POST", path: "/reload", at }, systemClock)).status).toBe(200);
  const order = daemon.entries.map(({ code }) => code);
  expect(order.indexOf("reloading")).toBeGreaterThan(order.indexOf("running"));
  expect(await daemon.stop()).toBe(0);
});

test("reload - a journal that cannot be opened is in the way of no configuration without it", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const facts: AgentConfig = { directory, url: splunk.url, paths: [join(directory, "a.log")] };
  const daemon = await Daemon.start(writeConfig(facts));
  const journals = join(directory, "state", "journal");
  mkdirSync(journals, { recursive: true });
  writeFileSync(join(journals, "apps"), "no directory");
  writeConfig({ ...facts, inputs: lineInput("apps", join(directory, "apps.sock")) });
  expect(await daemon.reload()).toMatchObject({ error_code: "state_unwritable" });
  writeConfig({ ...facts, top: ["shutdown_timeout: 5s"] });
  expect((await daemon.reload()).code).toBe("reloaded");
  expect(await daemon.stop()).toBe(0);
});

longTest("reload - a stop does not wait for a plugin that hangs in it", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, '{"n":1}\n');
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o700 });
  const write = (create: string): void =>
    writeFileSync(join(plugins, "tag.mjs"), `export default { name: "tag", create: ${create} };`, {
      mode: 0o600,
    });
  write("() => (event) => event");
  const top = [`plugins_dir: ${plugins}`, "shutdown_timeout: 5s"];
  const daemon = await Daemon.start(
    writeConfig({ directory, url: splunk.url, paths: [path], chain: ["tag: {}"], top }),
  );
  await splunk.until(() => splunk.indexed.length === 1);
  // It keeps the event loop alive, too.
  write("() => new Promise(() => setInterval(() => undefined, 1000))");
  daemon.signal("SIGHUP");
  await daemon.logged("reloading");
  appendFileSync(path, '{"n":2}\n');
  await splunk.until(() => splunk.indexed.length === 2);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.books.total).toMatchObject({ received: 2, delivered: 2, in_flight: 0 });
});

longTest(
  "reload - an input that a failed one could not open again is opened with the next",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const sockets = join(directory, "sockets");
    mkdirSync(sockets);
    const path = join(sockets, "apps.sock");
    const facts: AgentConfig = { directory, url: splunk.url, inputs: lineInput("apps", path) };
    const daemon = await Daemon.start(writeConfig(facts));
    rmSync(sockets, { recursive: true });
    writeConfig({ ...facts, inputs: [...facts.inputs!, "  max_connections: 5"] });
    expect(await daemon.reload()).toMatchObject({ error_code: "socket_unavailable" });
    mkdirSync(sockets);
    writeConfig(facts);
    expect((await daemon.reload()).code).toBe("reloaded");
    expect(existsSync(path)).toBe(true);
    expect(await daemon.stop()).toBe(0);
  },
);

longTest("reload - of a configuration that is refused nothing is read", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const [path, other] = [join(directory, "a.log"), join(directory, "b.log")];
  writeFileSync(path, '{"n":1}\n');
  writeFileSync(other, '{"n":2}\n');
  const inputs = ["one:", `  paths: ["${path}"]`];
  const facts: AgentConfig = { directory, url: splunk.url, inputs };
  const daemon = await Daemon.start(writeConfig(facts));
  await splunk.until(() => splunk.indexed.length === 1);
  // The file's input comes first, and the place of the other is taken.
  const more = ["two:", `  paths: ["${other}"]`, ...lineInput("apps", directory)];
  writeConfig({ ...facts, inputs: [...inputs, ...more] });
  expect(await daemon.reload()).toMatchObject({ error_code: "socket_unavailable" });
  expect(await daemon.stop()).toBe(0);
  expect(splunk.events).toEqual(['{"n":1}']);
});

longTest(
  "reload - a replay goes by the plugins in force, whatever is in their files meanwhile",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "audit.log");
    writeFileSync(path, '{"n":1}\n');
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o700 });
    const write = (text: string): void =>
      writeFileSync(join(plugins, "tag.mjs"), text, { mode: 0o600 });
    const step = (body: string): string =>
      `export default { name: "tag", create: () => (event) => { ${body} } };`;
    write(step(`throw new Error("no");`));
    const output = `{ url: "${splunk.url}", token: ${valid_token}, timeout: ${patience} }`;
    const outputs = [`main: ${output}`, `rest: ${output}`];
    const chain = ["tag: {}", "route: { to: rest }"];
    const facts: AgentConfig = { directory, url: "", chain, outputs };
    const top = [`plugins_dir: ${plugins}`];
    const config = writeConfig({ ...facts, top, paths: [path] });
    const daemon = await Daemon.start(config);
    await eventually(() => existsSync(join(directory, "state", "quarantine")));
    // The input goes, so that its events go through the common chain.
    write(step(`event.fields = { tag: "in force" }; return event;`));
    writeConfig({ ...facts, top, inputs: ["other:", `  paths: ["${directory}/none"]`] });
    expect((await daemon.reload()).code).toBe("reloaded");
    write("half of what shall be");
    const replay = Daemon.spawn(["quarantine", "replay", "-c", config, "--all"]);
    expect(await replay.exited).toBe(0);
    await splunk.until(() => splunk.indexed.length === 1);
    expect(splunk.indexed[0]!.fields).toEqual({ tag: "in force" });
    expect(await daemon.stop()).toBe(0);
  },
);
