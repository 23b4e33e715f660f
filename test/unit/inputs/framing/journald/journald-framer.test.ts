/**
 * Entries of the journal's export: what each becomes, and what is none.
 */
import { describe, expect, it } from "vitest";
import { framings } from "../../../../../src/inputs/framing/framings.ts";
import { fieldOf } from "../../../../support/framing/journal-exports.ts";

const framer = framings.journald.framer({}, "file");

interface Options {
  readonly is_last?: boolean;
  readonly state?: { rest: true };
  readonly event_bytes_max?: number;
}

function framed(text: string, options: Options = {}) {
  const { is_last = false, state, event_bytes_max = 10_000 } = options;
  const starts = new Int32Array(100);
  const ends = new Int32Array(100);
  const window = { bytes: Buffer.from(text, "latin1"), from: 0, is_last, state };
  const found = framer.frame(window, { starts, ends, event_bytes_max });
  const texts = Array.from({ length: found.count }, (_, number) =>
    found.made!.bytes.toString("utf8", starts[number], ends[number]),
  );
  return { found, texts, header: found.headers?.get(0) };
}

const text = (...fields: [string, string][]): string =>
  fields.map(([name, value]) => fieldOf(name, value)).join("");

describe("journald - what an entry becomes", () => {
  it("journald - an object of its fields as they are named, in their order", () => {
    const entry = text(
      ["__CURSOR", "s=1"],
      ["__REALTIME_TIMESTAMP", "1752480000123456"],
      ["_HOSTNAME", "db-1"],
      ["A", "1"],
      ["MESSAGE", 'a "b" \\ é\t'],
      ["A", "2"],
      ["EMPTY", ""],
    );
    const { texts, header, found } = framed(`${entry}\n${text(["B", "3"])}\nnext`);
    expect(texts).toEqual([
      '{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"1752480000123456","_HOSTNAME":"db-1","A":["1","2"],' +
        `"MESSAGE":${JSON.stringify(Buffer.from('a "b" \\ é\t', "latin1").toString())},"EMPTY":""}`,
      '{"B":"3"}',
    ]);
    expect(header).toEqual({
      timestamp: "1752480000123456",
      host: "db-1",
      from: { text: "db-1", parts: [] },
    });
    expect(found.end).toBe(entry.length + 1 + 5);
  });

  it("journald - values with line ends, NUL and ends of entries in them keep all of it", () => {
    const value = "a\n\n__CURSOR=s\nB=1\0\u001b[1m";
    expect(framed(`${fieldOf("MESSAGE", value, true)}\n`).texts).toEqual([
      JSON.stringify({ MESSAGE: value }),
    ]);
  });

  it("journald - bytes that are no UTF-8 are replaced in the text, so that steps find what is in it", () => {
    const value = '{"password":"secret"}\xff';
    expect(framed(`${fieldOf("MESSAGE", value, true)}\n`).texts).toEqual([
      JSON.stringify({ MESSAGE: '{"password":"secret"}\ufffd' }),
    ]);
  });

  it.each([
    ["x", "a b"],
    ["", ""],
    ["9".repeat(18), "a\u001bb"],
  ])("journald - a time %j and a host %j are none", (time, host) => {
    const entry = text(["__REALTIME_TIMESTAMP", time], ["_HOSTNAME", host]);
    expect(framed(`${entry}\n`).header).toBe(undefined);
  });

  it("journald - the host is not a part of one", () => {
    expect(framed("_HOSTNAME=db-1", { is_last: true }).header).toBe(undefined);
    const long = `${"A=1\n".repeat(18)}_HOSTNAME=db-12345\n\n`;
    expect(framed(long, { event_bytes_max: 45 }).header).toBe(undefined);
  });
});

describe("journald - entries without their end", () => {
  it("journald - an entry waits for its blank line", () => {
    for (const part of ["A", "A=1", "A=1\n", "A\n\x02\0\0\0\0\0\0\0a", "A=1\nB"]) {
      const { found } = framed(`X=1\n\n${part}`);
      expect([found.count, found.end, found.followed]).toEqual([1, 5, true]);
    }
  });

  it.each([
    ["A=1", '{"A":"1"}'],
    ["A=1\nB", '{"A":"1","B":null}'],
    ["A\n\x02\0\0\0", '{"A":null}'],
    ["A\n\x09\0\0\0\0\0\0\0abc", '{"A":"abc"}'],
  ])("journald - %j is what there is, if nothing more comes", (part, json) => {
    const { found, texts } = framed(part, { is_last: true });
    expect(texts).toEqual([json]);
    expect([found.is_unfinished, found.state]).toEqual([true, { rest: true }]);
  });

  it("journald - the rest of one is kept back, until one surely begins", () => {
    const behind = "ret\nB=2\n\nC=3\n\n__CURSOR=4\n\nD=5\n\n";
    const { found, texts } = framed(behind, { state: { rest: true } });
    expect(texts).toEqual(["", "", '{"__CURSOR":"4"}', '{"D":"5"}']);
    expect([0, 1].map((number) => found.verdicts?.get(number)?.reason)).toEqual([
      "rest_of_record",
      "rest_of_record",
    ]);
    expect(found.withheld?.has(0)).toBe(true);
    for (const name of ["__CURSOR", "__REALTIME_TIMESTAMP"]) {
      const whole = framed(`${name}=1\n\n`, { state: { rest: true } });
      expect(whole.texts).toEqual([`{"${name}":"1"}`]);
    }
    for (const other of ["__CURSOR", "__REAL", "__CURSOX=1", "_", "__CEALTIME_TIMESTAMP=1"]) {
      expect(framed(`${other}\n\n`, { state: { rest: true } }).texts).toEqual([""]);
    }
  });
});

describe("journald - what is no entry", () => {
  it("journald - lines of anything else are refused one by one, and keep their text", () => {
    const { found, texts } = framed('{"a":1}\nInfo: x\n9=1\nA=1\n\n');
    expect(texts).toEqual(['{"a":1}', "Info: x", "9=1", '{"A":"1"}']);
    expect([...found.verdicts!.values()].map(({ reason }) => reason)).toEqual(
      Array(3).fill("not_journald"),
    );
  });

  it.each([
    ["a line that is no field", "PASSWORD=x\nsecret line\nB=1"],
    ["a length of 2^63", "PASSWORD\n\0\0\0\0\0\0\0\x80secret"],
    ["a length of -1", "PASSWORD\n\xff\xff\xff\xff\xff\xff\xff\xffsecret"],
    ["a length that is too short", "PASSWORD\n\x01\0\0\0\0\0\0\0secret"],
  ])("journald - %s takes all up to the next entry, and its text is kept back", (_, broken) => {
    const { found, texts } = framed(`${broken}\n\nthe rest of a secret\n\n__CURSOR=3\n\n`);
    expect(texts).toEqual(["", "", '{"__CURSOR":"3"}']);
    expect(found.verdicts?.get(1)?.reason).toBe("rest_of_record");
    expect(found.verdicts?.get(0)?.reason).toBe("broken_entry");
    expect(found.truncations?.get(0)?.original_bytes).toBe(broken.length + 1);
  });

  it("journald - a stream gives out only whole entries, whatever their lengths say", () => {
    const scan = framings.journald.framer({}, "stream").scan(undefined);
    expect(scan.push(Buffer.from("A=1\n\nB\n\0\0\0\0\0\0\0\x10data\n\n"))).toBe(5 + 2 + 8 + 6);
  });
});

it("journald - only its own states are taken from a state file", () => {
  for (const state of [{}, { rest: false }, { rest: true, more: 1 }, 1, "rest", null]) {
    expect(framer.isState(state)).toBe(false);
  }
  expect(framer.isState({ rest: true })).toBe(true);
});
