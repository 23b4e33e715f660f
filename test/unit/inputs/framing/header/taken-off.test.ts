/** What stands before JSON and is taken off: the record begins later, and keeps its own bytes. */
import { expect, it } from "vitest";
import { framings } from "../../../../../src/inputs/framing/framings.ts";
import type { Framed } from "../../../../../src/inputs/framing/contract/framer.ts";
import { gatherAll, gathererOf } from "../../../../support/framing/gathering.ts";

const prefixed = framings.lines.framer({ prefix: "@cee:" }, "stream");

function framedOf(text: string, event_bytes_max = 1000): { framed: Framed; events: string[] } {
  const bytes = Buffer.from(text);
  const positions = { starts: new Int32Array(9), ends: new Int32Array(9), event_bytes_max };
  const framed = prefixed.frame({ bytes, from: 0, is_last: true, state: undefined }, positions);
  const events = Array.from({ length: framed.count }, (_, number) =>
    bytes.toString("utf8", positions.starts[number], positions.ends[number]),
  );
  return { framed, events };
}

it("prefix - is taken off before one JSON object, and nowhere else", () => {
  const { events } = framedOf(
    '@cee:{"a":1}\n@cee:  {"b":"é"}\n@cee:{"c":1} d\n@cee:[1]\n@cee:\n{"e":1}\n@ce',
  );
  expect(events).toEqual([
    '{"a":1}',
    '{"b":"é"}',
    '@cee:{"c":1} d',
    "@cee:[1]",
    "@cee:",
    '{"e":1}',
    "@ce",
  ]);
});

it("prefix - stays where the record is cut, whose length and hash are those of all of it", () => {
  const { framed, events } = framedOf(`@cee:{"a":"${"x".repeat(30)}"}\n`, 20);
  expect(events).toEqual(['@cee:{"a":"xxxxxxxxx']);
  expect(framed.truncations?.get(0)?.original_bytes).toBe(43);
});

it("prefix - is taken off a message with its length before it, over a stream in any pieces", () => {
  const sent = Buffer.from('12 @cee:{"a":1}\n');
  const syslog = framings.syslog.framer({}, "stream");
  expect(gatherAll(gathererOf(prefixed, 1000), sent, [{ at: 4, take: true }])[0]!.text).toBe(
    sent.toString().trim(),
  );
  const message = '<34>su: {"a":\n1}';
  const both = Buffer.from(`${message.length} ${message}<34>su: {"b":1}\0<34>su: c\n`);
  for (let at = 1; at < both.length; at += 1) {
    const taken = gatherAll(gathererOf(syslog, 1000), both, [{ at, take: true }]);
    expect(taken.map(({ text }) => text)).toEqual(['{"a":\n1}', '{"b":1}', "<34>su: c"]);
    expect(taken[0]!.offset).toBe(11);
  }
});

it("prefix - a message that is longer than an event may be is cut to it, in pieces or as a whole", () => {
  const syslog = framings.syslog.framer({}, "stream");
  for (const length of [30, 50, 200]) {
    const line = `<34>su: {"a":"${"x".repeat(length)}"}`;
    for (const at of [1, 12, 40, 60]) {
      const [first, second] = gatherAll(
        gathererOf(syslog, 20),
        Buffer.from(`${line}\n<34>su: {}\n`),
        [{ at, take: true }],
      );
      expect(first).toMatchObject({
        text: line.slice(0, 20),
        original: { original_bytes: line.length },
      });
      expect(second!.text).toBe("{}");
    }
  }
});
