/**
 * Property: messages with their lengths before them are those of the whole, however the bytes are split, and wherever
 * reading starts again. What is none is refused, up to where a message surely begins, and no byte is left out.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { sampled } from "../../support/effort.ts";
import {
  feed,
  type Found,
  piecesOf,
  readGrowing,
  shipped,
} from "../../support/framing/framing-reads.ts";
import { gatherAll, gathererOf, type Taken } from "../../support/framing/gathering.ts";

const event_bytes_max = 20;
const kib = 1024;

const no_length = "no_length: a message begins with its length and a blank";
const unfinished = "unfinished_message: ends before its length is reached";

function framerFrom(from: "file" | "stream") {
  return framings.octet_counted.framer({}, from);
}

/** As a program sends it. */
function counted(text: string): string {
  return `${Buffer.byteLength(text)} ${text}`;
}

/** By plain means. */
function messagesOf(text: string): Found[] {
  const found: Found[] = [];
  const add = (start: number, end: number, refused?: string): void => {
    const record = { ...shipped(text.slice(start, end), event_bytes_max), offset: start };
    found.push(refused === undefined ? record : { ...record, refused });
  };
  let octets: number | undefined;
  for (let at = 0; at < text.length;) {
    if (octets === undefined) {
      const [between] = /^[\r\n\0]*/.exec(text.slice(at))!;
      at += between.length;
      if (at === text.length) break;
      const [header = "", digits] = /^([1-9]\d{0,8}) /.exec(text.slice(at)) ?? [];
      if (digits === undefined || Number(digits) > 16 * kib * kib) {
        const ends = text.slice(at).matchAll(/[\n\0]|(?<=[\]}])([1-9]\d{0,8}) (?=[[{])/g);
        const end = [...ends].find(([, length = "0"]) => Number(length) <= 16 * kib * kib);
        const length = end?.index ?? text.length - at;
        add(at, at + length, no_length);
        at += length + (end?.[0].length ?? 0);
        octets = end?.[1] === undefined ? undefined : Number(end[1]);
        continue;
      }
      at += header.length;
      octets = Number(digits);
    }
    const end = Math.min(text.length, at + octets);
    if (end > at) add(at, end, at + octets > text.length ? unfinished : undefined);
    at = end;
    octets = undefined;
  }
  return found;
}

const parts = [
  counted('{"a":1}'),
  counted("a\nb"),
  counted("\0\0x\0"),
  "3 ",
  "60 ",
  "16777216 ",
  "99999999 ",
  "0 ",
  "\n",
  "\r\n",
  "\0",
  "}",
  "]",
  "{",
  "[",
  "7",
  "12",
  " ",
  "a",
  "é",
];
const content = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...parts) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: -3, max: 60 }).map((more) => "x".repeat(20 + more)),
      },
    ),
    { maxLength: 40 },
  )
  .map((all) => Buffer.from(all.join("")));
const places = fc.array(fc.record({ at: fc.nat(200), restarts: fc.boolean() }), { maxLength: 8 });
const splits = fc.array(fc.record({ at: fc.nat(200), take: fc.boolean() }), { maxLength: 10 });

describe("octet counted", () => {
  sampled(
    (runs) => `octet counted - a file of ${runs} kinds that grows gives the messages of the whole`,
    { sample: 80, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, places, async (bytes, somewhere) => {
          const found = await readGrowing(
            framerFrom("file"),
            piecesOf(bytes, somewhere),
            event_bytes_max,
          );
          expect(found).toEqual(messagesOf(bytes.toString("latin1")));
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    (runs) => `octet counted - ${runs} streams in any chunks give the messages of the whole`,
    { sample: 150, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(
          content,
          splits,
          fc.integer({ min: 1, max: 5 }),
          (bytes, somewhere, at_once) => {
            const gathering = gathererOf(framerFrom("stream"), event_bytes_max, at_once);
            const taken = gatherAll(gathering, bytes, somewhere);
            const expected = messagesOf(bytes.toString("latin1"));
            expect(taken).toEqual(expected.map((record) => takenOf(record, bytes.length)));
            expect([gathering.held_bytes, gathering.unread_bytes]).toEqual([0, 0]);
          },
        ),
        { numRuns: runs },
      ),
  );

  sampled(
    (runs) => `octet counted - what is no message in ${runs} streams is quarantined, with why`,
    { sample: 50, all: 3000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, places, async (bytes, somewhere) => {
          const chunks = piecesOf(bytes, somewhere).map((piece) => piece.bytes);
          const { events, quarantined } = await feed(framerFrom("stream"), chunks, event_bytes_max);
          const expected = messagesOf(bytes.toString("latin1"));
          expect(events.map((event) => event.bytes.toString("latin1"))).toEqual(
            expected.filter(({ refused }) => refused === undefined).map(({ text }) => text),
          );
          expect(
            quarantined.map(({ bytes: of_it, reason, detail }) => [
              of_it.toString("latin1"),
              `${reason}: ${detail}`,
            ]),
          ).toEqual(
            expected
              .filter(({ refused }) => refused !== undefined)
              .map((each) => [each.text, each.refused]),
          );
        }),
        { numRuns: runs },
      ),
  );
});

/** A record that has come to its end at the end of everything may have been a part of a longer one. */
function takenOf({ text, offset = 0, original, refused }: Found, end: number): Taken {
  const record_end = offset + (original?.original_bytes ?? text.length);
  return { text, offset, original, unfinished: refused !== undefined && record_end === end };
}

it("octet counted - a program that counts characters is understood again with its next message", async () => {
  const messages = ['{"n":1,"name":"Zoë Šý"}', '{"n":2}', '{"n":3,"of":[4]}', '[{"n":5}]'];
  for (const end of ["", "\n"]) {
    const sent = messages.map((text) => `${text.length} ${text}${end}`).join("");
    const { events, quarantined } = await feed(framerFrom("stream"), [Buffer.from(sent)], kib);
    expect(events.slice(1).map(({ bytes }) => bytes.toString())).toEqual(messages.slice(1));
    const rest = Buffer.from(messages[0]!).subarray(-3);
    expect(quarantined.map(({ bytes }) => Buffer.from(bytes))).toEqual([rest]);
  }
});

it.each([
  ["messages", 600, true],
  ["what is no message", 600, false],
])(
  "octet counted - %s longer than what is read at once are followed to their end",
  async (_, kibs, is_message) => {
    const long = "\0x".repeat(kibs * 512);
    const text = is_message ? counted(long) : `a${long.replaceAll("\0", "y")}]`;
    const whole = Buffer.from(`${text}${counted("{}")}${counted("next")}`);
    for (const at of [3, 500 * kib, 600 * kib + 4, whole.length - 7]) {
      const found = await readGrowing(
        framerFrom("file"),
        piecesOf(whole, [{ at, restarts: true }]),
        kib * kib,
      );
      expect(found.map(({ text: { length }, refused }) => [length, refused])).toEqual([
        is_message ? [long.length, undefined] : [text.length, no_length],
        [2, undefined],
        [4, undefined],
      ]);
    }
  },
);

it("octet counted - a file that was allocated ahead is read as far as it is written", async () => {
  const nuls = "\0".repeat(700 * kib);
  const framer = framerFrom("file");
  const positions = {
    starts: new Int32Array(9),
    ends: new Int32Array(9),
    event_bytes_max: kib * kib,
  };
  const bytes = Buffer.from(`2 ab5 cd${nuls}`);
  const live = framer.frame({ bytes, from: 0, is_last: false, state: undefined }, positions);
  expect([live.count, live.end, live.state]).toEqual([1, 6, { octets: 5 }]);
  const last = framer.frame({ bytes, from: 6, is_last: true, state: live.state }, positions);
  expect([last.count, last.end, last.nul_bytes]).toEqual([1, bytes.length, 700 * kib - 3]);
});
