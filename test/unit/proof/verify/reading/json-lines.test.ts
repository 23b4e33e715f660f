/** Whatever form a line of an export has, the same events come out of it: by hand or by JSON.parse, in whatever parts it is read. */
import { describe, expect, test } from "vitest";
import { JsonLines } from "../../../../../src/proof/verify/reading/json-lines.ts";
import {
  eachLine,
  LineRegions,
  linesWith,
} from "../../../../../src/proof/verify/reading/line-regions.ts";
import {
  rawOf,
  recordOf,
  type ExportRecord,
} from "../../../../../src/proof/verify/reading/record.ts";
import { SplunkRow } from "../../../../../src/proof/verify/reading/splunk-row.ts";
import { RandomSource } from "../../../../support/random/random-source.ts";
import { seed } from "../../../../support/seed.ts";

const fields = {
  _raw: '{"a":"b\\"c","d":"é漢\\n"}',
  _time: "1764410000.123",
  index: "main",
  sourcetype: "audit",
  tally_lane: "k7q2m5xa.1",
  tally_block: "12",
  tally_i: "33",
};

function plain(record: ExportRecord): object {
  const { place, index, sourcetype, time, signature } = record;
  return {
    raw: rawOf(record).toString(),
    place: place && { ...place },
    index,
    sourcetype,
    time,
    signature,
  };
}

function byHand(line: string): object | undefined {
  const bytes = Buffer.from(`before\n${line}\n`);
  const row = new SplunkRow();
  return row.read(bytes, 7, bytes.length - 1) ? plain(row) : undefined;
}

function byLines(text: string): { records: object[]; obstacles: readonly string[] } {
  const records: object[] = [];
  const lines = new JsonLines((record) => records.push(plain(record)));
  const regions = new LineRegions((bytes, start, end) =>
    eachLine(bytes, [start, end], (...line) => lines.line(...line)),
  );
  regions.add(Buffer.from(text));
  regions.end();
  return { records, obstacles: lines.end() };
}

const row = (result: object, more: object = {}): string =>
  JSON.stringify({ preview: false, offset: 0, ...more, result });

describe("json lines", () => {
  test.each([
    ["all fields", fields],
    ["fields that nobody looks at", { host: 'h\\"', ...fields, punct: ["{", "é\n"], none: [] }],
    ["no place", { _raw: "text", index: "main" }],
    ["an empty index", { ...fields, index: "" }],
    ["a seal", { _raw: "{}", sourcetype: "tallyman:seal", tally_sig: "— a AAA=" }],
    ["no text of the event", { ...fields, _raw: "" }],
  ])("json lines - a row with %s is read by hand as JSON.parse reads it", (_, result) => {
    const expected = plain(recordOf(result)!);
    expect(byHand(row(result))).toEqual(expected);
    expect(byHand(`${row(result, { lastrow: true })}\r`)).toEqual(expected);
    expect(byLines(row(result, { lastrow: true }))).toEqual({ records: [expected], obstacles: [] });
  });

  test.each([
    ["a preview", `{"preview":true,"offset":0,"result":{"_raw":"x"}}`],
    ["blanks", `{"preview": false,"offset":0,"result":{"_raw":"x"}}`],
    ["several values", row({ ...fields, tally_i: ["1", "2"] })],
    ["a place that is none", row({ ...fields, tally_i: "1024" })],
    ["a lane that is none", row({ ...fields, tally_lane: "main" })],
    ["half a place", row({ _raw: "x", tally_lane: "k7q2m5xa.1" })],
    ["no event", row({ index: "main" })],
    ["a message", `{"messages":[{"type":"FATAL","text":"x"}]}`],
    ["a key twice", `{"preview":false,"result":{"_raw":"x","_raw":"y"}}`],
    ["two results", `{"result":{"_raw":"x"},"result":{"_raw":"y"}}`],
    ["a number as text", `{"preview":false,"offset":0,"result":{"_raw":1}}`],
    ["a number that is none", `{"preview":false,"offset":007,"result":{"_raw":"x"}}`],
    ["something behind it", `${row(fields)}x`],
    ["an end in the middle", row(fields).slice(0, -2)],
    ["an escape in a key", String.raw`{"preview":false,"result":{"\u005fraw":"x"}}`],
  ])("json lines - a row with %s is left to JSON.parse", (_, line) => {
    expect(byHand(line)).toBeUndefined();
  });

  test("json lines - a key twice means its last value, and damage is said", () => {
    const twice = `{"preview":false,"lastrow":true,"result":{"_raw":"x","_raw":"y"}}`;
    expect(byLines(twice)).toMatchObject({ records: [{ raw: "y" }], obstacles: [] });
    const cut = `${row(fields, { lastrow: true })}\n${row(fields).slice(0, 80)}`;
    expect(byLines(cut).obstacles).toEqual([
      "line 2 is no whole JSON: the file was cut or damaged",
    ]);
  });

  test("json lines - an envelope may have a field of the event's own called so", () => {
    const own = `{"host":"h","index":"main","fields":{"event":"x","a":"y"},"time":1.5,"event":{"b":1}}`;
    expect(byLines(own).records).toMatchObject([{ raw: '{"b":1}', index: "main", time: 1.5 }]);
    const text = `{"index":"é","time":1.5,"event":"a\\"b"}`;
    expect(byLines(text).records).toMatchObject([{ raw: 'a"b', index: "é" }]);
  });

  test("json lines - regions in any parts give all lines, and those with a word", () => {
    const random = new RandomSource(seed);
    const words = [Buffer.from("tally_sig"), Buffer.from("tallyman:seal")];
    for (let turn = 0; turn < 200; turn += 1) {
      const lines = Array.from({ length: 20 }, (_, at) => {
        const word = random.chance(0.2) ? "tally_sig" : random.chance(0.1) ? "tallyman:seal" : "";
        return `${at}${"x".repeat(Math.floor(random.next() * 30))}${word}${random.chance(0.1) ? "tally_sig" : ""}`;
      });
      const [all, some]: [string[], string[]] = [[], []];
      const regions = new LineRegions((bytes, start, end) => {
        eachLine(bytes, [start, end], (...of) => all.push(of[0].toString("utf8", of[1], of[2])));
        linesWith(words, [bytes, start, end], (...of) =>
          some.push(of[0].toString("utf8", of[1], of[2])),
        );
      });
      const text = Buffer.from(lines.join("\n"));
      for (let at = 0; at < text.length;) {
        const to = at + 1 + Math.floor(random.next() * 60);
        regions.add(text.subarray(at, to));
        at = to;
      }
      regions.end();
      expect(all).toEqual(lines);
      expect(some).toEqual(lines.filter((each) => /tally_sig|tallyman:seal/.test(each)));
    }
  });

  test("json lines - a line that is longer than what is held grows it", () => {
    const raw = "y".repeat(3_000_000);
    expect(byLines(`${row({ _raw: raw }, { lastrow: true })}\n`).records).toMatchObject([{ raw }]);
  });
});
