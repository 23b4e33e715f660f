/**
 * A plugin with every fault there is, isolated, in the real daemon: it costs the events that it had, and another input is
 * delivered meanwhile.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../support/agent-config.ts";
import { Daemon } from "../support/daemon.ts";
import { Splunk } from "../support/splunk.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const faulty = `const kept = [];
export default {
  name: "faulty",
  create: () => (event) => {
    switch (event.get("fault")) {
      case "throws": throw new Error("secret");
      case "junk": return 7;
      case "loops": for (;;) {}
      case "exits": process.exit(0);
      case "eats": for (;;) kept.push(Buffer.alloc(10_000_000, 1));
      case "heaps": for (;;) kept.push({ of: kept.length });
      case "leaves": setInterval(() => kept.push("x"), 1); return event;
    }
    return event;
  },
};
`;

/** What costs the event, and why. */
const costs = {
  throws: "the step threw Error at faulty.mjs:6:28",
  junk: "the step returned neither the event, nor null, nor a verdict",
  loops: "it did not return within 250 ms",
  exits: "the step called process.exit() at faulty.mjs:9:29",
  eats: "it did not return within 250 ms",
  heaps: "it did not return within 250 ms",
};

test("plugin isolation - each fault costs the event that the plugin had; another input goes on meanwhile", async () => {
  const splunk = await Splunk.start();
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(join(plugins, "faulty.mjs"), faulty, { mode: 0o644 });
  const [bad, good] = [join(directory, "bad.log"), join(directory, "good.log")];
  const faults = [...Object.keys(costs), "leaves"];
  // Between the faulty events there are others, which none of the faults may cost.
  const lines = faults.flatMap((fault, n) => [`{"fault":"${fault}"}`, `{"after":${n}}`]);
  writeFileSync(bad, lines.map((line) => `${line}\n`).join(""));
  writeFileSync(good, "");
  const inputs = [
    "bad:",
    "  type: file",
    `  paths: ["${bad}"]`,
    "  chain: [{ faulty: {}, isolate: true }]",
    "good:",
    "  type: file",
    `  paths: ["${good}"]`,
    "  chain: []",
  ];
  const config = { directory, url: splunk.url, inputs, top: [`plugins_dir: ${plugins}`] };
  const daemon = await Daemon.start(writeConfig(config));

  const has = (text: string): boolean => splunk.events.includes(text);
  const last = `{"after":${faults.length - 1}}`;
  let sent = 0;
  let meanwhile = 0;
  while (!has(last) && daemon.alive) {
    const text = `{"good":${sent}}`;
    appendFileSync(good, `${text}\n`);
    sent += 1;
    await splunk.until(() => has(text) || !daemon.alive);
    if (!has(last)) meanwhile += 1;
  }
  // One was delivered after the other while the faults went on: each fault but the last is followed by a wait.
  expect(meanwhile).toBeGreaterThan(Object.values(costs).length);
  expect(await daemon.stop()).toBe(0);

  expect(splunk.events.filter((each) => each.includes("after"))).toEqual(
    faults.map((_, n) => `{"after":${n}}`),
  );
  expect(has('{"fault":"leaves"}')).toBe(true);
  const kept = readFileSync(join(stateDirectory(config), "quarantine/quarantine.jsonl"), "utf8");
  const found = kept
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { text: string; detail: string; reason: string });
  const details = found.map(({ text, detail }) => [
    (JSON.parse(text) as { fault: string }).fault,
    detail,
  ]);
  expect(Object.fromEntries(details)).toEqual(costs);
  expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(["step_failed:faulty"]));
  const { bad: books, good: other } = daemon.books.inputs;
  expect(books).toMatchObject({ received: lines.length, in_flight: 0 });
  expect(books!.quarantined).toEqual({ "step_failed:faulty": Object.keys(costs).length });
  expect(other).toMatchObject({ received: sent, in_flight: 0, quarantined: {} });
  expect(daemon.of("isolated_step_failed").map(({ restart_in_ms }) => restart_in_ms)).toEqual([
    0, 1000, 2000,
  ]);
});
