/**
 * Plugins that never return, in the real program: the watchdog says where, and the agent goes on after a restart.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, sampledCases } from "../../support/effort.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A plugin `p` with this source, and a chain with one step of it. */
function setUp(source: string, { url = "http://127.0.0.1:9", lines = [""] } = {}) {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  const plugin = join(plugins, "p.mjs");
  writeFileSync(plugin, source, { mode: 0o644 });
  const path = join(directory, "audit.log");
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  const top = [`plugins_dir: ${plugins}`, "plugin_timeout: 1s"];
  const config = { directory, url, paths: [path], chain: ["p: {}"], top };
  return { file: writeConfig(config), state_dir: stateDirectory(config), plugin, path };
}

const looping = `export default {
  name: "p",
  create: () => (event) => {
    for (; event.get("loop");) {}
    return event;
  },
};
`;

describe("in a step", () => {
  test("plugin hangs - the log says step and event; after restarts it is in quarantine, and all else is delivered", async () => {
    const splunk = await Splunk.start();
    const lines = ['{"n":1}', '{"loop":"first"}', '{"n":3}', '{"loop":"second"}', '{"n":5}'];
    const { file, state_dir, plugin, path } = setUp(looping, { url: splunk.url, lines });
    for (const offset of [8, 33]) {
      const daemon = await Daemon.start(file);
      expect(await daemon.exited).toBe("SIGALRM");
      expect(daemon.of("plugin_hangs")).toMatchObject([
        {
          level: "error",
          during: "step",
          step: "p",
          file: plugin,
          input: "audit",
          stream: path,
          offset,
        },
      ]);
      expect(daemon.lines.join("\n")).not.toMatch(/first|second/);
    }
    const daemon = await Daemon.start(file);
    await splunk.until(() => splunk.events.includes('{"n":5}') || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(new Set(splunk.events)).toEqual(new Set(['{"n":1}', '{"n":3}', '{"n":5}']));
    expect(daemon.books.inputs["audit"]).toMatchObject({ quarantined: { "hung:p": 2 } });
    expect(daemon.books.total).toMatchObject({ received: 5, in_flight: 0 });
    const kept = readFileSync(join(state_dir, "quarantine/quarantine.jsonl"), "utf8");
    expect(kept.match(/"text":"\{\\"loop\\":\\"(first|second)\\"\}"/g)).toHaveLength(2);
  });
});

describe("outside of a step", () => {
  const places = [
    ["while it is loaded", "for (;;) {}", /plugin file hangs while it is loaded/],
    [
      "in create",
      'export default { name: "p", create() { for (;;) {} } };',
      /hangs in its `create`/,
    ],
  ] as const;

  test.each(sampledCases(places, 2))(
    "plugin hangs - check ends %s, and says which file",
    long,
    async (...[, source, message]) => {
      const { file, plugin } = setUp(source);
      const check = Daemon.spawn(["check", "-c", file]);
      expect(await check.exited).toBe("SIGALRM");
      const said = check.lines.join("\n");
      expect(said).toMatch(message);
      expect(said).toContain(plugin);
    },
  );
});
