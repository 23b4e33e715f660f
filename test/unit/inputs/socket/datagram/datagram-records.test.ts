/** What of datagrams is a record, and what is kept of one that is too long. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { datagram_bytes_max } from "../../../../../src/inputs/socket/datagram/batch.ts";
import { takenOffBy } from "../../../../../src/inputs/framing-option.ts";
import { recordsOf } from "../../../../../src/inputs/socket/datagram/datagram-records.ts";

const origin = { input: "apps", stream: "/run/apps.sock", metadata: { source: "apps" } };

function framed(datagrams: readonly (string | Buffer)[], event_bytes_max = 1024) {
  const buffers = datagrams.map((each) => Buffer.from(each as string));
  let end = 0;
  const ends = Int32Array.from(buffers, ({ length }) => (end += length));
  const batch = { bytes: Buffer.concat(buffers), ends, read_at_ms: 1000 };
  return recordsOf(batch, { origin, event_bytes_max, offset: 7 });
}

function textsOf(datagrams: readonly (string | Buffer)[], event_bytes_max?: number): string[] {
  const { records } = framed(datagrams, event_bytes_max);
  if (records === undefined) return [];
  const { bytes, starts, ends, count } = records;
  return Array.from({ length: count }, (_, number) =>
    bytes.subarray(starts[number], ends[number]).toString("latin1"),
  );
}

describe("records", () => {
  it.each([
    ["a datagram", ["one"], ["one"]],
    ["what logger sends", ["<13>Nov 28 20:00:00 root: one"], ["<13>Nov 28 20:00:00 root: one"]],
    ["NUL at the end, as SysLogHandler sends it", ["<14>one\0"], ["<14>one"]],
    ["LF at the end", ["one\n"], ["one"]],
    ["CRLF at the end", ["one\r\n"], ["one"]],
    ["all of them", ["one\n\r\n\0\n\0"], ["one"]],
    ["a CR that no LF follows", ["one\r"], ["one\r"]],
    ["a CR before another datagram's LF", ["one\r", "\ntwo"], ["one\r", "\ntwo"]],
    ["line ends and NUL within", ["one\ntwo\0three\r\nfour"], ["one\ntwo\0three\r\nfour"]],
    ["blanks around", [" one "], [" one "]],
    ["empty datagrams", ["", "one", "", "\n", "\0\0", " \t\r\n", "two", ""], ["one", "two"]],
    ["bytes that are no UTF-8", [Buffer.from("ff00fe", "hex")], ["\xff\0\xfe"]],
  ])("datagrams - %s", (_, datagrams, texts) => {
    expect(textsOf(datagrams)).toEqual(texts);
  });

  it("datagrams - none at all where all are empty", () => {
    expect(framed(["", "\n"]).records).toBeUndefined();
  });

  it("datagrams - a record carries where and when it came from", () => {
    expect(framed(["one"]).records).toMatchObject({ origin, offset: 7, read_at_ms: 1000 });
  });
});

describe("headers", () => {
  const { take } = takenOffBy({ syslog: {} })!;
  const records = (...datagrams: string[]) => {
    let end = 0;
    const ends = Int32Array.from(datagrams, ({ length }) => (end += length));
    const batch = { bytes: Buffer.from(datagrams.join("")), ends, read_at_ms: 1000 };
    return recordsOf(batch, { origin, event_bytes_max: 1024, offset: 7, take }).records!;
  };
  const textsIn = ({ bytes, starts, ends, count }: ReturnType<typeof records>): string[] =>
    Array.from({ length: count }, (_, number) =>
      bytes.toString("latin1", starts[number], ends[number]),
    );

  it("datagrams - syslog's is taken off JSON, stays in text, and says what it says", () => {
    const found = records(
      '<190>Nov 28 20:00:00 nginx: {"a":1}',
      "",
      '<14>{"b":2}\0',
      "<14>app[7]: text\n",
      '{"c":3}',
      "text",
    );
    const text = "<14>app[7]: text";
    expect(textsIn(found)).toEqual(['{"a":1}', '{"b":2}', text, '{"c":3}', "text"]);
    expect(found.known!.map((known) => known?.header)).toMatchObject([
      { timestamp: "Nov 28 20:00:00", fields: { facility: "local7", appname: "nginx" } },
      { fields: { severity: "info" } },
      { fields: { appname: "app", procid: "7" } },
      undefined,
      undefined,
    ]);
  });

  it("datagrams - one that is cut keeps its own", () => {
    const long = `<14>{"a":"${"x".repeat(2000)}"}`;
    const found = records(long, '<14>{"b":2}');
    expect(textsIn(found)).toEqual([long.slice(0, 1024), '{"b":2}']);
    expect(found.truncations!.get(0)).toMatchObject({ original_bytes: long.length });
    expect(found.known![0]).toBeUndefined();
  });

  it("datagrams - a prefix of the user's is taken off, too; other framings have nothing to take off", () => {
    expect(takenOffBy({ lines: { prefix: "@cee:" } })).toBeDefined();
    for (const framing of [{ lines: {} }, { lines: { separator: ";", prefix: "a" } }, { cri: {} }])
      expect(takenOffBy(framing)).toBeUndefined();
  });
});

describe("long datagrams", () => {
  it("datagrams - one is cut as a line is, with the length and hash of all of it but its end", () => {
    const long = "x".repeat(1025);
    const datagrams = ["one", `${long}\n`, "y".repeat(1024), "two"];
    const { records, overlong } = framed(datagrams);
    expect(textsOf(datagrams)).toEqual(["one", "x".repeat(1024), "y".repeat(1024), "two"]);
    const original_sha256 = createHash("sha256").update(long).digest("hex");
    expect([...records!.truncations!]).toEqual([[1, { original_bytes: 1025, original_sha256 }]]);
    expect(overlong).toBe(0);
  });

  it("datagrams - no character is cut in two", () => {
    expect(textsOf([`${"x".repeat(1023)}äx`])).toEqual(["x".repeat(1023)]);
  });

  it("datagrams - one that fills all the room is known as one that may have been longer", () => {
    const datagrams = [Buffer.alloc(datagram_bytes_max, "x"), "one"];
    const { records, overlong } = framed(datagrams, 2 * datagram_bytes_max);
    expect(overlong).toBe(1);
    expect(records!.truncations!.get(0)!.original_bytes).toBe(datagram_bytes_max);
    expect(records!.truncations!.size).toBe(1);
    expect(framed([Buffer.alloc(datagram_bytes_max - 1, "x")]).overlong).toBe(0);
  });
});
