/** JSON documents and elements: what is longer than a read, states that cannot be trusted, and how often a byte is looked at. */
import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Walker } from "../../../../../src/event/scan/walker.ts";
import { usableCheckpoint } from "../../../../../src/inputs/file/files/framing-marks.ts";
import type { FramingState } from "../../../../../src/inputs/framing/contract/framer.ts";
import { ValueScan } from "../../../../../src/inputs/framing/json/value-scan.ts";
import { jsonFramer } from "../../../../../src/inputs/framing/json/json-framer.ts";
import { documents, elementsAt } from "../../../../../src/inputs/framing/json/shape.ts";
import { CollectedLog } from "../../../../support/collected-log.ts";
import { feed, piecesOf, readGrowing } from "../../../../support/framing/framing-reads.ts";

const kib = 1024;
const elements = jsonFramer(elementsAt("Records"));

afterEach(() => vi.restoreAllMocks());

function filled(length: number, more = ""): string {
  return `{"filler":"${"x".repeat(length)}"${more}}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("json framer", () => {
  it("json framer - what is longer than a read keeps its bytes, or is passed over, as if it was short", async () => {
    const records = [filled(600 * kib), filled(1500 * kib), filled(700 * kib, ",")];
    const around = `"other": ${filled(800 * kib)}`;
    const stray = `"${"y".repeat(600 * kib)}"`;
    const text = `{${around}, "Records": [${records.join(",")},${stray}], ${around}}{"Records":[{"a":1}]}`;
    const bytes = Buffer.from(text);
    for (const at of [100 * kib, 3000 * kib]) {
      const found = await readGrowing(
        elements,
        piecesOf(bytes, [{ at, restarts: true }]),
        kib * kib,
      );
      expect(
        found.map((each) => [each.original?.original_sha256 ?? sha256(each.text), each.refused]),
      ).toEqual([
        [sha256(records[0]!), undefined],
        [sha256(records[1]!), undefined],
        [
          sha256(records[2]!),
          `not_json: a key in double quotes is expected at line 1, column ${text.indexOf(records[2]!) + records[2]!.length}`,
        ],
        [
          sha256(stray),
          `not_an_object: an object is expected at line 1, column ${text.indexOf(stray) + 1}`,
        ],
        [sha256('{"a":1}'), undefined],
      ]);
      const chunks = piecesOf(bytes, [{ at, restarts: false }]).map((piece) => piece.bytes);
      const { events, quarantined } = await feed(elements, chunks, 64 * kib);
      expect(events).toHaveLength(4);
      expect(quarantined.map(({ reason }) => reason)).toEqual(["not_an_object"]);
    }
  });

  it.each<[string, FramingState]>([
    ["of another shape", [1, "array"]],
    ["with another level", { level: "items", line: 1, column: 1 }],
    ["without a place", { level: "array" }],
    ["with a place that is none", { level: "array", line: -1, column: 1e300 }],
    ["that is a text", "array"],
  ])(
    "json framer - after a state %s nothing is shipped before a document surely begins",
    (_, state) => {
      const bytes = Buffer.from('{"token":"part"}, {"b":2}]}\n{"Records":[{"c":3}]}\n');
      const positions = { starts: new Int32Array(9), ends: new Int32Array(9), event_bytes_max: 99 };
      const framed = elements.frame({ bytes, from: 0, is_last: true, state }, positions);
      expect(framed.count).toBe(2);
      expect(framed.verdicts?.get(0)?.reason).toBe("not_json");
      expect(framed.verdicts?.has(1)).toBe(false);
      expect(bytes.toString("utf8", positions.starts[1], positions.ends[1])).toBe('{"c":3}');
    },
  );

  it("json framer - after another framing nobody knows where the bytes stand", () => {
    const tail = { length: 0, sha256: sha256("") };
    const following = { framer: elements, log: new CollectedLog(), input: "audit" };
    const checkpoint = { offset: 10, tail };
    expect(usableCheckpoint(following, checkpoint, "/a.json").framing).toEqual({
      id: elements.id,
      state: elements.lost,
    });
    const before = { id: elements.id, state: { level: "array", line: 1, column: 1 } };
    const same = usableCheckpoint(following, { ...checkpoint, framing: before }, "/a.json");
    expect(same.framing).toEqual(before);
    const other = { ...following, framer: jsonFramer(elementsAt("items")) };
    const changed = usableCheckpoint(other, { ...checkpoint, framing: before }, "/a.json");
    expect(changed.framing?.state).toEqual(elements.lost);
  });

  it("json framer - a record that comes in many small pieces is not looked at again with each", async () => {
    const bytes = Buffer.from(
      JSON.stringify(
        Array.from({ length: 2000 }, (_, number) => ({ number })),
        undefined,
        1,
      ),
    );
    const followed = vi.spyOn(ValueScan.prototype, "push");
    const scanned = vi.spyOn(Walker.prototype, "scanFirst");
    const places = Array.from({ length: 300 }, (_, number) => ({
      at: number * 100,
      restarts: false,
    }));
    const found = await readGrowing(jsonFramer(documents), piecesOf(bytes, places), kib * kib);
    expect(found).toHaveLength(1);
    const steps = [
      ...followed.mock.calls.map(
        ([, from], call) => Number(followed.mock.results[call]!.value) - from,
      ),
      ...scanned.mock.calls.map(([, from, to]) => to - from),
    ];
    const looked_at = steps.reduce((sum, each) => sum + each, 0);
    expect(looked_at).toBeLessThan(4 * bytes.length);
  });

  it("json framer - what ended with one chunk, as the next one shows, is apart from what that begins with", async () => {
    const chunks = [Buffer.from("\\\n"), Buffer.from("{".repeat(70))];
    const { quarantined } = await feed(jsonFramer(documents), chunks, 60);
    expect(quarantined.map(({ reason }) => reason)).toEqual([
      "between_documents",
      "unfinished_json",
    ]);
  });

  it("json framer - a byte order mark that comes in parts is no part of the first record", async () => {
    const pieces = piecesOf(Buffer.from('\ufeff{"a":1}'), [{ at: 1, restarts: false }]);
    const found = await readGrowing(jsonFramer(documents), pieces, kib);
    expect(found.map(({ text, offset, refused }) => [text, offset, refused])).toEqual([
      ['{"a":1}', 3, undefined],
    ]);
  });

  it("json framer - reading begins behind the last whole document, and never within one", () => {
    const framer = jsonFramer(documents);
    const endOf = (text: string): number => framer.lastEnd(Buffer.from(text));
    expect(endOf('x\n{"a":1}\n{"b":')).toBe(10);
    expect(endOf('{\n "a": [\n  {"x":1}\n ]\n}\n{\n "b": [\n  {"x":1}\n')).toBe(25);
    expect(endOf(' {"x":1}\n  {"y":2}\n')).toBe(0);
    expect(elements.lastEnd(Buffer.from('{"Records":[{}]}\n'))).toBe(17);
    expect(elements.lastEnd(Buffer.from('{"Records":[{},\n'))).toBe(0);
  });
});
