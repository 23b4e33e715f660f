/** Records of Splunk's CSV are those that JSON of the same rows gives, in whatever parts they come. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CsvRecords } from "../../../../../src/proof/verify/reading/csv-records.ts";
import {
  rawOf,
  recordOf,
  type ExportRecord,
} from "../../../../../src/proof/verify/reading/record.ts";

const names = [
  "_raw",
  "_time",
  "index",
  "sourcetype",
  "tally_lane",
  "tally_block",
  "tally_i",
  "tally_sig",
  "host",
];

function plain(record: ExportRecord): object {
  const { place, is_impossible, index, sourcetype, time, signature } = record;
  const raw = rawOf(record).toString();
  return { raw, place: place && { ...place }, is_impossible, index, sourcetype, time, signature };
}

function read(
  text: string,
  { cut = Infinity, are_seals_enough = false } = {},
): { records: object[]; obstacles: readonly string[] } {
  const records: object[] = [];
  const csv = new CsvRecords((record) => records.push(plain(record)), { are_seals_enough });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += cut) csv.add(bytes.subarray(at, at + cut));
  return { records, obstacles: csv.end() };
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const spelled = (text: string, is_quoted: boolean): string =>
  is_quoted || /[",\r\n]/.test(text) ? quoted(text) : text;

const text = fc.string({
  unit: fc.constantFrom('"', ",", "\n", "a", "é", "{", " "),
  maxLength: 12,
});
const row = fc.record({
  _raw: fc.oneof(text, fc.constant('{"a":"b"}')),
  _time: fc.constantFrom("", "1764410000.123"),
  index: fc.constantFrom("", "main", 'ma"in'),
  sourcetype: fc.constantFrom("audit", "tallyman:seal"),
  tally_lane: fc.constantFrom("", "k7q2m5xa.1", "no lane", "k7q2m5xa.1\nk7q2m5xa.2"),
  tally_block: fc.constantFrom("", "12", "-1", "3\n4"),
  tally_i: fc.constantFrom("", "33", "1024"),
  tally_sig: fc.constantFrom("", "", "— a AAA="),
  host: text,
});

describe("csv records", () => {
  test("csv records - any rows, in any spelling and any parts", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        fc.shuffledSubarray(names, { minLength: names.length }),
        fc.record({
          cut: fc.integer({ min: 1, max: 300 }),
          quotes: fc.boolean(),
          crlf: fc.boolean(),
        }),
        (rows, columns, { cut, quotes, crlf }) => {
          const lines = [
            columns,
            ...rows.map((each) => columns.map((name) => each[name as keyof typeof each])),
          ];
          const end = crlf ? "\r\n" : "\n";
          const csv = lines.map(
            (each) => each.map((value) => spelled(value, quotes)).join(",") + end,
          );
          const expected = rows.flatMap((each) => {
            const values = Object.entries(each).filter(([, value]) => value !== "");
            const several = values.map(([name, value]) => {
              return [
                name,
                name.startsWith("tally_") && value.includes("\n") ? value.split("\n") : value,
              ];
            });
            const record = recordOf(Object.fromEntries(several) as Record<string, unknown>);
            return record === undefined ? [] : [plain(record)];
          });
          expect(read(csv.join(""), { cut })).toEqual({ records: expected, obstacles: [] });
          // Without the last line feed.
          expect(read(csv.join("").trimEnd(), { cut: 4096 }).records.length).toBe(expected.length);
          const seals = read(csv.join(""), { cut, are_seals_enough: true }).records as {
            signature?: string;
            sourcetype?: string;
          }[];
          const isSeal = (each: { signature?: string; sourcetype?: string }): boolean =>
            each.signature !== undefined || each.sourcetype === "tallyman:seal";
          expect(seals.filter(isSeal)).toEqual((expected as typeof seals).filter(isSeal));
        },
      ),
    );
  });

  test("csv records - what is cut or damaged is said", () => {
    expect(read('_raw,index\n"a,main\n').obstacles).toEqual([
      "the last record is not whole: the file was cut",
    ]);
    expect(read("_raw,index\na\nb,main\n")).toMatchObject({
      records: [{ raw: "b" }],
      obstacles: ["a record has not as many fields as the header: the file was damaged"],
    });
  });

  test("csv records - a byte order mark, empty lines and two columns of one name", () => {
    const { records } = read("\uFEFF_raw,index,index\n\na,,main\n");
    expect(records).toMatchObject([{ raw: "a", index: "main" }]);
  });
});
