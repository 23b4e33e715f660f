/** Raw mode's encoder: one record is one line, whatever a step has made of it. */
import { expect, test } from "vitest";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { RawEncoder } from "../../../../src/output/batch/raw.ts";
import { makeEvents } from "../../../support/events/events.ts";

function eventOf(record: string | Buffer, text?: string): LogEvent {
  const event = makeEvents(new Ledger(), [record])[0]!;
  if (text !== undefined) event.text = text;
  return event;
}

function encoded(event: LogEvent): string {
  const encoder = new RawEncoder();
  const target = Buffer.alloc(encoder.sizeMax(event), "#");
  return target.toString("utf8", 0, encoder.encode(event, target, 0));
}

test("raw - a record goes out as it stands", () => {
  for (const record of ['{ "a" : 1.0, "a":"\\n" }', "plain text\twith a tab\r and more"]) {
    expect(encoded(eventOf(record))).toBe(`${record}\n`);
  }
});

test.each([
  ["JSON over several lines", '{\n "a": "\\n",\r\n "b": 1\n}', '{  "a": "\\n",\r  "b": 1 }'],
  ["a text of two lines", 'one "1"\ntwo', '"one \\"1\\"\\ntwo"'],
  ["a text that ends its line", "one\n", '"one\\n"'],
  ["a blank text", " \t", '" \\t"'],
  ["no text at all", "", '""'],
])("raw - %s stays one line", (_what, text, line) => {
  expect(encoded(eventOf("{}", text))).toBe(`${line}\n`);
});

test("raw - bytes that are not UTF-8 go out as they came", () => {
  const encoder = new RawEncoder();
  const record = Buffer.from([0x61, 0xff, 0xc3, 0x62]);
  const target = Buffer.alloc(100);
  const end = encoder.encode(eventOf(record), target, 0);
  expect(target.subarray(0, end)).toEqual(Buffer.concat([record, Buffer.from("\n")]));
});

test("raw - what does not fit is not written half", () => {
  const encoder = new RawEncoder();
  for (const event of [eventOf("abcdef"), eventOf("{}", "a\nb"), eventOf("{}", "  ")]) {
    const enough = encoder.sizeMax(event);
    const end = encoder.encode(event, Buffer.alloc(enough), 0);
    expect(encoder.encode(event, Buffer.alloc(end), 0)).toBe(end);
    expect(encoder.encode(event, Buffer.alloc(end - 1), 0)).toBe(-1);
  }
});
