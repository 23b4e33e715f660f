/** A line of the agent's own archive that is read by hand means what JSON.parse says, whatever stands in it. */
import { describe, expect, test } from "vitest";
import { ArchiveRow } from "../../../../../src/proof/verify/reading/archive-row.ts";
import { JsonLines } from "../../../../../src/proof/verify/reading/json-lines.ts";
import {
  rawOf,
  timeIn,
  type ExportRecord,
} from "../../../../../src/proof/verify/reading/record.ts";
import { RandomSource } from "../../../../support/random/random-source.ts";
import { seed } from "../../../../support/seed.ts";

function plain(record: ExportRecord): object {
  const { place, is_impossible, index, sourcetype, time, signature } = record;
  const raw = rawOf(record).toString();
  const ms = timeIn(time);
  return { raw, place: place && { ...place }, is_impossible, index, sourcetype, ms, signature };
}

const row = new ArchiveRow();

function byHand(line: string): object | undefined {
  const bytes = Buffer.from(`before\n${line}\n`);
  return row.read(bytes, 7, bytes.length - 1) ? plain(row) : undefined;
}

/** A blank at its end is enough for a line to be left to JSON.parse. */
function byParse(line: string): object[] {
  expect(byHand(`${line} `)).toBeUndefined();
  const records: object[] = [];
  const bytes = Buffer.from(`${line} \n`);
  new JsonLines((record) => records.push(plain(record))).line(bytes, 0, bytes.length - 1);
  return records;
}

const place = '"tally_lane":"k7q2m5xa.1","tally_block":"12","tally_i":"33"';
const lines = {
  "all there can be": `{"host":"h\\"","source":"/é","sourcetype":"audit","index":"main","fields":{"a":"b"},"time":1764410000.123000000,"fields":{"a":"b\\n","list":["c","d"],${place}},"event":{"a":"b\\"}","event":[1]}}`,
  "a text": String.raw`{"host":"h","time":0,"fields":{${place}},"event":"a\"b\u00e9\\ud83d\ude00,"}`,
  "no place": `{"index":"i","time":1.5,"event":{}}`,
  "a seal": `{"sourcetype":"tallyman:seal","fields":{"tally_sig":"— a AAA="},"time":1.5,"event":"{\\"v\\":1}"}`,
  "fields that others take the place of": `{"fields":{"tally_sig":"x","tally_lane":"k7q2m5xa.2"},"time":1.5,"fields":{${place}},"event":1}`,
  "no event": `{"time":1.5,"event":}`,
};

describe("archive row", () => {
  test.each(Object.entries(lines))("archive row - %s", (_, line) => {
    expect(byHand(line)).toBeDefined();
    expect(byParse(line)).toEqual([byHand(line)]);
    expect(byHand(`${line}\r`)).toEqual(byHand(line));
  });

  test.each([
    ["a field called like the event", `{"fields":{"a":"b","event":"c"},"time":1,"event":{}}`],
    ["a number in a field", `{"fields":{"a":1},"time":1,"event":{}}`],
    ["a key twice", `{"index":"a","index":"b","time":1,"event":{}}`],
    ["a place twice", `{"time":1,"fields":{${place},"tally_i":"34"},"event":{}}`],
    ["several values", `{"time":1,"fields":{${place.replace('"33"', '["1","2"]')}},"event":{}}`],
    ["half a place", `{"time":1,"fields":{"tally_lane":"k7q2m5xa.1"},"event":{}}`],
    ["an empty index", `{"index":"","time":1,"event":{}}`],
    ["an empty signature", `{"time":1,"fields":{"tally_sig":""},"event":{}}`],
    ["no fields", `{"time":1,"fields":{},"event":{}}`],
    ["another key", `{"Host":"h","time":1,"event":{}}`],
    ["a time that is none", `{"time":01,"event":{}}`],
    ["a dot and no digits", `{"time":1.,"event":{}}`],
    ["text behind the text", `{"time":1,"event":"a"b}`],
    ["no end", `{"time":1,"event":{"a":1`],
    ["blanks", `{"time": 1,"event":{}}`],
    ["an escape in a key", String.raw`{"\u0068ost":"h","time":1,"event":{}}`],
  ])("archive row - %s is left to JSON.parse", (_, line) => {
    expect(byHand(line)).toBeUndefined();
  });

  test(`archive row - whatever byte is changed, taken or put in (seed ${seed})`, () => {
    const random = new RandomSource(seed);
    const bytes = Array.from(`{}[]":,.\\0158abué \r`);
    let read = 0;
    for (let turn = 0; turn < 4000; turn += 1) {
      const from = random.one(Object.values(lines));
      const at = random.between(0, from.length - 1);
      const put = random.chance(0.3) ? "" : random.one(bytes);
      const changed = `${from.slice(0, at)}${put}${from.slice(at + random.between(0, 1))}`;
      // With these only the other way is tried.
      if (/[ \r]$/.test(changed)) continue;
      const own = byHand(changed);
      if (own === undefined) continue;
      read += 1;
      expect(byParse(changed), changed).toEqual([own]);
    }
    expect(read).toBeGreaterThan(300);
  });

  test("archive row - a head that is no JSON is damage, and no end of the whole", () => {
    const records: unknown[] = [];
    const json = new JsonLines((record) => records.push(record));
    const bytes = Buffer.from(`{"time":1.2.3,"event":{}}\n`);
    json.line(bytes, 0, bytes.length - 1);
    expect(records).toEqual([]);
    expect(json.end()).toEqual(["line 1 is no whole JSON: the file was cut or damaged"]);
  });
});
