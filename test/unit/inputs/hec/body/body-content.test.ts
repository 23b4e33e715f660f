/** From a body to records: the events' own bytes, their metadata and time, and what is wrong with the others. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Records } from "../../../../../src/event/block.ts";
import { MetadataVariants } from "../../../../../src/event/metadata.ts";
import { TimestampReader } from "../../../../../src/event/time/timestamp-reader.ts";
import {
  body_events_max,
  body_faults_max,
  BodyContentReader,
  type BodyContent,
} from "../../../../../src/inputs/hec/body/body-content.ts";
import type { WholeFramer } from "../../../../../src/inputs/framing/contract/framer.ts";
import { rawBody } from "../../../../../src/inputs/hec/body/raw-body.ts";
import { QueryReader } from "../../../../../src/inputs/hec/http/request-query.ts";
import { longTest, sampled } from "../../../../support/effort.ts";
import { toyFraming } from "../../../../support/framing/toy-framing.ts";
import {
  damaged_json,
  json_object_text,
  json_text,
} from "../../../../support/random/json-arbitraries.ts";

const metadata = { host: "here", sourcetype: "config", fields: { site: "a" } };
const now_ms = 1_742_539_047_915;

function makeReaders(event_bytes_max = 1024 * 1024, raw_framer: WholeFramer = rawBody) {
  const variants = new MetadataVariants();
  const timestamps = new TimestampReader();
  const origin = { input: "weka", stream: ":8088", metadata };
  const content = new BodyContentReader({
    origin,
    raw_framer,
    event_bytes_max,
    variants,
    timestamps,
  });
  return { content, queries: new QueryReader(metadata, variants, timestamps) };
}

function read(body: string, query = "", endpoint: "event" | "raw" = "event"): BodyContent {
  const { content, queries } = makeReaders();
  return content.read(Buffer.from(body), endpoint, queries.read(query), now_ms);
}

function textsOf(records: Records): string[] {
  return Array.from({ length: records.count }, (_, number) =>
    records.bytes.toString("utf8", records.starts[number], records.ends[number]),
  );
}

function texts(body: string, query = "", endpoint: "event" | "raw" = "event"): string[] {
  return textsOf(read(body, query, endpoint).records);
}

/** Metadata and time of the first record. */
function facts(body: string, query = ""): { metadata: unknown; time: string | undefined } {
  const { records } = read(body, query);
  const known = records.known?.[0];
  return { metadata: known?.metadata ?? records.origin.metadata, time: known?.time };
}

describe("the event's bytes", () => {
  test.each([
    [
      '{"event":{"b" : 1,"a":1.50,"b":12345678901234567890}}',
      '{"b" : 1,"a":1.50,"b":12345678901234567890}',
    ],
    ['{"event":[1, 2]}', "[1, 2]"],
    ['{"event":42.0}', "42.0"],
    ['{"event":false}', "false"],
    ['{"event":{}}', "{}"],
    ['{"event":"plain text"}', "plain text"],
    ['{"event":"naïve 😀"}', "naïve 😀"],
    ['{"event":"a\\nb\\t\\"c\\" \\u00e9\\ud83d\\ude00"}', 'a\nb\t"c" é😀'],
    ['{"event":"{\\"a\\":1}"}', '{"a":1}'],
    ['{"ev\\u0065nt":"spelled"}', "spelled"],
    ['{"event":"\\ud800"}', "\ufffd"],
  ])("hec - %s is read", (body, text) => {
    expect(texts(body)).toEqual([text]);
    expect(texts(`${body}{"event":"next"}\n${body}`)).toEqual([text, "next", text]);
  });

  test("hec - an object that is no envelope is the event, whatever keys it has", () => {
    for (const body of [
      '{"version":"1","event":"","time":"2025-03-21T06:37:27.9Z","api":{"name":"PutObject"}}',
      '{"event":"login","user":"x"}',
      '{"event":"a","event":"b"}',
      '{"event":"a","host":"h","host":"i"}',
      '{"Event":"a"}',
      '{"a":1}',
    ]) {
      const { records, fault, kind } = read(body);
      expect(textsOf(records)).toEqual([body]);
      expect({ fault, kind, known: records.known }).toEqual({
        fault: undefined,
        kind: "events",
        known: undefined,
      });
    }
  });

  test("hec - any JSON value comes out of its envelope byte for byte", () => {
    fc.assert(
      fc.property(json_text, fc.constantFrom("", " ", "\n"), (value, space) => {
        const text = value.trim();
        fc.pre(text !== "null" && !text.startsWith('"'));
        expect(texts(`{"host":"h",${space}"event"${space}:${space}${text}${space}}`)).toEqual([
          text,
        ]);
      }),
    );
  });

  test("hec - any text comes out of its envelope as it was, and unmixed with its neighbours", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((it) => /[^\0- ]/.test(it));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.boolean(), (all, escaped) => {
        const body = all
          .map((each) => JSON.stringify({ event: each }))
          .map((each) => (escaped ? each.replaceAll(/[^\0-~]/g, escapeUnit) : each))
          .join("\n");
        expect(texts(body)).toEqual(all);
      }),
    );
  });

  test("hec - bare objects come out byte for byte from every endpoint", () => {
    fc.assert(
      fc.property(fc.array(json_object_text, { minLength: 2, maxLength: 4 }), (objects) => {
        const wanted = objects.map((each) => `{"own":${each.trim()}}`);
        expect(texts(wanted.join("\n"))).toEqual(wanted);
        expect(texts(wanted.join("\n"), "", "raw")).toEqual(wanted);
      }),
    );
  });

  test("hec - raw takes envelopes and text as they stand", () => {
    const lines = ['{"event":"a","host":"h"}', "text", '{"event":""}', "{broken", "null"];
    const { records, fault } = read(lines.join("\n"), "", "raw");
    expect(textsOf(records)).toEqual(lines);
    expect([fault, records.known]).toEqual([undefined, undefined]);
  });

  test("hec - an event that is too long is cut, and marked with what it was", () => {
    const { content, queries } = makeReaders(1024);
    const overlong = "é".repeat(1000);
    const body = Buffer.from(`{"event":"a"}{"event":"\\n${overlong}"}{"event":"${overlong}"}`);
    const { records } = content.read(body, "event", queries.read(""), now_ms);
    expect(Array.from(records.ends, (end, at) => end - records.starts[at]!)).toEqual([
      1, 1023, 1024,
    ]);
    const digest = (each: string): string => createHash("sha256").update(each).digest("hex");
    expect(records.truncations).toEqual(
      new Map([
        [1, { original_bytes: 2001, original_sha256: digest(`\n${overlong}`) }],
        [2, { original_bytes: 2000, original_sha256: digest(overlong) }],
      ]),
    );
  });

  test("hec - an event that is too long is not cut within a character", () => {
    const { content, queries } = makeReaders(4);
    const body = Buffer.from('{"event":"abc€"}{"event":"\\u0061bc€"}');
    const { records } = content.read(body, "event", queries.read(""), now_ms);
    expect(textsOf(records)).toEqual(["abc", "abc"]);
  });

  test("hec - behind too many faults all is kept in pieces, and none of it as a record of its own", () => {
    const { content, queries } = makeReaders(10);
    const faulty = "x\n".repeat(body_faults_max);
    const rest = `${"{}\n".repeat(7)}{"a":1}`;
    const { records, kind } = content.read(
      Buffer.from(faulty + rest),
      "event",
      queries.read(""),
      now_ms,
    );
    expect(kind).toBe("events");
    const pieces = textsOf(records).slice(body_faults_max);
    expect(pieces.join("")).toBe(rest);
    expect(pieces.map((piece) => piece.length)).toEqual([10, 10, 8]);
    const reasons = records.known
      ?.slice(body_faults_max - 1)
      .map((known) => known?.verdict?.reason);
    expect(reasons).toEqual(["not_json", "behind_faults", "behind_faults", "behind_faults"]);
  });

  test("hec - as many faults as get records of their own leave the next event alone", () => {
    const body = `${"x\n".repeat(body_faults_max - 1)}{"a":1}`;
    const { records } = read(body);
    expect(records.known?.at(-1)?.verdict).toBeUndefined();
    expect(textsOf(records).at(-1)).toBe('{"a":1}');
  });

  test("hec - raw bodies can have another framing, that goes on where it was when there is room again", () => {
    const sent = Array.from({ length: 3000 }, (_, number) => `${number}${"x".repeat(number % 9)}`);
    const { content, queries } = makeReaders(8, toyFraming);
    const { kind, records } = content.read(
      Buffer.from(`;${sent.join(";")}`),
      "raw",
      queries.read(""),
      now_ms,
    );
    expect(kind).toBe("events");
    expect(textsOf(records)).toEqual(sent.map((text) => text.slice(0, 8)));
    const cut = [...sent.keys()].filter((number) => sent[number]!.length > 8);
    expect([...records.truncations!.keys()]).toEqual(cut);
    expect(records.truncations!.get(cut.at(-1)!)?.original_bytes).toBe(sent[cut.at(-1)!]!.length);
  });

  longTest(
    "hec - a body of more events than are taken at once gives none, and the one after it is read",
    () => {
      const { content, queries } = makeReaders();
      const query = queries.read("");
      for (const endpoint of ["event", "raw"] as const) {
        const most = Buffer.from('{"a":1}'.repeat(body_events_max));
        expect(content.read(most, endpoint, query, now_ms).records.count).toBe(body_events_max);
        const more = Buffer.concat([most, Buffer.from("{}")]);
        const { kind, records } = content.read(more, endpoint, query, now_ms);
        expect({ kind, count: records.count }).toEqual({ kind: "too_many", count: 0 });
        expect(content.read(Buffer.from('{"a":1}'), endpoint, query, now_ms).records.count).toBe(1);
      }
    },
  );

  test("hec - a body of very many events is read, and so is the one after it", () => {
    const { content, queries } = makeReaders();
    const body = Buffer.from('{"event":1}'.repeat(200_000));
    const many = content.read(body, "event", queries.read(""), now_ms);
    expect(many.records.count).toBe(200_000);
    expect(many.records.starts.at(-1)).toBe(body.length - 2);
    const one = content.read(Buffer.from('{"event":2}'), "event", queries.read(""), now_ms);
    expect(textsOf(one.records)).toEqual(["2"]);
    expect(many.records.count).toBe(200_000);
  });
});

describe("metadata and time", () => {
  test("hec - the envelope comes before the query, and the query before the configuration", () => {
    const query = "host=q&source=q%20s&index=q&sourcetype=";
    const base = { ...metadata, host: "q", source: "q s", index: "q" };
    expect(facts('{"event":"a"}')).toEqual({ metadata, time: undefined });
    expect(facts('{"event":"a"}', query)).toEqual({ metadata: base, time: undefined });
    expect(facts('{"a":1}', query)).toEqual({ metadata: base, time: undefined });
    const body = '{"event":"a","host":"é\\n","sourcetype":"e","index":null,"source":""}';
    expect(facts(body, query).metadata).toEqual({ ...base, host: "é\n", sourcetype: "e" });
  });

  test("hec - raw events carry what the query says", () => {
    const { records } = read("text\n{}", "host=q&time=1.5", "raw");
    expect(records.known).toEqual([
      { metadata: { ...metadata, host: "q" }, time: "1.5" },
      { metadata: { ...metadata, host: "q" }, time: "1.5" },
    ]);
  });

  test.each([
    ["1700000000.123456789", "1700000000.123456789"],
    ['"1700000000.123456789"', "1700000000.123456789"],
    ["1433188255.500", "1433188255.500"],
    ["1433188255", "1433188255"],
    ["1700000000123", "1700000000.123"],
    ["1700000000123456789", "1700000000.123456789"],
    ['"2025-03-21T06:37:27.915055685Z"', "1742539047.915055685"],
    ["1.426279439123E9", "1426279439.123"],
    ["1.7e+09", "1700000000"],
    ['"1.70000000050e9"', "1700000000.50"],
    ["0", "0"],
    ["null", "99"],
  ])("hec - the time %s is %s", (time, digits) => {
    expect(facts(`{"event":"a","time":${time}}`, "time=99").time).toBe(digits);
  });

  test("hec - without a time in the envelope that of the query counts, where it is one", () => {
    expect(facts('{"event":"a"}', "time=12.25").time).toBe("12.25");
    expect(facts('{"event":"a"}', "time=now").time).toBe(undefined);
  });

  test("hec - events do not inherit from the one before", () => {
    const { records } = read('{"event":"a","host":"h","time":1}{"event":"b"}');
    expect(records.known?.[1]).toBe(undefined);
  });

  test("hec - equal metadata are the same object, from request to request", () => {
    const { content, queries } = makeReaders();
    const body = '{"event":1,"host":"h","index":"i","fields":{"a":1}}';
    const seen = new Set<unknown>();
    for (let time = 0; time < 3; time += 1) {
      const query = queries.read("source=s");
      const { records } = content.read(Buffer.from(body + body), "event", query, now_ms);
      for (const known of records.known!) seen.add(known?.metadata);
    }
    expect(seen.size).toBe(1);
  });

  test("hec - fields are added to those of the configuration, with the digits of their numbers", () => {
    const body =
      '{"event":1,"fields":{"n":7,"f":1.50,"big":12345678901234567890,"b":true,"t":"x","l":["a",1]}}';
    const fields = {
      site: "a",
      n: 7,
      f: "1.50",
      big: "12345678901234567890",
      b: true,
      t: "x",
      l: ["a", 1],
    };
    expect(facts(body).metadata).toEqual({ ...metadata, fields });
    expect(facts('{"event":1,"fields":{}}').metadata).toEqual(metadata);
    expect(facts('{"event":1,"fields":null}').metadata).toEqual(metadata);
  });
});

describe("what Splunk would refuse", () => {
  test.each([
    ["hello", 6, "not_json"],
    ['{"event":"a"', 6, "not_json"],
    ["[1,2]", 6, "not_json"],
    ['"a"', 6, "not_json"],
    ['{"event":"a","time":-1}', 6, "unusable_time"],
    ['{"event":"a","time":"abc"}', 6, "unusable_time"],
    ['{"event":"a","time":4102444800}', 6, "unusable_time"],
    ['{"event":"a","time":1e99}', 6, "unusable_time"],
    ['{"event":"a","time":1.5e-3}', 6, "unusable_time"],
    ['{"event":"a","time":{}}', 6, "unusable_time"],
    ['{"event":"a","host":5}', 6, "unusable_metadata"],
    [`{"event":"a","index":"${"i".repeat(2000)}"}`, 6, "unusable_metadata"],
    ['{"host":"a"}', 12, "no_event_field"],
    ['{"event":null}', 12, "no_event_field"],
    ['{"fields":{"a":1}}', 12, "no_event_field"],
    ['{"event":""}', 13, "blank_event"],
    ['{"event":" \\n\\t"}', 13, "blank_event"],
    ['{"event":"a","fields":{"a":{"b":1}}}', 15, "unusable_fields"],
    ['{"event":"a","fields":{"a":[["b"]]}}', 15, "unusable_fields"],
    ['{"event":"a","fields":{"a":null}}', 15, "unusable_fields"],
    ['{"event":"a","fields":[]}', 15, "unusable_fields"],
  ])("hec - %s has code %i and is quarantined as %s", (bad, code, reason) => {
    const { records, fault } = read(`{"event":"x"}\n${bad}\n{"event":"y"}`);
    expect(JSON.parse(fault!.reply.body)).toMatchObject({ code });
    expect(fault!.reply.status).toBe(400);
    expect(textsOf(records)).toEqual(["x", bad, "y"]);
    const verdicts = records.known!.map((known) => known?.verdict);
    expect(verdicts).toEqual([undefined, fault!.verdict, undefined]);
    expect(fault!.verdict).toMatchObject({ fate: "quarantined", reason });
  });

  test("hec - the first fault of several is the one that counts", () => {
    expect(read('{"event":""}\n{').fault?.verdict.reason).toBe("blank_event");
  });
});

describe("probes", () => {
  test("hec - one empty object is a probe, among others it is not", () => {
    for (const endpoint of ["event", "raw"] as const) {
      for (const body of ["{}", " { \n} \n", "[{}]"]) {
        expect(read(body, "", endpoint).kind).toBe("probe");
      }
      expect(read("", "", endpoint).kind).toBe("blank");
      expect(read("{}{}", "", endpoint).kind).toBe("events");
    }
    expect(texts("{}\n{}", "", "raw")).toEqual(["{}", "{}"]);
    expect(read('{}{"event":1}').fault?.verdict.reason).toBe("no_event_field");
  });
});

describe("any bytes", () => {
  sampled(
    "hec - whatever a body holds, every record is within it, and none is blank",
    { sample: 120, all: 3000 },
    (runs) => {
      const { content, queries } = makeReaders(1024);
      const envelope = fc
        .tuple(fc.constantFrom("event", "time", "host", "fields", "other"), json_text)
        .map(([key, value]) => Buffer.from(`{"${key}":${value},"event":${value}}`));
      const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
      const part = fc.oneof(damaged_json, envelope, bytes);
      fc.assert(
        fc.property(
          fc.array(part, { maxLength: 6 }),
          fc.constantFrom("", "\n"),
          fc.constantFrom<"event" | "raw">("event", "raw"),
          (parts, separator, endpoint) => {
            const body = Buffer.concat(parts.flatMap((each) => [each, Buffer.from(separator)]));
            const { records, fault } = content.read(body, endpoint, queries.read("host=q"), now_ms);
            for (let number = 0; number < records.count; number += 1) {
              const start = records.starts[number]!;
              const end = records.ends[number]!;
              expect(start).toBeLessThan(end);
              expect(end).toBeLessThanOrEqual(records.bytes.length);
              expect(records.known?.[number]?.metadata).toBeDefined();
              if (fault === undefined) expect(records.known?.[number]?.verdict).toBe(undefined);
            }
          },
        ),
        { numRuns: runs },
      );
    },
  );
});

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
