/** Events: reading and editing by path, records as objects and text, metadata and time. */
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../../src/event/event.ts";
import { UnreadableError } from "../../../src/event/event.ts";
import type { LogEvent } from "../../../src/event/log-event.ts";
import { parsePath } from "../../../src/event/scan/path.ts";
import { timeRule } from "../../support/events/time-rules.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { StepFailure } from "../../../src/platform/step-failure.ts";
import { eventOf, outputOf, paths, textOf } from "../../support/events/single-event.ts";

const record = '{ "a":1, "b" : {"c":"x","d":[1,2,3]}, "e":"\\u00e9","a":2 }';

function edited(text: string, edit: (event: LogEvent) => void): string {
  const event = eventOf(text);
  edit(event);
  const result = textOf(event);
  expect(event.text).toBe(result);
  expect(textOf(event)).toBe(result);
  return result;
}

describe("reading", () => {
  test("event - reads every type of value", () => {
    const event = eventOf(
      '{"s":"x","n":-1.5e2,"i":200,"t":true,"f":false,"z":null,"o":{"x":[1]},"u":"é\\n","e":""}',
    );
    const values = ["s", "n", "i", "t", "f", "z", "o", "u", "e", "none"].map((p) => event.get(p));
    expect(values).toEqual(["x", -150, 200, true, false, null, { x: [1] }, "é\n", "", undefined]);
  });

  test("event - keeps the digits of integers beyond 2^53, and only of those", () => {
    const event = eventOf(
      '{"a":9007199254740993,"b":-12345678901234567890,"c":[1234567890123456789,1.0],"d":9007199254740991,"e":1e20,"f":123456789,"g":-0}',
    );
    expect(event.get("a")).toBe(9007199254740993n);
    expect(event.get("b")).toBe(-12345678901234567890n);
    expect(event.get("c")).toEqual([1234567890123456789n, 1]);
    expect(event.get("d")).toBe(9007199254740991);
    expect(event.get("e")).toBe(1e20);
    expect(event.get("f")).toBe(123456789);
    expect(event.get("g")).toBe(-0);
  });

  test("event - gives the last of several values, and all of them", () => {
    const event = eventOf(record, { scanner: new Scanner(paths("a")) });
    expect(event.get("a")).toBe(2);
    expect(event.getAll("a")).toEqual([1, 2]);
    expect(event.getAll("b.d[*]")).toEqual([1, 2, 3]);
    expect(event.getAll("none")).toEqual([]);
    expect(event.has("b.c")).toBe(true);
    expect(event.has("b.x")).toBe(false);
  });

  test("event - takes paths made at start-up, equal ones, others, and text", () => {
    const [known, equal, other] = [parsePath("a"), parsePath("a"), parsePath("b.c")];
    const event = eventOf(record, { scanner: new Scanner([known, known]) });
    expect([event.get(known), event.get(equal), event.get(other), event.get("e")]).toEqual([
      2,
      2,
      "x",
      "é",
    ]);
    expect(() => event.get("a..b")).toThrow(/column 3/);
  });

  test("event - is not confused by other events of the same scanner", () => {
    const [a] = paths("a");
    const scanner = new Scanner([a!]);
    const first = eventOf('{"a":"first"}', { scanner });
    const second = eventOf('{"long":"xxxxxxxxxxxxxx","a":"second","a":"third"}', { scanner });
    const broken = eventOf("{", { scanner });
    expect(first.get(a!)).toBe("first");
    expect(second.getAll(a!)).toEqual(["second", "third"]);
    expect(first.invalid).toBe(undefined);
    expect(broken.invalid).toEqual({ reason: "ends too early", byte: 1 });
    expect(second.replace(a!, 1)).toBe(2);
    expect(first.get(a!)).toBe("first");
    expect(first.replace(a!, 2)).toBe(1);
    expect([textOf(first), textOf(second)]).toEqual([
      '{"a":2}',
      '{"long":"xxxxxxxxxxxxxx","a":1,"a":1}',
    ]);
  });

  test("event - keeps hundreds of paths given as text apart", () => {
    const event = eventOf(
      `{${Array.from({ length: 600 }, (_, at) => `"k${at}":${at}`).join(",")}}`,
    );
    for (let at = 0; at < 600; at += 1) expect(event.get(`k${at}`)).toBe(at);
    for (let at = 0; at < 600; at += 7) expect(event.get(`k${at}`)).toBe(at);
  });
});

describe("not JSON", () => {
  const broken = Buffer.concat([Buffer.from('{"a":1'), Buffer.from([0xff]), Buffer.from("}")]);

  test("event - says what is wrong, and neither reads nor edits by path", () => {
    const event = eventOf(broken);
    expect(event.invalid?.byte).toBe(6);
    const calls: (() => unknown)[] = [
      () => event.get("a"),
      () => event.getAll("a"),
      () => event.has("a"),
      () => event.set("a", 1),
      () => event.replace("a", 1),
      () => event.delete("a"),
      () => event.record,
    ];
    for (const call of calls) expect(call).toThrow(UnreadableError);
    expect(() => event.get("a")).toThrow(/not JSON: .* at byte 6/);
  });

  test("event - copies its bytes as they are, and shows them as text", () => {
    const event = eventOf(broken);
    expect(outputOf(event)).toEqual(broken);
    expect(event.text).toBe('{"a":1\ufffd}');
    expect(event.time).toBe("1700000000.123");
  });

  test("event - is JSON again once its text is, and the other way round", () => {
    const event = eventOf(broken);
    event.text = '{"a":1}';
    expect([event.invalid, event.get("a"), textOf(event)]).toEqual([undefined, 1, '{"a":1}']);
    event.text = "not";
    expect(event.invalid?.byte).toBe(1);
    expect(() => event.get("a")).toThrow(UnreadableError);
    event.record = { b: 2n ** 64n };
    expect([event.invalid, textOf(event)]).toEqual([undefined, '{"b":18446744073709551616}']);
  });
});

const edits: [string, string, (event: LogEvent) => void, string][] = [
  ["replaces all", record, (e) => e.replace("a", "R"), record.replaceAll(/"a":\d/g, '"a":"R"')],
  ["replaces nothing", record, (e) => e.replace("x", "R"), record],
  ["replaces the record", "[1]", (e) => e.replace("**", 0), "0"],
  ["replaces the outermost", '{"s":{"s":1}}', (e) => e.replace("**.s", 0), '{"s":0}'],
  ["replaces twice", '{"a":1}', (e) => [e.replace("a", "xx"), e.replace("a", 3)], '{"a":3}'],
  [
    "replaces what holds a replacement",
    '{"a":{"b":1,"c":2},"d":3}',
    (e) => [e.replace("a.b", 9), e.replace("d", 8), e.replace("a", 7)],
    '{"a":7,"d":8}',
  ],
  [
    "replaces in a replacement",
    '{"a":1}',
    (e) => [e.replace("a", { b: { c: 1 } }), e.replace("a.b.c", "in")],
    '{"a":{"b":{"c":"in"}}}',
  ],
  ["writes bigints", '{"a":1}', (e) => e.set("a", [2n ** 70n]), '{"a":[1180591620717411303424]}'],
  ["adds to an empty object", " { } ", (e) => e.set("a", 1), ' {"a":1 } '],
  ["adds at the end", '{"a":1 }', (e) => e.set("b", "x"), '{"a":1,"b":"x" }'],
  ["adds several", '{"a":1}', (e) => [e.set("b", 2), e.set("c", 3)], '{"a":1,"b":2,"c":3}'],
  ["adds what it changes", "{}", (e) => [e.set("a", 1), e.set("a", 2)], '{"a":2}'],
  ["makes parents", "{}", (e) => e.set("a.b[0].c", 1), '{"a":{"b":[{"c":1}]}}'],
  ["adds to made parents", "{}", (e) => [e.set("a.b", 1), e.set("a.c", 2)], '{"a":{"b":1,"c":2}}'],
  ["adds to the last parent", '{"a":{},"a":{}}', (e) => e.set("a.b", 1), '{"a":{},"a":{"b":1}}'],
  [
    "finds what was put into a parent of another case",
    '{"a":{}}',
    (e) => [e.set(parsePath("A.b", { ignore_case: true }), 1), e.set("a.b", 2)],
    '{"a":{"b":2}}',
  ],
  ["takes null for no parent", '{"a":null}', (e) => e.set("a.b", 1), '{"a":{"b":1}}'],
  ["appends an item", '{"a":[1]}', (e) => [e.set("a[1]", 2), e.set("a[2]", 3)], '{"a":[1,2,3]}'],
  ["quotes a key", "{}", (e) => e.set('["a\\"\\n.b"]', 1), '{"a\\"\\n.b":1}'],
  ["adds nothing by wildcard", '{"a":{}}', (e) => [e.set("*.x", 1), e.set("**.x", 1)], '{"a":{}}'],
  [
    "adds beside an edit",
    '{"a":1}',
    (e) => [e.replace("a", "longer"), e.set("b", 2)],
    '{"a":"longer","b":2}',
  ],
  [
    "adds in an edited object",
    '{"o":{"a":1}}',
    (e) => [e.replace("o.a", 22), e.set("o.b", 3)],
    '{"o":{"a":22,"b":3}}',
  ],
  [
    "adds in a replaced parent",
    '{"o":1}',
    (e) => [e.replace("o", {}), e.set("o.b", 3)],
    '{"o":{"b":3}}',
  ],
  ["sets __proto__", "{}", (e) => e.set("__proto__.x", 1), '{"__proto__":{"x":1}}'],
  ["removes the first", '{"a":1, "b":2}', (e) => e.delete("a"), '{"b":2}'],
  ["removes the middle", '{"a":1, "b":2 , "c":3}', (e) => e.delete("b"), '{"a":1, "c":3}'],
  ["removes the last", '{"a":1 , "b":2 }', (e) => e.delete("b"), '{"a":1  }'],
  ["removes the only one", '{ "a":1 }', (e) => e.delete("a"), "{  }"],
  ["removes repeated ones", '{"a":1,"b":2,"a":3}', (e) => e.delete("a"), '{"b":2}'],
  ["removes neighbours", '{"a":1,"b":2,"c":3}', (e) => [e.delete("c"), e.delete("b")], '{"a":1}'],
  ["removes all", '{"a":1,"b":2}', (e) => [e.delete("a"), e.delete("b")], "{}"],
  ["removes any", '{"a":1,"b":{"c":2}}', (e) => e.delete("**"), "{}"],
  ["removes items", '{"a":[1,2,3]}', (e) => e.delete("a[1]"), '{"a":[1,3]}'],
  ["removes shifting items", "[1,2,3]", (e) => [e.delete("[0]"), e.delete("[0]")], "[3]"],
  ["removes all items", "[1, 2]", (e) => e.delete("*"), "[]"],
  ["removes what was set", '{"a":1}', (e) => [e.set("b", 2), e.delete("b")], '{"a":1}'],
  [
    "sets what was removed",
    '{"a":1,"b":2}',
    (e) => [e.delete("a"), e.set("a", 3)],
    '{"b":2,"a":3}',
  ],
  [
    "removes what was edited",
    '{"a":1,"b":2}',
    (e) => [e.replace("a", 5), e.delete("a")],
    '{"b":2}',
  ],
  [
    "removes what holds an edit",
    '{"a":{"b":1},"c":2}',
    (e) => [e.replace("a.b", 5), e.delete("a")],
    '{"c":2}',
  ],
  [
    "does not replace what is gone",
    '{"a":{"b":1},"c":2}',
    (e) => [e.delete("a"), e.replace("a.b", 5)],
    '{"c":2}',
  ],
  [
    "keeps commas inside values",
    '{"a":[1,2],"b":",","c":3}',
    (e) => e.delete("b"),
    '{"a":[1,2],"c":3}',
  ],
];

describe("editing", () => {
  test.each(edits)("event - %s", (_, before, edit, after) => {
    expect(edited(before, edit)).toBe(after);
    expect(() => JSON.parse(after) as unknown).not.toThrow();
  });

  test.each([
    ['{"a":1}', "a.b", /cannot set a value/],
    ['{"a":[]}', "a.b", /not an object/],
    ['{"a":{}}', "a[0]", /not an array/],
    ["[1]", "a", /not an object/],
    ["5", "a", /not an object/],
    ['{"a":[1]}', "a[3]", /next item/],
    ["{}", "a[1]", /next item/],
  ])("event - %s refuses to set %s rather than lose what is there", (before, path, message) => {
    const event = eventOf(before);
    expect(() => event.set(path, 1)).toThrow(message);
    expect(textOf(event)).toBe(before);
  });

  test("event - counts what it edits", () => {
    const event = eventOf(record);
    expect(event.replace("a", 0)).toBe(2);
    expect(event.replace("none", 0)).toBe(0);
    expect(event.delete("b.d[*]")).toBe(3);
    expect(event.delete("b.d[*]")).toBe(0);
    expect(event.delete("none")).toBe(0);
  });

  test("event - reads what it edited, and the rest", () => {
    const [a, c] = paths("a", "b.c");
    const event = eventOf(record, { scanner: new Scanner([a!, c!]) });
    event.replace(a!, "masked");
    expect(event.getAll(a!)).toEqual(["masked", "masked"]);
    expect(event.get(c!)).toBe("x");
    expect(event.get("b")).toEqual({ c: "x", d: [1, 2, 3] });
    event.set("b.d[0]", "first");
    expect(event.get("b")).toEqual({ c: "x", d: ["first", 2, 3] });
    event.delete("b.c");
    expect(event.has(c!)).toBe(false);
    expect(event.get("b.d[0]")).toBe("first");
    event.set("new.er", true);
    expect([event.get("new.er"), event.get("new"), event.has("*.er")]).toEqual([
      true,
      { er: true },
      true,
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, Symbol("x"), { a: NaN }])(
    "event - refuses to write %s, and is as it was",
    (value) => {
      const event = eventOf('{"a":1}');
      expect(() => event.set("a", value as JsonValue)).toThrow(StepFailure);
      expect(() => event.set("b", value as JsonValue)).toThrow(StepFailure);
      expect(() => {
        event.record = value as JsonValue;
      }).toThrow(StepFailure);
      expect(textOf(event)).toBe('{"a":1}');
    },
  );

  test("event - does not keep the bytes of an object that changes between two uses", () => {
    const [a] = paths("a");
    const scanner = new Scanner([a!]);
    const value = { x: 1 };
    const first = eventOf('{"a":0}', { scanner });
    first.replace(a!, value);
    value.x = 2;
    const second = eventOf('{"a":0}', { scanner });
    second.replace(a!, value);
    expect([textOf(first), textOf(second)]).toEqual(['{"a":{"x":1}}', '{"a":{"x":2}}']);
  });

  test("event - edits tens of thousands of values in good time", () => {
    const members = Array.from({ length: 40_000 }, (_, at) => `"s":${at},"t":"x"`).join(",");
    const event = eventOf(`{${members}}`);
    expect(event.replace("s", "R")).toBe(40_000);
    expect(event.replace("**.t", "R")).toBe(40_000);
    expect(event.delete("s")).toBe(40_000);
    expect(new Set(event.getAll("*"))).toEqual(new Set(["R"]));
  });
});

describe("record and text", () => {
  test("event - the record is the parsed object, and what is done to it counts", () => {
    const event = eventOf('{ "a" : 1.0, "id":12345678901234567890 }');
    const object = event.record as { a: JsonValue; b?: number; id: bigint };
    expect(object.id).toBe(12345678901234567890n);
    object.a = "x";
    expect(event.get("a")).toBe("x");
    object.b = 2;
    expect(event.text).toBe('{"a":"x","id":12345678901234567890,"b":2}');
    expect(event.record).toBe(object);
    delete object.b;
    expect(textOf(event)).toBe('{"a":"x","id":12345678901234567890}');
  });

  test("event - an edit by path starts from the record and lets go of it", () => {
    const event = eventOf('{"a":1}');
    const object = event.record as Record<string, JsonValue>;
    object["b"] = 2;
    event.set("c", 3);
    object["b"] = "too late";
    expect(event.record).toEqual({ a: 1, b: 2, c: 3 });
  });

  test("event - what JSON does not have throws at commit, once", () => {
    const event = eventOf('{"a":1}');
    (event.record as Record<string, JsonValue>)["a"] = Number.NaN;
    expect(() => event.commit()).toThrow(StepFailure);
    expect(textOf(event)).toBe('{"a":1}');
    (event.record as Record<string, JsonValue>)["a"] = 2;
    event.discard();
    expect(event.text).toBe('{"a":1}');
  });

  test("event - a record may be any value, and a text anything", () => {
    const event = eventOf('{"a":1}');
    event.record = null;
    expect([event.text, event.record, event.invalid]).toEqual(["null", null, undefined]);
    event.text = "é\ud800";
    expect(textOf(event)).toBe("é\ufffd");
    event.text = "";
    expect([event.byteLength, event.invalid?.reason]).toEqual([0, "nothing but white space"]);
  });

  test("event - text holds the edits so far", () => {
    const event = eventOf(record);
    event.replace("b", null);
    expect(event.text).toBe(record.replace('{"c":"x","d":[1,2,3]}', "null"));
    expect(event.get("a")).toBe(2);
  });

  test.each([
    ["text", 'no json \xff\xc3( \xed\xa0\x80 "', "text"],
    ["text of JSON", ' { "a" : 1.0 }', "text"],
    ["a string in JSON", ' "\\u0061\\/" ', "record"],
  ] as const)(
    "event - set to what it is, %s is not changed, and keeps its bytes",
    (_, bytes, name) => {
      const event = eventOf(Buffer.from(bytes, "latin1"));
      const value = event[name];
      Object.assign(event, { [name]: value });
      event.commit();
      expect(event.changes).toBe(0);
      const copy = Buffer.alloc(event.byteLength);
      expect(event.copyTo(copy, 0)).toBe(copy.length);
      expect(copy.toString("latin1")).toBe(bytes);
    },
  );

  test("event - an unedited record is copied byte for byte, even when it was read", () => {
    const event = eventOf(record);
    event.get("b");
    event.getAll("**");
    event.replace("none", 1);
    expect(textOf(event)).toBe(record);
  });
});

describe("metadata and time", () => {
  test("event - shares its block's metadata until a step changes it", () => {
    const scanner = new Scanner([]);
    const [first, second] = [eventOf("{}", { scanner }), eventOf("{}", { scanner })];
    expect(first.metadata).toBe(first.block.origin.metadata);
    first.host = "h";
    expect(first.metadata).toBe(first.block.origin.metadata);
    first.host = "other";
    first.index = "main";
    first.sourcetype = undefined;
    expect(first.metadata).toEqual({ host: "other", index: "main" });
    expect(second.metadata).toEqual({ host: "h", sourcetype: "t" });
    expect([first.host, first.source, first.sourcetype, first.index]).toEqual([
      "other",
      undefined,
      undefined,
      "main",
    ]);
  });

  test("event - equal changes give the same metadata, however many there were in between", () => {
    const scanner = new Scanner([]);
    const origin = { metadata: { host: "h" } };
    const changed = (source: string): unknown => {
      const event = eventOf("{}", { scanner, origin });
      event.source = source;
      return event.metadata;
    };
    expect(changed("a")).toBe(changed("a"));
    for (let at = 0; at < 3000; at += 1)
      expect(changed(`s${at}`)).toEqual({ host: "h", source: `s${at}` });
    expect(changed("a")).toEqual({ host: "h", source: "a" });
  });

  test("event - takes flat indexed fields only", () => {
    const event = eventOf("{}");
    event.fields = { a: "x", b: 1, c: [true, "y"] };
    expect(event.fields).toEqual({ a: "x", b: 1, c: [true, "y"] });
    const hole: unknown[] = [];
    hole[1] = "x";
    for (const bad of [{}, null, Number.NaN, [[1]], 1n, hole].map((value) => ({ a: value }))) {
      expect(() => {
        event.fields = bad as unknown as LogEvent["fields"];
      }).toThrow(StepFailure);
    }
    const list = ["x"];
    event.fields = { list };
    list.push({} as string);
    expect(event.fields).toEqual({ list: ["x"] });
    expect(() => {
      event.host = 5 as unknown as string;
    }).toThrow(/host must be a string/);
    event.fields = undefined;
    expect(event.metadata).toEqual({ host: "h", sourcetype: "t" });
  });

  test("event - its time is the first usable of its time paths, or else when it was read", () => {
    const time = timeRule(["when", "time", "ns"]);
    const timeOf = (text: string): string => {
      const event = eventOf(text, { time });
      const target = Buffer.alloc(24, 0x23);
      const end = event.writeTime(target, 1);
      expect(target.toString("latin1", 1, end)).toBe(event.time);
      expect(target[end]).toBe(0x23);
      return event.time;
    };
    expect(timeOf('{"time":"2025-03-21T06:37:27.915055685Z"}')).toBe("1742539047.915055685");
    expect(timeOf('{"when":"never","time":"2025-03-21T06:37:27Z"}')).toBe("1742539047");
    expect(timeOf('{"time":1700000000.123456789}')).toBe("1700000000.123456789");
    expect(timeOf('{"time":"1700000000123"}')).toBe("1700000000.123");
    expect(timeOf('{"ns":1700000000123456789}')).toBe("1700000000.123456789");
    expect(timeOf('{"time":"2025-03-21T06\\u003a37:27Z"}')).toBe("1742539047");
    for (const none of ['{"time":-1}', '{"time":null}', '{"time":{}}', '{"time":""}', "[]", "x"]) {
      expect(timeOf(none)).toBe("1700000000.123");
    }
  });

  test("event - its time can be set, to digits only", () => {
    const event = eventOf("x");
    event.time = "1742539047.915055685";
    const target = Buffer.alloc(24);
    expect(target.toString("latin1", 0, event.writeTime(target, 0))).toBe("1742539047.915055685");
    for (const bad of ["", "x", "-1", "1e9", "1.", "1.1234567890", "2147483648", "01", "1,5", 5]) {
      expect(() => {
        event.time = bad as string;
      }).toThrow(StepFailure);
    }
    expect(event.time).toBe("1742539047.915055685");
  });

  test("event - knows its place and how it ends", () => {
    const event = eventOf("{}", { offset: 1000 });
    expect([event.number, event.offset, event.truncation]).toEqual([1, 1014, undefined]);
    expect(event.drop("noise")).toMatchObject({ fate: "dropped", reason: "noise" });
    expect(event.quarantine("odd", "why")).toMatchObject({ fate: "quarantined", detail: "why" });
  });
});
