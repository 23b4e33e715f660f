/**
 * `tallyman run` as an administrator meets it: its start, its signals, its refusals, its plugins.
 */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { redact, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest } from "../../support/effort.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

async function setUp(lines: { output?: string[]; top?: string[]; chain?: string[] } = {}) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, "");
  const config = writeConfig({ directory, url: splunk.url, paths: [path], ...lines });
  return { directory, splunk, path, config };
}

// All others end it with SIGTERM.
test("run - SIGINT ends it with status 0", async () => {
  const { config } = await setUp();
  const daemon = await Daemon.start(config);
  daemon.signal("SIGINT");
  expect(await daemon.exited).toBe(0);
  expect(daemon.books.balanced).toBe(true);
});

longTest("run - SIGHUPs while it starts end nothing, and are one reload when it runs", async () => {
  const { config } = await setUp();
  const daemon = Daemon.spawn(["run", "-c", config]);
  await daemon.logged("starting");
  for (let signal = 0; signal < 3; signal += 1) daemon.signal("SIGHUP");
  await daemon.logged("reloaded");
  const codes = daemon.entries.map(({ code }) => code);
  expect(codes.indexOf("running")).toBeLessThan(codes.indexOf("reloading"));
  expect(await daemon.stop()).toBe(0);
  expect(daemon.of("reloaded")).toHaveLength(1);
});

longTest("run - a second tallyman on the same state_dir is refused", async () => {
  const { config } = await setUp();
  const first = await Daemon.start(config);
  const second = Daemon.spawn(["run", "-c", config]);
  expect(await second.exited).toBe(1);
  expect(second.lines.join("\n")).toContain(`process ${first.pid}`);
  expect(await first.stop()).toBe(0);
});

longTest("run - a mistake in the configuration is named with file, line and column", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "config.yaml");
  writeFileSync(file, "inputs:\n  a:\n    pathz: [/x]\noutput:\n  url: ftp://x\n  token: t\n");
  const daemon = Daemon.spawn(["run", "-c", file]);
  expect(await daemon.exited).toBe(1);
  const text = daemon.lines.join("\n");
  expect(text).toContain(`${file}:3:5:`);
  expect(text).toContain(`did you mean`);
  expect(text).toMatch(/config\.yaml:5:8:/);
});

longTest("run - a state file that cannot be understood stops it, and stays as it is", async () => {
  const { config, directory } = await setUp();
  mkdirSync(join(directory, "state"));
  writeFileSync(join(directory, "state", "state.json"), "{ half");
  const daemon = Daemon.spawn(["run", "-c", config]);
  expect(await daemon.exited).toBe(1);
  expect(daemon.lines.join("\n")).toContain("state.json");
});

test("run - gives up draining after shutdown_timeout, and sends the rest after the next start", async () => {
  const { config, directory, splunk, path } = await setUp({ top: ["shutdown_timeout: 500ms"] });
  splunk.always({ kind: "hang" });
  writeEvents(path, 0, 100);
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.requests.length > 0 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total.in_flight).toBe(100);
  splunk.always({ kind: "normal" });
  const next = await Daemon.start(writeConfig({ directory, url: splunk.url, paths: [path] }));
  await splunk.until(() => splunk.indexed.length >= 100 || !next.alive);
  expect(await next.stop()).toBe(0);
  expect(splunk.events).toEqual(
    Array.from({ length: 100 }, (_unused, number) => wekaEvent(number)),
  );
  expect(next.books.total).toMatchObject({ received: 100, delivered: 100, in_flight: 0 });
});

longTest("run - a second signal ends it at once, and loses nothing", async () => {
  const { config, splunk, path } = await setUp();
  splunk.always({ kind: "hang" });
  writeEvents(path, 0, 100);
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.requests.length > 0 || !daemon.alive);
  daemon.signal("SIGTERM");
  await daemon.logged("stopping");
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toBe(1);
  splunk.always({ kind: "normal" });
  const next = await Daemon.start(config);
  await splunk.until(() => splunk.indexed.length >= 100 || !next.alive);
  expect(await next.stop()).toBe(0);
  expect(splunk.indexed).toHaveLength(100);
});

longTest("run - an unfinished last line waits for its end, across a restart too", async () => {
  const { config, splunk, path } = await setUp();
  const event = wekaEvent(7);
  writeFileSync(path, `${wekaEvent(6)}\n${event.slice(0, 500)}`);
  const first = await Daemon.start(config);
  await splunk.until(() => splunk.indexed.length > 0 || !first.alive);
  expect(await first.stop()).toBe(0);
  const second = await Daemon.start(config);
  appendFileSync(path, `${event.slice(500)}\n`);
  await splunk.until(() => splunk.indexed.length > 1 || !second.alive);
  expect(await second.stop()).toBe(0);
  expect(splunk.events).toEqual([wekaEvent(6), event]);
});

longTest("run - a drop-in plugin changes what it is asked to, and nothing else", async () => {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(
    join(plugins, "tag.mjs"),
    `export default {
       name: "tag",
       create(options) {
         return (event) => {
           if (event.get("api.name") === "HeadObject") return null;
           if (event.get("api.name") === "DeleteObject") throw new Error("no");
           event.set("tagged", options.value);
           return event;
         };
       },
     };`,
    { mode: 0o644 },
  );
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeEvents(path, 0, 8);
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    chain: [`tag: { value: "yes" }`, redact],
    top: [`plugins_dir: ${plugins}`],
  });
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.indexed.length >= 6 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const masked = wekaEvent(0).replace(/"Authorization":"[^"]*"/, '"Authorization":"[REDACTED]"');
  expect(splunk.events[0]).toBe(`${masked.slice(0, -1)},"tagged":"yes"}`);
  const books = daemon.books.inputs["audit"]!;
  expect(books).toMatchObject({ received: 8, filtered: { tag: 1 }, delivered: { splunk: 6 } });
  expect(Object.values(books.quarantined)).toEqual([1]);
});

const modes = [["mode: raw", "compression: gzip"], ["compression: gzip"], ["mode: raw"]];

test.runIf(is_long).each(modes)("run - %s %s delivers the same events", long, async (...output) => {
  const { config, splunk, path } = await setUp({ output });
  writeEvents(path, 0, 2000);
  const daemon = await Daemon.start(config);
  const arrived = () => splunk.indexed.length + splunk.raw.length;
  await splunk.until(() => arrived() >= 2000 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const lines = splunk.raw.length > 0 ? splunk.raw.map(({ line }) => line) : splunk.events;
  const wanted = Array.from({ length: 2000 }, (_unused, number) => wekaEvent(number));
  // Several requests are sent at once where the answers are slow.
  expect(lines.toSorted()).toEqual(wanted.toSorted());
});

longTest("run - an event's own time reaches Splunk to the last digit", async () => {
  const { config, splunk, path } = await setUp();
  writeFileSync(
    path,
    `{"time":"2025-03-21T06:37:27.915055685Z"}\n{"time":1700000000.123456789}\n{"eventTime":"2025-03-21T06:37:27Z"}\n`,
  );
  const daemon = await Daemon.start(config);
  await splunk.until(() => splunk.indexed.length >= 3 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(splunk.indexed.map(({ time }) => time)).toEqual([
    "1742539047.915055685",
    "1700000000.123456789",
    "1742539047",
  ]);
});

longTest("run - many files share the way, and each arrives whole", async () => {
  const directory = temporaryDirectory();
  const files = 300;
  const per_file = 20;
  const tally = new Tally(files * per_file);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  for (let file = 0; file < files; file += 1) {
    const path = join(directory, `audit-${file}.log`);
    writeEvents(path, file * per_file, (file + 1) * per_file);
  }
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [join(directory, "audit-*.log")],
    input: ["max_open_files: 16"],
  });
  const daemon = await Daemon.start(config);
  await splunk.until(() => tally.distinct === files * per_file || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(tally.repeats).toBe(0);
  expect(daemon.books.total).toMatchObject({ received: files * per_file, in_flight: 0 });
});

const thrown_late = [
  [
    "what JSON.parse says of it",
    "(() => { try { JSON.parse(`x${text}`); } catch (e) { return e; } })()",
  ],
  ["an error", "new Error(text)"],
  ["nothing", "null"],
  ["the event itself", "text"],
] as const;

test.runIf(is_long).each(thrown_late)(
  "run - a plugin that throws %s later than it may ends it, and tells no secret",
  long,
  async (_what, thrown) => {
    const plugin = `export default { name: "late", create: () => (event) => {
    const { text } = event;
    setTimeout(() => { throw ${thrown}; });
    return event;
  } };`;
    const { config, path, directory } = await setUp({
      chain: ["late: {}"],
      top: ["plugins_dir: plugins"],
    });
    mkdirSync(join(directory, "plugins"), { mode: 0o755 });
    writeFileSync(join(directory, "plugins", "late.mjs"), plugin, { mode: 0o644 });
    const daemon = await Daemon.start(config);
    appendFileSync(path, '{"password":"S3cr3t"}\n');
    expect(await daemon.exited).toBe(70);
    const entry = await daemon.logged("crashed");
    expect(entry).toMatchObject({
      level: "error",
      error: expect.any(String),
      at: expect.any(Array),
    });
    expect(daemon.lines.join("\n")).not.toContain("S3cr3t");
  },
);

longTest(
  "run - where few files may be open at a time, many are followed all the same",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    mkdirSync(join(directory, "log"));
    const paths = Array.from({ length: 150 }, (_unused, number) =>
      join(directory, "log", `${number}.log`),
    );
    for (const path of paths) writeFileSync(path, `{"file":"${path}"}\n`);
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [join(directory, "log", "*")],
    });
    const daemon = await Daemon.start(config, {}, "ulimit -n 64;");
    await splunk.until(() => splunk.indexed.length >= 150 || !daemon.alive);
    for (const path of paths) appendFileSync(path, `{"more":"${path}"}\n`);
    await splunk.until(() => splunk.indexed.length >= 300 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(daemon.entries.filter(({ level }) => level === "error")).toEqual([]);
    expect(new Set(splunk.events).size).toBe(300);
    expect(daemon.books.total).toMatchObject({ received: 300, delivered: 300, in_flight: 0 });
  },
);
