/** Steps that name values which their events do not have so: said once in the log, with what to write, and in the status. */
import { describe, expect, test } from "vitest";
import type { Chain } from "../../../src/chain/chain.ts";
import { makeChain, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";

const record = JSON.stringify({
  "user.name": "ann",
  "log.level": "debug",
  api: { name: "HeadObject", statusCode: 200, ok: true, none: null },
  "a b": { "c.d": 1 },
  kind: "x",
});

interface Watched {
  readonly chain: Chain;
  readonly log: CollectedLog;
}

async function watched(...steps: object[]): Promise<Watched> {
  const log = new CollectedLog();
  return { chain: await makeChain(steps, { log }), log };
}

function run({ chain }: Watched, count: number, text = record): void {
  for (let number = 0; number < count; number += 1) runChain(chain, text);
}

function doubts({ chain }: Watched): string[] {
  return chain.steps.flatMap((step) =>
    step.doubts.map(({ kind, message }) => `${kind}: ${message}`),
  );
}

async function doubtsOf(...steps: object[]): Promise<string[]> {
  const it = await watched(...steps);
  run(it, 100);
  return doubts(it);
}

const none = "has been in none of 100 events";

describe("keys with dots", () => {
  test("name watch - are said once, at the hundredth event, with what to write", async () => {
    const it = await watched({ filter: { drop: 'user.name == "ann"' } });
    run(it, 99);
    expect([doubts(it), it.log.lines]).toEqual([[], []]);
    run(it, 1);
    const message = `user.name ${none}, which have the key "user.name"; write event["user.name"]`;
    expect(doubts(it)).toEqual([`dotted_key: ${message}`]);
    run(it, 300);
    expect(it.log.at("warn")).toMatchObject([
      { code: "names_doubtful", facts: { step: "filter", advice: [message] } },
    ]);
    // What is advised is right.
    const right = await watched({ filter: { drop: 'event["user.name"] == "ann"' } });
    run(right, 100);
    expect(doubts(right)).toEqual([]);
    expect(right.chain.steps[0]!.filtered).toBe(100);
  });

  test.each<[string, object, string[]]>([
    [
      "in when",
      { set: { fields: { x: 1 } }, when: 'log.level == "debug"' },
      [`log.level ${none}, which have the key "log.level"; write event["log.level"]`],
    ],
    [
      "asked for with has()",
      { filter: { drop: "has(log.level)" } },
      [`log.level ${none}, which have the key "log.level"; write event["log.level"]`],
    ],
    [
      "in a path",
      { remove: { fields: ["user.name"] } },
      [`user.name ${none}, which have the key "user.name"; write ["user.name"]`],
    ],
    [
      "below another key",
      { remove: { fields: ['["a b"].c.d'] } },
      [`["a b"].c.d ${none}, which have the key "c.d"; write ["a b"]["c.d"]`],
    ],
    [
      "where the events have levels",
      { remove: { fields: ['["api.name"]'] } },
      [`["api.name"] ${none}, which have the key "api"; write api.name`],
    ],
    ["of redact, which takes them", { redact: { fields: ["user.name"] } }, []],
    ["that a rename takes apart", { rename: { fields: { '["user.name"]': "user.name" } } }, []],
    [
      "that the step names as they are, too",
      { remove: { fields: ["user.name", '["user.name"]'] } },
      [],
    ],
    ["that nobody has", { filter: { drop: 'process.name == "x"' } }, []],
  ])("name watch - %s", async (_, step, expected) => {
    expect(await doubtsOf(step)).toEqual(expected.map((message) => `dotted_key: ${message}`));
  });
});

describe("names that are spelled nearly so", () => {
  test.each<[string, string[]]>([
    ['api.nmae == "HeadObject"', [`api.nmae ${none}; did you mean api.name?`]],
    ['apy.name == "HeadObject"', [`apy.name ${none}; did you mean api.name?`]],
    ['kinds == "x"', [`kinds ${none}; did you mean kind?`]],
    ['event["log-level"] == "x"', [`["log-level"] ${none}; did you mean event["log.level"]?`]],
    ['name == "HeadObject"', [`name ${none}; did you mean api.name?`]],
    ['record.api.name == "HeadObject"', [`record.api.name ${none}; did you mean api.name?`]],
    ['other.kind == "x"', []],
    ['nothing.like.it == "x"', []],
    ['has(event.kinds) || kind == "x"', []],
    ['api.name.deep == "x"', []],
  ])("name watch - in %s", async (drop, expected) => {
    expect(await doubtsOf({ filter: { drop } })).toEqual(
      expected.map((message) => `near_key: ${message}`),
    );
  });

  test("name watch - only in conditions: a path may be there for what a step adds", async () => {
    expect(await doubtsOf({ set: { fields: { kinds: 1 } } })).toEqual([]);
  });
});

describe("values of another kind", () => {
  const said = (path: string, one: string, other: string, how: string) =>
    `other_kind: ${path} is compared with ${one}, and the events have ${other} there; write what it is compared with ${how} quotes`;

  test.each<[string, string[]]>([
    ['api.statusCode == "200"', [said("api.statusCode", "a text", "a number", "without")]],
    ['"200" != api.statusCode', [said("api.statusCode", "a text", "a number", "without")]],
    ['api.statusCode in ["200", "204"]', [said("api.statusCode", "a text", "a number", "without")]],
    ["api.name == 200", [said("api.name", "a number", "a text", "in")]],
    ['api.ok == "true"', [said("api.ok", "a text", "true or false", "without")]],
    ["api.name == true", [said("api.name", "true or false", "a text", "in")]],
    ['api.statusCode >= "400"', [said("api.statusCode", "a text", "a number", "without")]],
    ["api.name < 5", [said("api.name", "a number", "a text", "in")]],
    ["api.statusCode == 200", []],
    ['api.statusCode == "200" || api.statusCode == 200', []],
    ['api.none == "x"', []],
    ['api.name == "x" && api.statusCode > 100', []],
    ['api != "x"', []],
  ])("name watch - in %s", async (drop, expected) => {
    expect(await doubtsOf({ filter: { drop } })).toEqual(expected);
  });
});

describe("what the watch takes back", () => {
  test("name watch - a doubt ends with the first event that shows the name to be right", async () => {
    const it = await watched({ filter: { drop: ['user.name == "x"', 'api.statusCode == "x"'] } });
    run(it, 100);
    expect(doubts(it)).toHaveLength(2);
    run(it, 1, '{"user":{"name":"bob"}}');
    expect(doubts(it)).toHaveLength(1);
    run(it, 1, '{"api":{"statusCode":"200"}}');
    expect(doubts(it)).toEqual([]);
  });

  test("name watch - what one of a hundred events has is right, and text counts for nothing", async () => {
    const it = await watched({ filter: { drop: 'user.name == "x"' } });
    run(it, 1000, "no JSON");
    expect(doubts(it)).toEqual([]);
    run(it, 50);
    run(it, 1, '{"user":{"name":"bob"}}');
    run(it, 100);
    expect(doubts(it)).toEqual([]);
  });

  test("name watch - a reload that leaves the step as it is goes on where it was", async () => {
    const step = { filter: { drop: 'user.name == "x"' } };
    const before = await watched(step);
    run(before, 60);
    const after = await watched(step);
    after.chain.countFrom(before.chain);
    run(after, 40);
    expect(doubts(after)).toHaveLength(1);
    const last = await watched(step);
    last.chain.countFrom(after.chain);
    expect(doubts(last)).toHaveLength(1);
    run(last, 1, '{"user":{"name":"bob"}}');
    expect(doubts(last)).toEqual([]);
    const other = await watched({ filter: { drop: 'user.name == "y"' } });
    other.chain.countFrom(after.chain);
    expect(doubts(other)).toEqual([]);
  });

  test("name watch - names that are hardly fit to be shown are not", async () => {
    const it = await watched({ filter: { drop: 'event["tökem"] == "x"' } });
    run(it, 100, '{"töken":1}');
    expect(doubts(it)).toEqual([]);
  });
});
