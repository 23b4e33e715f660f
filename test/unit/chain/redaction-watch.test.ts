/** Redact steps whose paths find nothing: said once in the log, with what was likely meant, and told in the status. */
import { describe, expect, test } from "vitest";
import type { Chain } from "../../../src/chain/chain.ts";
import { makeChain, makeEvent, runChain } from "../../support/events/chains.ts";
import { CollectedLog } from "../../support/collected-log.ts";

const event = '{"requestHeader":{"Authorization":"S","User-Agent":"x"},"kind":"a","user.name":"b"}';

interface Watched {
  readonly chain: Chain;
  readonly log: CollectedLog;
}

async function watched(fields: string[], more: object = {}): Promise<Watched> {
  const log = new CollectedLog();
  const chain = await makeChain([{ redact: { fields }, ...more }], { log });
  return { chain, log };
}

function run({ chain }: Watched, count: number, record = event): void {
  for (let number = 0; number < count; number += 1) runChain(chain, record);
}

/** What the only step of the chain has not found, each with what was likely meant. */
function unmatched({ chain }: Watched): [string, string | undefined][] {
  return chain.steps[0]!.unmatched.map(({ path, did_you_mean }) => [path, did_you_mean]);
}

describe("a step that finds nothing", () => {
  test("redaction watch - is said once, at its hundredth event", async () => {
    const it = await watched(["requestHeaders.Authorization"]);
    run(it, 99);
    expect(it.log.at("warn")).toEqual([]);
    run(it, 1);
    run(it, 20_000);
    const fields = [
      { path: "requestHeaders.Authorization", did_you_mean: "requestHeader.Authorization" },
    ];
    expect(it.log.at("warn")).toMatchObject([{ facts: { step: "redact", events: 100, fields } }]);
  });

  test("redaction watch - is not said where one event in hundred has it, or text was masked", async () => {
    const rare = await watched(["token"]);
    run(rare, 50);
    run(rare, 1, '{"token":1}');
    run(rare, 100);
    expect(rare.log.at("warn")).toEqual([]);
    expect(unmatched(rare)).toEqual([]);
    const strings = await watched(["**.token"]);
    run(strings, 100, JSON.stringify({ log: '{"token":1}' }));
    expect(strings.log.at("warn")).toEqual([]);
    expect(unmatched(strings)).toEqual([]);
  });

  test("redaction watch - counts only the events that its condition lets through", async () => {
    const it = await watched(["token"], { when: 'kind == "b"' });
    run(it, 1000);
    expect(it.log.at("warn")).toEqual([]);
    run(it, 100, event.replace('"a"', '"b"'));
    expect(it.log.at("warn")).toMatchObject([{ facts: { events: 100 } }]);
  });

  test("redaction watch - is well again when it finds something", async () => {
    const it = await watched(["token"]);
    run(it, 200);
    expect(unmatched(it)).toEqual([["token", undefined]]);
    run(it, 1, '{"token":1}');
    expect(unmatched(it)).toEqual([]);
  });

  test("redaction watch - a chain that takes another's place goes on where that was", async () => {
    const fields = ["token", "requestHeaders.Authorization"];
    const [former, it] = [await watched(fields), await watched(fields)];
    run(former, 200, '{"token":1,"requestHeader":{"Authorization":1}}');
    it.chain.countFrom(former.chain);
    run(it, 200, '{"a":1}');
    expect(it.log.at("warn")).toEqual([]);
    expect(unmatched(it)).toEqual([
      ["requestHeaders.Authorization", "requestHeader.Authorization"],
    ]);
  });

  test("redaction watch - events of text only have no keys to be meant", async () => {
    const it = await watched(["token"]);
    run(it, 200, "not JSON");
    expect(it.log.at("warn")).toEqual([]);
    expect(unmatched(it)).toEqual([["token", undefined]]);
  });
});

describe("what was likely meant", () => {
  test.each<[string, string, string | undefined]>([
    ["requestHeaders.Authorization", event, "requestHeader.Authorization"],
    ["Authorization", event, "requestHeader.Authorization"],
    ["requestheader.authorization", event, "requestHeader.Authorization"],
    ["requestHeader.Authorisation", event, "requestHeader.Authorization"],
    ["requestHeader.user_agent", event, "requestHeader.User-Agent"],
    ["**.Authorisation", event, "requestHeader.Authorization"],
    ["requestHeaders.Cookie", event, "requestHeader"],
    ["requestHeader.Cookie", event, undefined],
    ["**.Cookie", event, undefined],
    ["**", "1", undefined],
    ["usr.name", '{"user.name":1}', undefined],
    ["user_name", '{"user.nme":1}', '["user.nme"]'],
    ["h.A", '[{"x":{"h":{"A":1}}}]', "x.h.A"],
    ["h.A", JSON.stringify({ log: '{"h":{"A":1}}' }), "log.h.A"],
    ["h.Abcdef", '{"h":{"abc\\u202edef":1,"Abcde\\u001b":1}}', undefined],
    ["a.secret", `{"${"x".repeat(200)}":{"secret":1}}`, undefined],
  ])("redaction watch - for %s in %s it is %s", async (path, record, meant) => {
    const it = await watched([path]);
    run(it, 100, record);
    expect(unmatched(it)).toEqual(path === "**" ? [] : [[path, meant]]);
  });

  test("redaction watch - what another path finds is not meant, and one beside others is said", async () => {
    const right = await watched(["**.Authorization", "**.Authorisation", "**.Cookie"]);
    run(right, 200);
    expect(unmatched(right)).toEqual([
      ["**.Authorisation", undefined],
      ["**.Cookie", undefined],
    ]);
    expect(right.log.at("warn")).toEqual([]);
    const wrong = await watched(["kind", "requestHeaders.Authorization", "**.Cookie"]);
    run(wrong, 200);
    const fields = [
      { path: "requestHeaders.Authorization", did_you_mean: "requestHeader.Authorization" },
    ];
    expect(wrong.log.at("warn")).toMatchObject([{ facts: { fields } }]);
  });

  test("redaction watch - looking at an event changes nothing of it", async () => {
    const it = await watched(["token"]);
    const record = '{ "id" : 9007199254740993, "a":1.0, "a":"\\u0041" }';
    for (let number = 0; number < 110; number += 1) {
      const { text, event: seen } = runChain(it.chain, record);
      expect([text, seen.changes]).toEqual([record, 0]);
    }
    const huge = makeEvent(`{"a":"${"x".repeat(200_000)}","tokens":1}`, it.chain.scanner);
    expect(it.chain.run(huge)).toBeUndefined();
  });
});

describe("other rules than paths", () => {
  const ticket = { name: "ticket", match: "TKT-[0-9]{4}" };

  async function watchedRules(options: object): Promise<Watched> {
    const log = new CollectedLog();
    return { chain: await makeChain([{ redact: options }], { log }), log };
  }

  test("redaction watch - detectors that find nothing are no problem", async () => {
    const it = await watchedRules({ detect: ["credentials"] });
    run(it, 200);
    expect(it.log.at("warn")).toEqual([]);
    expect(unmatched(it)).toEqual([]);
  });

  test("redaction watch - keys and patterns that find nothing are reported, until they do", async () => {
    const it = await watchedRules({ keys: ["*passw*"], patterns: [ticket], detect: ["bearer"] });
    run(it, 100);
    const fields = [{ path: "**.*passw*" }, { path: "pattern ticket" }];
    expect(it.log.at("warn")).toMatchObject([{ facts: { events: 100, fields } }]);
    run(it, 1, '{"a":"TKT-1234","db_password":null}');
    expect(unmatched(it)).toEqual([]);
  });

  test("redaction watch - a key of this name elsewhere is suggested for a path beside other rules", async () => {
    const it = await watchedRules({ fields: ["requestHeaders.Authorization"], keys: ["kin?"] });
    run(it, 100);
    expect(it.log.at("warn")).toMatchObject([
      { facts: { fields: [{ did_you_mean: "requestHeader.Authorization" }] } },
    ]);
  });
});
