/** What a tap says, read from chunks that are cut anywhere. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TapMessage } from "../../../../src/admin/tap/tap-messages.ts";
import { TapReader } from "../../../../src/admin/tap/tap-reader.ts";

const way = { input: "audit", output: "splunk", path: "/services/collector/event" };

function wireOf(message: TapMessage): Buffer {
  if (!("event" in message)) return Buffer.from(`${JSON.stringify(message)}\n`);
  const { sent, ...rest } = message.event;
  const bytes = Buffer.from(sent);
  const line = JSON.stringify({ event: { ...rest, bytes: bytes.length } });
  return Buffer.concat([Buffer.from(`${line}\n`), bytes]);
}

const message: fc.Arbitrary<TapMessage> = fc.oneof(
  fc
    .string({ unit: "binary" })
    .map((sent) => ({ event: { ...way, sent: Buffer.from(sent).toString() } })),
  fc.constant({ event: { ...way, sent: '{"event":{"counts":1}}\n' } }),
  fc.constant({ counts: { ms: 1000, passed: 3, given: 2, missed: 1 } }),
  fc.constant({ end: "the agent has stopped" }),
);

test("tap reader - reads what was said, wherever it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.infiniteStream(fc.nat(40)),
      (said, cuts) => {
        const wire = Buffer.concat(said.map(wireOf));
        const reader = new TapReader();
        const read: TapMessage[] = [];
        for (let at = 0; at < wire.length;) {
          const end = at + 1 + cuts.next().value!;
          read.push(...reader.take(wire.subarray(at, end)));
          at = end;
        }
        expect(read).toEqual(said);
      },
    ),
  );
});

test.each([
  ["a page", "<html>\n"],
  ["an event without an end", '{"event":{"input":"a","bytes":1e12}}\n'],
  ["an event without a length", '{"event":{"input":"a"}}\n'],
])("tap reader - %s is no tap's answer", (_, text) => {
  expect(() => [...new TapReader().take(Buffer.from(text))]).toThrow();
});
