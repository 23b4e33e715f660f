/**
 * Property: lines of streams with messages of a given length among them, and records with separators, are those of the
 * whole, however the bytes are split, and wherever reading starts again.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { sampled } from "../../support/effort.ts";
import { piecesOf, readGrowing, shipped } from "../../support/framing/framing-reads.ts";
import { gatherAll, gathererOf, type Taken } from "../../support/framing/gathering.ts";

const event_bytes_max = 20;

interface Case {
  readonly name: string;
  readonly separator?: string;
  readonly parts: readonly string[];
  readonly recordsOf: (text: string) => Taken[];
}

const separators = [
  "\r",
  "\x1e",
  "\n\n",
  "\r\n\r\n",
  "aba",
  "END;",
  "\0",
  "\0\0",
  "\0x",
  "é",
  "\n",
];
const cases: Case[] = [
  {
    name: "lines and messages",
    parts: [
      "\n",
      "\0",
      "\r\n",
      "a",
      " ",
      "<1",
      "3>",
      "5 <1>",
      "16 <13>",
      "60 <134>",
      "2 <1>",
      "200001 <1>",
      "0",
      "7",
    ],
    recordsOf: messagesOf,
  },
  ...separators.map((separator) => ({
    name: `records that end with ${JSON.stringify(separator)}`,
    separator,
    parts: [
      separator,
      separator,
      separator.slice(0, -1),
      separator.slice(1),
      "a",
      "b ",
      "\n",
      "\0",
    ],
    recordsOf: (text: string) => separatedOf(text, Buffer.from(separator).toString("latin1")),
  })),
];

function contentOf(parts: readonly string[]) {
  const long = fc.integer({ min: -2, max: 20 }).map((more) => "x".repeat(20 + more));
  const part = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...parts) },
    { weight: 1, arbitrary: long },
  );
  return fc.array(part, { maxLength: 40 }).map((all) => Buffer.from(all.join("")));
}

const splits = fc.array(fc.record({ at: fc.nat(200), take: fc.boolean() }), { maxLength: 10 });

function record(text: string, offset: number, unfinished: boolean): Taken {
  const { original, ...cut } = shipped(text, event_bytes_max);
  return { ...cut, offset, original, unfinished };
}

/** By plain means: messages where a length and a priority say so, and between them what ends with LF or NUL. */
function messagesOf(text: string): Taken[] {
  const found: Taken[] = [];
  for (let at = 0; at < text.length;) {
    const [header, octets, priority] =
      /^([1-9]\d{0,5}) (<\d{1,3}>)/.exec(text.slice(at, at + 20)) ?? [];
    // As rsyslog has it, a larger frame is a line.
    const is_length = Number(octets) >= (priority?.length ?? 0) && Number(octets) <= 200_000;
    if (header !== undefined && is_length) {
      const start = at + octets!.length + 1;
      at = start + Number(octets);
      found.push(record(text.slice(start, at), start, at > text.length));
      continue;
    }
    const length = text.slice(at).search(/[\n\0]/);
    const end = length === -1 ? text.length : at + length;
    const line = text.slice(at, end).replace(/\r$/, "");
    if (/[^ \t\r]/.test(line)) found.push(record(line, at, length === -1));
    at = end + 1;
  }
  return found;
}

/** By plain means: what is between separators, without NUL bytes before it. */
function separatedOf(text: string, separator: string): Taken[] {
  const skips_nuls = /^\0+$|^[^\0]+$/.test(separator);
  const all = text.split(separator);
  let at = 0;
  return all.flatMap((each, number) => {
    const nuls = skips_nuls ? /^\0*/.exec(each)![0].length : 0;
    const offset = at + nuls;
    at += each.length + separator.length;
    const is_last = number === all.length - 1;
    const content = is_last ? each.slice(nuls).replace(/\0+$/, "") : each.slice(nuls);
    return /[^ \t-\r]/.test(content) ? [record(content, offset, is_last)] : [];
  });
}

/** Without what depends on where chunks end: white space beyond the limit, and NUL bytes at the end of a long record. */
function isPlain(bytes: Buffer): boolean {
  return !/[ \t-\r\0]{15}|[^]{15}\0$/.test(bytes.toString("latin1"));
}

describe.each(cases)("line framings - $name", ({ name, separator, parts, recordsOf }) => {
  const options = separator === undefined ? {} : { separator };
  const content = contentOf(parts).filter(isPlain);

  sampled(
    `line framings - a stream in any chunks gives the ${name} of the whole`,
    { sample: 60, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(content, splits, fc.integer({ min: 1, max: 5 }), (bytes, places, at_once) => {
          const framer = framings.lines.framer(options, "stream");
          const gathering = gathererOf(framer, event_bytes_max, at_once);
          const taken = gatherAll(gathering, bytes, places);
          expect(taken).toEqual(recordsOf(bytes.toString("latin1")));
          expect([gathering.held_bytes, gathering.unread_bytes]).toEqual([0, 0]);
        }),
        { numRuns: runs },
      ),
  );

  const places = fc.array(fc.record({ at: fc.nat(200), restarts: fc.boolean() }), { maxLength: 6 });
  if (separator === undefined) return;
  sampled(
    `line framings - a file that grows gives the ${name} of the whole, across restarts`,
    { sample: 25, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, places, async (bytes, somewhere) => {
          const framer = framings.lines.framer(options, "file");
          const found = await readGrowing(framer, piecesOf(bytes, somewhere), event_bytes_max);
          const expected = recordsOf(bytes.toString("latin1"));
          expect(found).toEqual(
            expected.map(({ text, offset, original }) => ({ text, offset, original })),
          );
        }),
        { numRuns: runs },
      ),
  );
});

it("line framings - a message is followed to its end although its length is let go of before it is too long", () => {
  const text = `60 <134>${"x".repeat(55)}next\n`;
  const gathering = gathererOf(framings.lines.framer({}, "stream"), event_bytes_max);
  const places = [22, 29, 40].map((at) => ({ at, take: true }));
  expect(gatherAll(gathering, Buffer.from(text), places)).toEqual(messagesOf(text));
});
