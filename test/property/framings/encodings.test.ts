/**
 * Property: in any encoding, and in any pieces and across restarts, a file and a stream give the records of the same text in
 * UTF-8: the same bytes, cut at the same places, and each where its first character is in the file.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { beginningOf } from "../../../src/inputs/framing/decoding/beginning.ts";
import type { ChosenEncoding, Encoding } from "../../../src/inputs/framing/decoding/encodings.ts";
import { toUtf8, wholeBytesOf } from "../../../src/inputs/framing/decoding/transcode.ts";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { is_long, sampled } from "../../support/effort.ts";
import { feed, type Found, piecesOf, readGrowing } from "../../support/framing/framing-reads.ts";
import { toyFraming } from "../../support/framing/toy-framing.ts";

type Other = Exclude<Encoding, "utf-8">;

const marks = { "utf-16le": Buffer.of(0xff, 0xfe), "utf-16be": Buffer.of(0xfe, 0xff) };

function encoded(text: string, encoding: Other): Buffer {
  switch (encoding) {
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "latin1":
    case "windows-1252":
      return Buffer.from(text.replaceAll("€", "\x80"), "latin1");
  }
}

/** What each encoding has. */
const characters: Record<Other, string[]> = {
  "utf-16le": ["é", "日", "😀", "€", "\u0a0d", "\u0d0a", "\u7b00"],
  "utf-16be": ["é", "日", "😀", "€", "\u0a0d", "\u0d0a", "\u7b00"],
  latin1: ["é", "\xff", "\x85"],
  "windows-1252": ["é", "€", "\xff"],
};

const framers = {
  lines: framings.lines.framer({}, "file"),
  json: framings.json.framer({}, "file"),
  elements: framings.json.framer({ records: "Records" }, "file"),
  "separated by é": framings.lines.framer({ separator: "é" }, "file"),
  documents: toyFraming,
};
const stream_framers = {
  ...framers,
  lines: framings.lines.framer({}, "stream"),
  "separated by é": framings.lines.framer({ separator: "é" }, "stream"),
};

/** What matters to the framings, and what is longer than a record may be. */
const event_bytes_max = 20;
function textOf(encoding: Other): fc.Arbitrary<string> {
  const part = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom("\n", "\r\n", ";", "|", "a", '{"a":1}', " ", "{", "}"),
    },
    { weight: 2, arbitrary: fc.constantFrom('{"Records":[{"a":"b"},{},3', "]}", ",", "\0", "[") },
    { weight: 3, arbitrary: fc.constantFrom(...characters[encoding]) },
    { weight: 1, arbitrary: fc.constantFrom("x".repeat(19), "x".repeat(21), "y".repeat(70)) },
  );
  // The first byte of a document of the test's framing is its separator, and must be a character.
  return fc
    .array(part, { maxLength: 40 })
    .map((parts) => parts.join("").replaceAll(/^|\n/g, "$&;"));
}

const splits = fc.array(fc.record({ at: fc.nat(300), restarts: fc.boolean() }), { maxLength: 8 });

interface Written {
  readonly bytes: Buffer;
  readonly chosen: ChosenEncoding;
  /** Where a place in the text's UTF-8 is. */
  readonly placeOf: (offset: number) => number;
}

/** The text in the encoding: with a mark, or without one and told by its shape or its name. */
function written(text: string, encoding: Other, has_mark: boolean): Written {
  const plain = encoded(text, encoding);
  const mark = has_mark && encoding.startsWith("utf") ? marks[encoding as keyof typeof marks] : "";
  const bytes = Buffer.concat([Buffer.from(mark), plain]);
  const shown = beginningOf(bytes, "auto", true)!.encoding;
  const utf8 = Buffer.from(text);
  return {
    bytes,
    chosen: shown === encoding ? "auto" : encoding,
    placeOf: (offset) =>
      mark.length + encoded(utf8.subarray(0, offset).toString(), encoding).length,
  };
}

const encodings = Object.keys(characters) as Other[];
const framing_names = Object.keys(framers) as (keyof typeof framers)[];
const cases = encodings.flatMap((encoding) =>
  framing_names.map((framing) => ({ encoding, framing })),
);

/** The separators of the toy framing are bytes, and must be characters here. */
function withPlainSeparators(text: string): string {
  return text.replaceAll(/^[^\0-\x7f]/gmu, ";");
}

describe.each(cases)("encodings - $encoding, $framing", ({ encoding, framing }) => {
  sampled(
    `encodings - a file in ${encoding} that grows gives the ${framing} of its text, across restarts`,
    { sample: 3, all: 200 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(textOf(encoding), splits, fc.boolean(), async (any, places, has_mark) => {
          const is_toy = framing === "documents";
          const text = is_toy ? withPlainSeparators(any) : any;
          // The toy framing has no holes, and takes the first half of a character for what it is.
          const { bytes, chosen, placeOf } = written(text, encoding, has_mark || is_toy);
          const framer = framers[framing];
          const whole = piecesOf(Buffer.from(text), []);
          const expected = await readGrowing(framer, whole, event_bytes_max, { encoding: "utf-8" });
          const pieces = piecesOf(bytes, places);
          expect(await readGrowing(framer, pieces, event_bytes_max, { encoding: chosen })).toEqual(
            expected.map((found) => ({ ...found, offset: placeOf(found.offset!) })),
          );
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    `encodings - a stream in ${encoding} in any chunks gives the ${framing} of its text`,
    { sample: 3, all: 200 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(textOf(encoding), splits, fc.boolean(), async (text, places, has_mark) => {
          const { bytes, chosen } = written(text, encoding, has_mark);
          const framer = stream_framers[framing];
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const expected = await feed(framer, [Buffer.from(text)], event_bytes_max, "utf-8");
          const found = await feed(framer, chunks, event_bytes_max, chosen);
          expect(found.events.map(inShort)).toEqual(expected.events.map(inShort));
        }),
        { numRuns: runs },
      ),
  );
});

function inShort(event: Awaited<ReturnType<typeof feed>>["events"][number]): unknown {
  const { bytes, truncation, metadata } = event;
  return [bytes.toString("latin1"), truncation, metadata.fields?.["tallyman_unfinished"]];
}

describe.each(is_long ? encodings : ["utf-16le" as const])(
  "encodings - long records in %s",
  (encoding) => {
    it.each(["lines", "json", "documents"] as const)(
      "encodings - %s longer than what is read at once keep their text and what follows",
      async (framing) => {
        const kib = 1024;
        const [first] = characters[encoding] as [string];
        const long = ["x".repeat(600 * kib), first.repeat(500 * kib), `z${" ".repeat(500 * kib)}z`];
        const text =
          framing === "documents"
            ? `;${long.join(";")};last\n`
            : framing === "lines"
              ? `${[...long, `z${"\0".repeat(1200 * kib)}z`].join("\n")}\nlast\n`
              : `${long.map((each) => JSON.stringify({ each })).join("\n")}\n{"last":[]}]x{}`;
        const found = async (
          bytes: Buffer,
          chosen: ChosenEncoding,
          at: number,
        ): Promise<unknown[]> => {
          const pieces = piecesOf(bytes, [{ at, restarts: true }]);
          const all = await readGrowing(framers[framing], pieces, kib * kib, { encoding: chosen });
          // Compared by hash: a difference of a megabyte cannot be read.
          return all.map(({ text: each, original, refused }: Found) => [
            fingerprintOf(Buffer.from(each)),
            original,
            refused,
          ]);
        };
        const expected = await found(Buffer.from(text), "utf-8", 0);
        for (const at of is_long ? [0, 101, 700 * kib + 1, 2000 * kib] : [700 * kib + 1]) {
          expect(await found(encoded(text, encoding), encoding, at)).toEqual(expected);
        }
      },
    );
  },
);

/** Bytes that come near to what decides: marks, halves of pairs and of units, NUL bytes, line ends in either order. */
const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom("\n\0", "\0\n", "{\0", '"\0', "\0{", '\0"', "}\0", "a\0"),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom("\xff\xfe", "\xfe\xff", "\xef\xbb\xbf", "\xff", "\0", "\n"),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom("\xd8\x3d", "\xde\x00", "\x3d\xd8", "\x00\xde", "\xd8"),
      },
      { weight: 1, arbitrary: fc.constantFrom("\0".repeat(40), "x\0".repeat(30), '{"a":1}\n') },
      { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(""), "latin1"));
const chosen_encoding = fc.constantFrom<ChosenEncoding>(
  "auto",
  "auto",
  "utf-16le",
  "utf-16be",
  "windows-1252",
);

sampled(
  (runs) => `encodings - ${runs} hostile inputs give the same in any split, and lose no byte`,
  { sample: 25, all: 3000 },
  (runs) =>
    fc.assert(
      fc.asyncProperty(
        hostile,
        chosen_encoding,
        fc.constantFrom(...framing_names.filter((name) => name !== "documents")),
        splits,
        async (bytes, chosen, framing, places) => {
          const framer = framers[framing];
          const whole = await readGrowing(framer, piecesOf(bytes, []), event_bytes_max, {
            encoding: chosen,
          });
          const found = await readGrowing(framer, piecesOf(bytes, places), event_bytes_max, {
            encoding: chosen,
          });
          expect(found).toEqual(whole);
          const stream_framer = stream_framers[framing];
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const fed = await feed(stream_framer, chunks, event_bytes_max, chosen);
          const fed_whole = await feed(stream_framer, [bytes], event_bytes_max, chosen);
          expect(fed.events.map(inShort)).toEqual(fed_whole.events.map(inShort));
          const { encoding } = beginningOf(bytes, chosen, true)!;
          if (encoding === "utf-8") return;
          for (const { text } of found) {
            expect(Buffer.from(Buffer.from(text, "latin1").toString()).toString("latin1")).toBe(
              text,
            );
          }
        },
      ),
      { numRuns: runs },
    ),
);

sampled(
  "encodings - what is decoded piece by piece is what the platform decodes as a whole",
  { sample: 25, all: 10_000 },
  (runs) => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom<Other>("utf-16le", "utf-16be", "windows-1252"),
        fc.array(fc.nat(100)),
        (bytes, encoding, cuts) => {
          // What the platform makes of half a pair and half a unit at the end together is one sign; here each has its own.
          const units = bytes.subarray(0, bytes.length & ~1);
          const expected =
            encoding === "windows-1252"
              ? new TextDecoder(encoding).decode(bytes)
              : new TextDecoder(encoding, { ignoreBOM: true }).decode(units) +
                "\ufffd".repeat(bytes.length % 2);
          expect(toUtf8(bytes, encoding).toString()).toBe(expected);
          let decoded = "";
          let from = 0;
          for (const cut of cuts.toSorted((a, b) => a - b)) {
            const part = bytes.subarray(from, Math.max(from, cut));
            const to = wholeBytesOf(part, encoding);
            decoded += toUtf8(part.subarray(0, to), encoding).toString();
            from += to;
          }
          expect(decoded + toUtf8(bytes.subarray(from), encoding).toString()).toBe(expected);
        },
      ),
      { numRuns: runs },
    );
  },
);
