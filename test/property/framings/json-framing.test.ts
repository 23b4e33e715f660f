/**
 * Property: JSON documents that are written in any way, and read in any pieces and across restarts, give the documents, or
 * the elements of the array in each, with their bytes and places. What is no record is refused, with its line and column,
 * and nothing is left out.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFramer } from "../../../src/inputs/framing/json/json-framer.ts";
import { documents, elementsAt } from "../../../src/inputs/framing/json/shape.ts";
import { sampled } from "../../support/effort.ts";
import {
  feed,
  type Found,
  piecesOf,
  readGrowing,
  shipped,
} from "../../support/framing/framing-reads.ts";
import { json_text } from "../../support/random/json-arbitraries.ts";

/** Some records are longer. */
const bytes_max = 60;

/** A piece of a file, and what it is to be; undefined for what is passed over. */
interface Piece {
  readonly text: string;
  readonly is?: "record" | { readonly refused: (place: string) => string };
}

const space = fc.constantFrom("", " ", "\n", "\r\n", "\n    ", "\t", "\n\n");
const object_text = fc
  .array(fc.tuple(fc.constantFrom('"a"', '"Records"', '"}]"', '"x\\"y"'), json_text, space), {
    maxLength: 4,
  })
  .map(
    (members) => `{${members.map(([key, value, gap]) => `${gap}${key}:${gap}${value}`).join(",")}}`,
  );
const array_text = fc.array(json_text, { maxLength: 3 }).map((items) => `[${items.join(" , ")}]`);
/** A comma too many, a missing one, and other mistakes that leave the brackets right. The fault is at the `?`. */
const faulty_text = fc.constantFrom(
  '{"a":{"b":1}?"c":[{"token":"s"}]}',
  '{"a":1,?}',
  '{"a":\n  [1,?]}',
  '{"a":tru?}',
  '{"a":"\\?x"}',
  "{?a:1}",
);

const record_piece = object_text.map((text): Piece => ({ text, is: "record" }));
const faulty_piece = faulty_text.map((marked): Piece => {
  const at = marked.indexOf("?");
  const text = marked.replace("?", "");
  return { text, is: { refused: (place) => placed("not_json", text, at, place) } };
});

/** The beginning of what a fault is reported as: its words are the scanner's. */
function placed(reason: string, text: string, at: number, place: string): string {
  return `${reason}: .* at ${behind(place, text.slice(0, at))}$`;
}

/** The place behind a text that begins at a place. */
function behind(place: string, text: string): string {
  const [line, column] = place.match(/\d+/gu)!.map(Number) as [number, number];
  const lines = Buffer.from(text).toString("latin1").split("\n");
  const last = lines.at(-1)!.length;
  return `line ${line + lines.length - 1}, column ${lines.length === 1 ? column + last : last + 1}`;
}

function passed(text: string): Piece {
  return { text };
}

const gaps = fc.oneof(space, fc.constantFrom(",", " ,\n"));

const document_pieces: fc.Arbitrary<Piece[]> = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: record_piece },
        { weight: 1, arbitrary: array_text.map((text): Piece => ({ text, is: "record" })) },
        { weight: 1, arbitrary: faulty_piece },
      ),
      gaps,
    ),
    { maxLength: 8 },
  )
  .map((all) => all.flatMap(([piece, gap]) => [piece, passed(gap)]));

const other_members = fc
  .array(fc.tuple(fc.constantFrom('"kind"', '"a"', '"[{"'), json_text), { maxLength: 3 })
  .map((members) => members.map(([key, value]) => `${key}: ${value}`));

const item_pieces = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 6, arbitrary: record_piece },
        { weight: 1, arbitrary: faulty_piece },
        {
          weight: 1,
          arbitrary: fc.constantFrom('"a{"', "null", "[{},1]", "-1.5e3").map((text): Piece => {
            return { text, is: { refused: (place) => `not_an_object: .* at ${place}$` } };
          }),
        },
      ),
      space,
    ),
    { maxLength: 8 },
  )
  .map((items) =>
    items.flatMap(([piece, gap], number) => {
      // What follows an item that is no object, up to the next object, belongs to it.
      const is_stray = isStray(piece);
      const next = items[number + 1];
      if (next !== undefined && is_stray && isStray(next[0])) return [];
      const comma = next === undefined ? "" : ",";
      if (is_stray) return [{ ...piece, text: piece.text + gap + comma + gap }];
      return [piece, passed(gap + comma + gap)];
    }),
  );

function isStray({ text }: Piece): boolean {
  return !text.startsWith("{");
}

const listed_document: fc.Arbitrary<Piece[]> = fc
  .tuple(other_members, item_pieces, other_members, space)
  .map(([before, items, after, gap]) => [
    passed(`{${gap}${[...before, '"list"'].join(`,${gap}`)}: {${gap}"Records"${gap}:${gap}[${gap}`),
    ...items,
    passed(`]${gap}${["}", ...after].join(`,${gap}`)}}`),
  ]);

const list_pieces: fc.Arbitrary<Piece[]> = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: listed_document },
        {
          weight: 1,
          arbitrary: fc
            .constantFrom('{"a":1}', "[{}]", '{"list":{}}', '{"list":{"Records":{}}}')
            .map((text): Piece[] => [
              { text, is: { refused: (place) => `no_records_array: .* at ${place}$` } },
            ]),
        },
      ),
      space,
    ),
    { maxLength: 4 },
  )
  .map((all) => all.flatMap(([pieces, gap]) => [...pieces, passed(gap)]));

const cases = [
  { name: "documents", framer: jsonFramer(documents), pieces: document_pieces },
  { name: "elements", framer: jsonFramer(elementsAt("list.Records")), pieces: list_pieces },
] as const;

/** Places to split at, and what happens there. */
const splits = fc.array(fc.record({ at: fc.nat(700), restarts: fc.boolean() }), { maxLength: 12 });

/** What is expected of the pieces, a refusal as a pattern. */
function expectedOf(pieces: readonly Piece[]): Found[] {
  let offset = 0;
  let place = "line 1, column 1";
  return pieces.flatMap(({ text, is }) => {
    const start = offset;
    const start_place = place;
    const bytes = Buffer.from(text).toString("latin1");
    offset += bytes.length;
    place = behind(place, text);
    if (is === undefined) return [];
    const record = { ...shipped(bytes, bytes_max), offset: start };
    return [is === "record" ? record : { ...record, refused: is.refused(start_place) }];
  });
}

function expectFound(found: readonly Found[], expected: readonly Found[]): void {
  const recordsOf = (all: readonly Found[]): unknown[] =>
    all.map(({ text, offset, original }) => ({ text, offset, original }));
  expect(recordsOf(found)).toEqual(recordsOf(expected));
  for (const [number, { refused }] of expected.entries()) {
    if (refused === undefined) expect(found[number]!.refused).toBeUndefined();
    else expect(found[number]!.refused).toMatch(new RegExp(refused, "su"));
  }
}

describe.each(cases)("json framing - $name", ({ name, framer, pieces }) => {
  sampled(
    `json framing - a file that grows gives its ${name}, across restarts`,
    { sample: 20, all: 2000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(pieces, splits, async (all, places) => {
          const bytes = Buffer.from(all.map(({ text }) => text).join(""));
          const found = await readGrowing(framer, piecesOf(bytes, places), bytes_max);
          expectFound(found, expectedOf(all));
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    `json framing - a stream in any chunks gives its ${name}`,
    { sample: 20, all: 2000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(pieces, splits, async (all, places) => {
          const bytes = Buffer.from(all.map(({ text }) => text).join(""));
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const { events, quarantined } = await feed(framer, chunks, bytes_max);
          const expected = expectedOf(all);
          const textOf = (record: Found): string => record.text;
          expect(events.map((event) => event.bytes.toString("latin1"))).toEqual(
            expected.filter(({ refused }) => refused === undefined).map(textOf),
          );
          const refused = expected.filter((record) => record.refused !== undefined);
          expect(quarantined.map((event) => event.bytes.toString("latin1"))).toEqual(
            refused.map(textOf),
          );
          for (const [number, { reason, detail }] of quarantined.entries()) {
            expect(`${reason}: ${detail}`).toMatch(new RegExp(refused[number]!.refused!, "su"));
          }
        }),
        { numRuns: runs },
      ),
  );
});

it("json framing - the model of this test finds what JSON.parse finds", () => {
  fc.assert(
    fc.property(listed_document, (all) => {
      const text = all.map((piece) => piece.text).join("");
      fc.pre(!all.some(({ is }) => typeof is === "object"));
      const parsed = JSON.parse(text) as { list: { Records: unknown[] } };
      const records = all.filter(({ is }) => is === "record");
      expect(parsed.list.Records).toEqual(records.map((piece) => JSON.parse(piece.text)));
    }),
  );
});

/** What matters to the framing, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          ...Array.from('{}[]""::,,\\\n\n 1a\0'),
          "\u00e9",
          "\ufeff",
          "\x1e",
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom('{"list":{"Records":[', '{"a":1}', "]}}", "}\n{", "\n["),
      },
      { weight: 1, arbitrary: fc.constantFrom("{".repeat(70), "x".repeat(130), '"}]'.repeat(30)) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.from(parts.join("")));

describe.each(cases)("json framing - hostile bytes as $name", ({ name, framer }) => {
  sampled(
    (runs) =>
      `json framing - ${runs} hostile inputs give the same ${name} in any split, and lose no byte`,
    { sample: 15, all: 2000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(hostile, splits, async (bytes, places) => {
          const whole = await readGrowing(framer, piecesOf(bytes, []), bytes_max);
          expect(await readGrowing(framer, piecesOf(bytes, places), bytes_max)).toEqual(whole);
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const { events, quarantined } = await feed(framer, chunks, bytes_max);
          const textOf = (record: Found): string => record.text;
          const accepted = whole.filter(({ refused }) => refused === undefined);
          expect(events.map((event) => event.bytes.toString("latin1"))).toEqual(
            accepted.map(textOf),
          );
          expect(quarantined).toHaveLength(whole.length - accepted.length);
          for (const { text, original } of accepted) {
            if (original === undefined) expect(isContainer(valueOf(text))).toBe(true);
          }
          if (name === "documents") expect(betweenOf(bytes, whole)).toBe("");
        }),
        { numRuns: runs },
      ),
  );
});

function valueOf(text: string): unknown {
  return JSON.parse(Buffer.from(text, "latin1").toString());
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** The bytes that belong to no record, without those that may stand between documents. */
function betweenOf(bytes: Buffer, found: readonly Found[]): string {
  let between = "";
  let at = 0;
  for (const { offset = 0, text, original } of found) {
    between += bytes.toString("latin1", at, offset);
    at = offset + (original?.original_bytes ?? text.length);
  }
  between += bytes.toString("latin1", at);
  const passed_over = [" ", "\t", "\r", "\n", ",", "\0", "\x1e", "ï»¿"];
  return passed_over.reduce((rest, each) => rest.replaceAll(each, ""), between);
}
