/**
 * Property: whatever the framing, a file that is read while it grows and across restarts, a stream in any chunks, and a
 * whole body give the records of the whole, with their bytes and their places. A framing of the test's own stands for
 * those to come: it has a state, which it gets back from a checkpoint that was written and read.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { linearPattern } from "../../../src/platform/text/linear-pattern.ts";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { groupFramer } from "../../../src/inputs/framing/multiline/group-framer.ts";
import { sampled } from "../../support/effort.ts";
import {
  feed,
  type Found,
  piecesOf,
  readGrowing,
  shipped,
} from "../../support/framing/framing-reads.ts";
import { toyFraming } from "../../support/framing/toy-framing.ts";

interface Case {
  readonly name: string;
  readonly framer: typeof toyFraming;
  /** The records, by plain means. */
  readonly recordsOf: (text: string, bytes_max: number) => [text: string, offset: number][];
  /** What the text is made of beside what is for all. */
  readonly parts?: readonly string[];
  /** A text of these records, none of which has an end in it. */
  readonly textOf: (records: readonly string[]) => string;
}

const asLines = (records: readonly string[]): string => records.map((each) => `${each}\n`).join("");

const groups = { start: linearPattern("^;"), end: undefined, max_lines: 1000, max_bytes: 1024 };

const cases: Case[] = [
  {
    name: "lines",
    framer: framings.lines.framer({}, "file"),
    recordsOf: linesOf,
    textOf: asLines,
  },
  {
    name: "groups",
    framer: groupFramer(groups, "file", 1000),
    recordsOf: groupsOf,
    textOf: (records) => asLines(records.map((each) => `;${each}`)),
  },
  {
    name: "documents",
    framer: toyFraming,
    recordsOf: documentsOf,
    textOf: (records) => `;${records.join(";")}\n`,
  },
  {
    name: "syslog",
    framer: framings.syslog.framer({}, "file"),
    recordsOf: syslogOf,
    parts: ["<13>a: ", '{"a":', "1}", "{}"],
    textOf: (records) => asLines(records.map((each) => `<13>a: {"a":"${each}"}`)),
  },
];

/** What matters to the framings, and what is longer than a record may be. */
const event_bytes_max = 20;
const contentOf = (more: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom("\n", ";", ";", "|", "a", "bc", "é", ...more) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: -2, max: 3 }).map((over) => "x".repeat(20 + over)),
        },
        { weight: 1, arbitrary: fc.constant("y".repeat(70)) },
      ),
      { maxLength: 50 },
    )
    .map((parts) => Buffer.from(parts.join("")));
/** Places to split at, and what happens there. */
const splits = fc.array(fc.record({ at: fc.nat(300), restarts: fc.boolean() }), { maxLength: 8 });

function linesOf(text: string): [string, number][] {
  let offset = 0;
  return text.split("\n").flatMap((line): [string, number][] => {
    const start = offset;
    offset += line.length + 1;
    return line === "" ? [] : [[line, start]];
  });
}

function groupsOf(text: string): [string, number][] {
  const starts = linesOf(text).filter(([line], number) => number === 0 || line.startsWith(";"));
  return starts.map(([, start], number) => {
    const end = starts[number + 1]?.[1] ?? text.length;
    return [text.slice(start, end).replace(/\n$/, ""), start];
  });
}

function documentsOf(text: string): [string, number][] {
  return linesOf(text).flatMap(([line, start]) => {
    let offset = start + 1;
    return line
      .slice(1)
      .split(line[0]!)
      .flatMap((record): [string, number][] => {
        const at = offset;
        offset += record.length + 1;
        return record === "" ? [] : [[record, at]];
      });
  });
}

/** The header is taken off where JSON follows it and the line is not cut. */
function syslogOf(text: string, bytes_max: number): [string, number][] {
  return linesOf(text).map(([line, start]) => {
    const event = line.slice(line.startsWith("<13>a: ") ? "<13>a: ".length : 0);
    const is_json = event.startsWith("{") && isJson(event);
    const is_cut = Buffer.from(line, "latin1").length > bytes_max;
    return is_json && !is_cut ? [event, start + line.length - event.length] : [line, start];
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe.each(cases)("framings - $name", (each) => {
  const { name, framer, recordsOf, parts = [], textOf } = each;
  const content = contentOf(parts);
  sampled(
    `framings - a file that grows gives the ${name} of the whole, across restarts`,
    { sample: 15, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, splits, async (bytes, places) => {
          const expected = recordsOf(bytes.toString("latin1"), event_bytes_max).map(
            ([text, offset]) => ({
              ...shipped(text, event_bytes_max),
              offset,
            }),
          );
          const found = await readGrowing(framer, piecesOf(bytes, places), event_bytes_max);
          expect(found).toEqual(expected);
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    `framings - a stream in any chunks gives the ${name} of the whole, and flags what has no end`,
    { sample: 15, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, splits, async (bytes, places) => {
          const all = recordsOf(bytes.toString("latin1"), event_bytes_max);
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const { events } = await feed(framer, chunks, event_bytes_max);
          expect(
            events.map((event) => ({
              text: event.bytes.toString("latin1"),
              original: event.truncation,
              unfinished: event.metadata.fields?.["tallyman_unfinished"] ?? false,
            })),
          ).toEqual(
            all.map(([text, offset]) => ({
              ...shipped(text, event_bytes_max),
              unfinished: offset + text.length === bytes.length,
            })),
          );
        }),
        { numRuns: runs },
      ),
  );

  it(`framings - ${name} longer than what is read at once keep their bytes and what follows`, async () => {
    const kib = 1024;
    const long = ["x".repeat(600 * kib), "y".repeat(1500 * kib), `z${"\0".repeat(1100 * kib)}z`];
    const document = textOf([...long, "last"]);
    const bytes = Buffer.from(document);
    for (const at of [0, 100, 700 * kib, 2000 * kib, 2500 * kib]) {
      const pieces = piecesOf(bytes, [{ at, restarts: true }]);
      const found = await readGrowing(framer, pieces, kib * kib);
      const expected = recordsOf(document, kib * kib).map(([text]) => shipped(text, kib * kib));
      // Compared by hash: a difference of a megabyte cannot be read.
      const inShort = ({ text, original }: Found): unknown => [
        fingerprintOf(Buffer.from(text)),
        original,
      ];
      expect(found.map(inShort)).toEqual(expected.map(inShort));
    }
  });
});

it("framings - a record of nothing but NUL bytes is a record where the framing says so", async () => {
  const bytes = Buffer.from(`;a;${"\0".repeat(700 * 1024)};b\n`);
  const found = await readGrowing(toyFraming, piecesOf(bytes, []), 1024 * 1024);
  expect(found.map(({ text }) => text.length)).toEqual([1, 700 * 1024, 1]);
});
