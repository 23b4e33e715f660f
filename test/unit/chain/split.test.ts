/** A step that gives several events for one: what goes on, what is refused, and that it is the same in a thread of its own. */
import { expect, test } from "vitest";
import type { Chain } from "../../../src/chain/chain.ts";
import { endedParts, Split } from "../../../src/chain/split.ts";
import { makeChain, makeEvent, runChain, writtenText } from "../../support/events/chains.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";

const source = `let kept;
export default {
  name: "p",
  create(options, context) {
    const records = context.path("Records[*]");
    return (event) => {
      switch (event.get("do")) {
        case "split": return event.split(records);
        case "both": return [event, event.make({ n: 2, big: 12345678901234567890n })];
        case "one": return event.make([1]);
        case "none": return [];
        case "same": return [event];
        case "time": { const made = event.make({}); made.time = "5"; event.time = "7"; return [event, made, event.make({})]; }
        case "metadata": {
          event.index = "first"; const one = event.make({}); event.index = "second"; const two = event.make({});
          two.fields = { a: 1 }; event.set("n", 1); return [one, two, event];
        }
        case "edit": return event.split(records).map((part, n) => { part.set("n", n); part.record.m = n; return part; });
        case "twice": return [event, event];
        case "made twice": { const made = event.make(1); return [made, made]; }
        case "stale": return kept;
        case "copy": return [{ ...event }];
        case "text": { const made = event.make({}); made.text = "no JSON"; return [made]; }
        case "junk": return [event, 7];
        case "holes": return new Array(3);
        case "throws": return new Proxy([], { get() { throw new Error("hidden"); } });
        case "many": for (;;) kept = event.make(1);
        case "long": { const long = "x".repeat(1_000_000); for (;;) kept = event.make(long); }
        case "list": return new Array(10_000_000);
        case "undefined": return [event.make(undefined)];
      }
      return event;
    };
  },
};
`;
const files = { "p.mjs": source };

/** What becomes of a record: each event with what it is then. */
function endsOf(chain: Chain, record: string): string[] {
  const event = makeEvent(record, chain.scanner);
  const end = chain.runHere(event);
  if (!(end instanceof Split)) return [end === undefined ? "kept" : `${end.fate}: ${end.detail}`];
  return [...endedParts(chain, end, { split: () => undefined })].map(([part, verdict]) => {
    const { index, fields } = part.metadata;
    const metadata = index === undefined ? "" : ` ${index}${JSON.stringify(fields) ?? ""}`;
    const time = part.time === event.time ? "" : ` at ${part.time}`;
    return `${verdict?.reason ?? writtenText(part)}${metadata}${time}`;
  });
}

const split: readonly (readonly [record: string, ends: readonly string[]])[] = [
  ['{"do":"split","Records":[{ "a": 1.0 }, "\\u0061"]}', ['{ "a": 1.0 }', '"\\u0061"']],
  ['{"do":"both" }', ['{"do":"both" }', '{"n":2,"big":12345678901234567890}']],
  ['{"do":"one"}', ["[1]"]],
  ['{"do":"same"}', ['{"do":"same"}']],
  ['{"do":"metadata"}', ["{} first", '{} second{"a":1}', '{"do":"metadata","n":1} second']],
  ['{"do":"edit","Records":[{},{}]}', ['{"n":0,"m":0}', '{"n":1,"m":1}']],
];

test.each(sampledCases(split, 3))("split - %s", long, async (record, ends) => {
  for (const isolate of [undefined, true]) {
    const chain = await makeChain([{ p: {}, ...(isolate && { isolate }) }], { files });
    expect(endsOf(chain, record)).toEqual(ends);
    await chain.dispose();
  }
});

const once = "neither the event, nor one that it made of it, once";
const refused: readonly (readonly [what: string, why: RegExp])[] = [
  ["twice", /the step returned the same event twice/],
  ["made twice", RegExp(`item 1 of what the step returned is ${once}`)],
  ["copy", RegExp(`item 0 of what the step returned is ${once}`)],
  ["junk", RegExp(`item 1 of what the step returned is ${once}`)],
  ["holes", RegExp(`item 0 of what the step returned is ${once}`)],
  ["text", /item 0 of what the step returned is not JSON: a value is expected at byte 1/],
  ["throws", /the step threw Error/],
  ["undefined", /undefined is not a JSON value/],
  ["many", /steps may make at most 10000 events of one/],
  ["long", /what steps make of one event may have at most 64 MiB/],
  ["stale", RegExp(`what the step returned is ${once}`)],
  ["list", /a step may return at most 10000 events that it made/],
];

longTest(
  "split - what a step may not return costs the event, with and without isolation",
  async () => {
    for (const isolate of [undefined, { timeout: "5s", memory: "1GiB" }]) {
      const chain = await makeChain([{ p: {}, ...(isolate && { isolate }) }], { files });
      for (const [what, why] of refused) {
        const { outcome, detail, text } = runChain(chain, JSON.stringify({ do: what }));
        expect([what, outcome, text]).toEqual([
          what,
          "quarantined step_failed:p",
          `{"do":"${what}"}`,
        ]);
        expect(detail).toMatch(why);
      }
      const { length } = refused;
      expect(chain.steps[0]).toMatchObject({ received: length, failed: length });
      await chain.dispose();
    }
  },
);

test("split - later steps see each part, their conditions too, and on_error is kept", async () => {
  const chain = await makeChain(
    [
      { p: {}, on_error: "drop" },
      { filter: { drop: "a == 2" }, name: "twos" },
      { set: { fields: { seen: true } }, when: "a == 1" },
    ],
    { files },
  );
  const record = '{"do":"split","Records":[{"a":1},{"a":2},{"a":3}]}';
  expect(endsOf(chain, record)).toEqual(['{"a":1,"seen":true}', "twos", '{"a":3}']);
  expect(endsOf(chain, '{"do":"none"}')).toEqual(["filtered: undefined"]);
  expect(endsOf(chain, '{"do":"junk"}')).toEqual([`dropped: undefined`]);
  expect(chain.steps.map(({ received }) => received)).toEqual([3, 3, 1]);
  expect(chain.events).toBe(3);
});
