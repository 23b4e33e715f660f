/** When the log says that the framing of an input is likely wrong. */
import { expect, it } from "vitest";
import { FramingWatch, isUnread } from "../../../../src/agent/flow/framing-watch.ts";
import { Records } from "../../../../src/event/block.ts";
import { Verdict } from "../../../../src/event/event.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { load } from "../../../support/configuration.ts";

async function watched(input: string): Promise<{ watch: FramingWatch; log: CollectedLog }> {
  const config = await load(`inputs: { audit: ${input} }\noutput: { type: stdout }\n`);
  const log = new CollectedLog();
  const options = config.inputs["audit"]!;
  return { watch: new FramingWatch({ name: "audit", options }, log), log };
}

/** Lines of a delivery that begins at an offset. */
function recordsOf(lines: readonly string[], offset = 0, offsets?: number[]): Records {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    ends.push(at + line.length);
    at += line.length + 1;
  }
  return new Records({
    origin: { input: "audit", stream: "test", metadata: {} },
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    count: lines.length,
    offset,
    offsets,
    read_at_ms: 0,
  });
}

it("framing watch - says once that none of the first events can be read, of each kind of input", async () => {
  for (const input of [
    "{ type: stdin }",
    "{ type: socket, path: /a }",
    "{ type: hec, listen: ':1', tokens: [t] }",
    "{ paths: [/a] }",
  ]) {
    const { watch, log } = await watched(input);
    expect(watch.look(recordsOf(["one", "two"]), 2)).toBe(true);
    expect(log.lines).toEqual([]);
    expect(watch.look(recordsOf(["three", "four", "five"], 8), 3)).toBe(false);
    expect(log.lines).toMatchObject([
      { level: "warn", code: "events_unreadable", facts: { input: "audit", events: 5 } },
    ]);
  }
});

it("framing watch - is content when one event can be read", async () => {
  const { watch, log } = await watched("{ type: stdin }");
  expect(watch.look(recordsOf(["one", "two", "three", "four"]), 4)).toBe(true);
  expect(watch.look(recordsOf(["five", "six"], 19), 1)).toBe(false);
  expect(log.lines).toEqual([]);
});

it("framing watch - says at once which framing fits what comes in", async () => {
  const document = ["{", '  "a": 1,', '  "b": 2', "}"];
  const { watch, log } = await watched("{ type: stdin }");
  expect(watch.look(recordsOf(document), 0)).toBe(false);
  expect(log.lines).toEqual([
    {
      level: "warn",
      code: "stream_framing_unfit",
      facts: { input: "audit", fitting: "json" },
      message:
        "What comes in begins like JSON that is not one record a line. Write `framing: json` for the input.",
    },
  ]);
});

it("framing watch - has nothing to say of content that a framing has made", async () => {
  for (const framing of ["docker", "cri", "journald"]) {
    const { watch, log } = await watched(`{ type: stdin, framing: ${framing} }`);
    expect(watch.look(recordsOf(['{"a":1}', '{"b":2}'], 0, [0, 40]), 0)).toBe(false);
    expect(log.lines).toEqual([]);
  }
});

it.each([
  ["where the stream is in its middle", "{ type: stdin }", 100],
  ["of a file, which is looked at where it is read", "{ paths: [/a] }", 0],
])("framing watch - has nothing to say %s", async (_, input, offset) => {
  const { watch, log } = await watched(input);
  expect(watch.look(recordsOf(["{", '  "a": 1', "}"], offset), 0)).toBe(false);
  expect(log.lines).toEqual([]);
});

it("framing watch - counts what a step cannot read and what is no record, and nothing that a rule has ended", () => {
  const refused = new Verdict("quarantined", "no_length");
  expect(isUnread(refused, refused)).toBe(true);
  expect(isUnread(new Verdict("quarantined", "unreadable:redact"), undefined)).toBe(true);
  expect(isUnread(new Verdict("dropped", "unreadable:redact"), undefined)).toBe(true);
  expect(isUnread(new Verdict("filtered", "filter"), undefined)).toBe(false);
  expect(isUnread(refused, undefined)).toBe(false);
});

it("framing watch - names syslog for datagrams with a header that no step can read, and no other framing", async () => {
  const lines = ['<190>Nov 28 20:00:00 nginx: {"a":1}'];
  const stream = await watched("{ type: socket, path: /a }");
  expect(stream.watch.look(recordsOf(lines), 0)).toBe(false);
  expect(stream.log.lines).toMatchObject([
    { code: "stream_framing_unfit", facts: { fitting: "syslog" } },
  ]);
  const datagrams = "{ type: socket, path: /a, mode: datagram }";
  const read = await watched(datagrams);
  expect(read.watch.look(recordsOf(lines), 0)).toBe(false);
  expect(read.log.lines).toEqual([]);
  const unread = await watched(datagrams);
  expect(unread.watch.look(recordsOf(lines), 1)).toBe(false);
  expect(unread.log.lines).toMatchObject([
    { code: "stream_framing_unfit", facts: { fitting: "syslog" } },
  ]);
  const documents = await watched(datagrams);
  expect(documents.watch.look(recordsOf(["[1]", "[2]"]), 2)).toBe(true);
  expect(documents.log.lines).toEqual([]);
});
