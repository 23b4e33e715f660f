/** Whether records that are read again become the same events. */
import { expect, test } from "vitest";
import { loadPlugins } from "../../../../src/chain/plugins/load-plugins.ts";
import { inputOptions } from "../../../../src/config/inputs.ts";
import { isRepeatable } from "../../../../src/agent/setup/repeatable.ts";
import type { ChainOptions } from "../../../../src/chain/options.ts";

const file = { type: "file", paths: ["/var/log/x"] };
const socket = { type: "socket", path: "/run/x" };

async function judged(input: object, chain: readonly object[] = [], lists = 0): Promise<boolean> {
  const plugins = new Map(await loadPlugins());
  const own = { name: "own", create: () => () => null };
  const add = (name: string, more: object): void =>
    void plugins.set(name, {
      plugin: { ...own, name, ...more },
      file: "own.ts",
      sha256: "",
      imports: new Map(),
      built_in: false,
    });
  add("own", {});
  add("steady", { deterministic: true });
  const options = inputOptions.parse(input);
  const list = { path: "/l", kind: "text", count: 1 } as never;
  const chain_lists = { lists: Array.from({ length: lists }, () => list) };
  return isRepeatable(options, chain as ChainOptions, { plugins, chain: chain_lists });
}

test.each([
  ["lines of a file", file, []],
  ["JSON of a file", { ...file, framing: "json" }, []],
  ["a socket, whose journal keeps all", socket, []],
  ["steps that look at the event alone", file, [{ filter: { drop: "a == 1" } }, { redact: {} }]],
  ["sampling by a key", file, [{ sample: { rate: 0.5 } }]],
  ["a plugin that says so", file, [{ steady: {} }]],
])("repeatable - are %s", async (_, input, chain) => {
  expect(await judged(input, chain)).toBe(true);
});

test.each([
  ["groups of lines that time ends", { ...file, framing: "auditd" }, []],
  ["records that are shipped unfinished", { ...file, flush_after: "1s" }, []],
  ["a journal that gives up its oldest", { ...socket, when_full: "drop_oldest" }, []],
  ["throttle", file, [{ throttle: { events: 1, per: "1s" } }]],
  ["dedupe", file, [{ dedupe: { window: "1s" } }]],
  ["a condition with the time", file, [{ when: "now() > timestamp(a)", filter: { drop: "true" } }]],
  ["a plugin that says nothing", file, [{ steady: {} }, { own: {} }]],
])("repeatable - is not %s", async (_, input, chain) => {
  expect(await judged(input, chain)).toBe(false);
});

test("repeatable - is not a list from a file, which may change meanwhile", async () => {
  expect(await judged(file, [], 1)).toBe(false);
});
