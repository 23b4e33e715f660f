/** Byte order marks at the beginning of files, and files that are not UTF-8. */
import {
  appendFileSync,
  closeSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileCheckpoint, FileIdentity } from "../../../../src/inputs/file/files/identity.ts";
import type { Encoding } from "../../../../src/inputs/framing/decoding/encodings.ts";
import { follow, type FileFollowing } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const mark = "\ufeff";

function settledBytes(following: FileFollowing): number {
  const [stream] = following.state().streams;
  return (stream!.checkpoint as FileCheckpoint).offset;
}

describe("byte order mark", () => {
  it("byte order mark - is no part of the first event, and the position counts it", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, `${mark}{"a":1}\n${mark}{"a":2}\n`);
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    expect(following.lines).toEqual(['{"a":1}', `${mark}{"a":2}`]);
    expect(settledBytes(following)).toBe(statSync(path).size);
    expect(following.ledger.books().inputs["files"]!.received_bytes).toBe(statSync(path).size);
    expect(following.lost_bytes).toBe(0);
  });

  it.each(["", "\n", "\r\n", " \t\n"])(
    "byte order mark - written alone, then %j, and the rest after a restart",
    async (blank) => {
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, mark + blank);
      const following = await follow({ paths: [path] });
      await following.polls(5);
      expect(following.lines).toEqual([]);
      expect(settledBytes(following)).toBe(statSync(path).size);
      const state = await following.stop();
      appendFileSync(path, "one\n");
      const next = await follow({ paths: [path], state });
      await next.lineCount(1);
      appendFileSync(path, "two\n");
      await next.lineCount(2);
      expect(next.lines).toEqual(["one", "two"]);
      expect(settledBytes(next)).toBe(statSync(path).size);
    },
  );

  it("byte order mark - written byte by byte", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "");
    const following = await follow({ paths: [path] });
    for (const byte of Buffer.from(`${mark}one\n`)) {
      appendFileSync(path, Buffer.of(byte));
      await following.polls(1);
    }
    await following.lineCount(1);
    expect(following.lines).toEqual(["one"]);
  });

  it("byte order mark - of each file that is rotated, and of one that is written again", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, `${mark}one\n`);
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(path, `${path}.1`);
    writeFileSync(path, `${mark}two\n`);
    await following.lineCount(2);
    truncateSync(path);
    appendFileSync(path, `${mark}three\n`);
    await following.lineCount(3);
    expect(following.lines).toEqual(["one", "two", "three"]);
  });

  it("byte order mark - before a line that is longer than is read at a time, and than is shipped", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const line = "x".repeat(700_000);
    writeFileSync(path, `${mark}${line}\nnext\n`);
    const following = await follow({ paths: [path], max_event_bytes: "600KiB" });
    await following.lineCount(2);
    const [first] = following.records;
    expect(first!.bytes.toString()).toBe(line.slice(0, 600 * 1024));
    expect(first!.truncation!.original_bytes).toBe(line.length);
    expect(settledBytes(following)).toBe(statSync(path).size);
  });

  it("byte order mark - before the last line of a file without a line end", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, `${mark}one`);
    const following = await follow({ paths: [path] });
    await following.polls(3);
    renameSync(path, `${path}.1`);
    await following.lineCount(1);
    expect(following.lines).toEqual(["one"]);
  });
});

describe("UTF-16", () => {
  const text = '{"password":"secret"}\r\n{"password":"other"}\r\n';
  const records = ['{"password":"secret"}', '{"password":"other"}'];
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const files: [string, Encoding, Buffer][] = [
    ["with its mark", "utf-16le", Buffer.concat([Buffer.of(0xff, 0xfe), little])],
    ["with its mark, big-endian", "utf-16be", Buffer.concat([Buffer.of(0xfe, 0xff), big])],
    ["without a mark", "utf-16le", little],
    ["without a mark, big-endian", "utf-16be", big],
  ];

  function said(following: FileFollowing): unknown[] {
    const codes = ["file_encoding", "file_not_utf8", "file_framing_changed"];
    return following.log.lines
      .filter(({ code }) => codes.includes(code))
      .map(({ code, facts }) => [code, facts]);
  }

  function encodingOf({ input }: FileFollowing): Encoding | undefined {
    return input.status().files.files[0]!.encoding;
  }

  it.each(files)(
    "UTF-16 - %s is decoded, said once, and in the status",
    async (_, encoding, bytes) => {
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, bytes);
      const following = await follow({ paths: [path] });
      await following.lineCount(2);
      const more = encoding === "utf-16le" ? little : big;
      appendFileSync(path, more);
      await following.lineCount(4);
      expect(following.lines).toEqual([...records, ...records]);
      expect(said(following)).toEqual([["file_encoding", { input: "files", path, encoding }]]);
      expect(encodingOf(following)).toBe(encoding);
      expect(settledBytes(following)).toBe(statSync(path).size);
      expect(following.ledger.books().inputs["files"]!.received_bytes).toBe(statSync(path).size);
      const state = await following.stop();
      appendFileSync(path, more);
      const next = await follow({ paths: [path], state });
      await next.lineCount(2);
      expect(next.lines).toEqual(records);
      expect(said(next)).toEqual(said(following));
      expect(next.log.at("warn")).toEqual([]);
    },
  );

  it.each(files)("UTF-16 - %s, written byte by byte", async (_, __, bytes) => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "");
    const following = await follow({ paths: [path], poll_interval: "10ms" });
    for (const byte of bytes) {
      appendFileSync(path, Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await following.lineCount(2);
    expect(following.lines).toEqual(records);
  });

  it("UTF-16 - an older state that has read it as lines is gone on from, in whole characters", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, little.subarray(0, little.length / 2));
    const following = await follow({ paths: [path], encoding: "utf-8" });
    await following.polls(3);
    const state = await following.stop();
    const [stream] = state.streams;
    const { offset, framing } = stream!.checkpoint as FileCheckpoint;
    expect(offset % 2).toBe(1);
    expect(framing).toBeUndefined();
    appendFileSync(path, Buffer.concat([little.subarray(little.length / 2), little]));
    const next = await follow({ paths: [path], state });
    const place = { input: "files", path };
    await next.lineCount(3);
    expect(next.lines).toEqual([records[1], ...records]);
    expect(said(next)).toEqual([
      [
        "file_encoding",
        { ...place, encoding: "utf-16le", offset: little.length / 2, former: "lines" },
      ],
    ]);
    expect(settledBytes(next)).toBe(statSync(path).size);
  });

  it("UTF-16 - start_at: end begins behind the last whole line", async () => {
    for (const [, , bytes] of files) {
      const path = join(temporaryDirectory(), "audit.log");
      const [head, tail] = [bytes.subarray(0, bytes.length - 8), bytes.subarray(bytes.length - 8)];
      writeFileSync(path, head);
      const following = await follow({ paths: [path], start_at: "end" });
      await following.polls(2);
      expect(following.lines).toEqual([]);
      appendFileSync(path, tail);
      await following.lineCount(1);
      expect(following.lines).toEqual([records[1]]);
    }
  });

  it.each(["utf-16le", "utf-16be"])(
    "UTF-16 - %s in a file that its writer allocates ahead is read as it is filled",
    async (encoding) => {
      const long = "😀日".repeat(100 * 1024);
      const bytes = Buffer.from(`{"a":1}\n${long}\nlast\n`, "utf16le");
      if (encoding === "utf-16be") bytes.swap16();
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, Buffer.alloc(1400 * 1024));
      const following = await follow({ paths: [path] });
      await following.polls(2);
      const descriptor = openSync(path, "r+");
      const cuts = [0, 1, 2, 3, 9, 15, 16, 18, 600 * 1024 + 6, bytes.length - 12, bytes.length];
      for (const [number, to] of cuts.slice(1).entries()) {
        const from = cuts[number]!;
        writeSync(descriptor, bytes, from, to - from, from);
        await following.polls(1);
      }
      closeSync(descriptor);
      await following.lineCount(3);
      expect(following.lines.map((line) => line.slice(0, 9))).toEqual([
        '{"a":1}',
        long.slice(0, 9),
        "last",
      ]);
      expect(following.records[1]!.bytes.equals(Buffer.from(long))).toBe(true);
    },
  );

  it("UTF-16 - a file is known by all of its head, and not only by its first letter", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, little);
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    const [head] = following
      .state()
      .streams.map(({ identity }) => (identity as FileIdentity).heads);
    expect(head!.at(-1)!.length).toBe(little.length);
  });

  it("UTF-16 - appended to a file in UTF-8 is said, and never taken for anything else", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text);
    const following = await follow({ paths: [path] });
    await following.lineCount(2);
    appendFileSync(path, little);
    await following.lineCount(4);
    appendFileSync(path, "\0\n{}\n");
    await following.lineCount(5);
    expect(following.lines.slice(0, 2)).toEqual(records);
    for (const line of following.lines.slice(2, 4)) expect(line).toContain("\0p\0a\0s\0s");
    expect(said(following)).toEqual([
      ["file_not_utf8", { input: "files", path, encoding: "utf-8" }],
    ]);
    expect(following.input.status().files.files[0]!.is_mixed).toBe(true);
  });

  it("UTF-16 - UTF-8 that is appended to it is replaced and said, in a long record, too", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, little);
    const following = await follow({ paths: [path], max_event_bytes: "4MiB" });
    await following.lineCount(2);
    const long = "日".repeat(600 * 1024);
    const lines = `{"time":"2025-03-21","password":"secret"}   ${long}`;
    const end = Buffer.from("\n", "utf16le");
    appendFileSync(path, Buffer.concat([Buffer.from(text + " "), end, little]));
    await following.lineCount(5);
    appendFileSync(path, Buffer.concat([Buffer.from(lines), Buffer.from(long, "utf16le"), end]));
    await following.lineCount(6);
    expect([...following.lines.slice(0, 2), ...following.lines.slice(3, 5)]).toEqual([
      ...records,
      ...records,
    ]);
    for (const { bytes } of following.records) {
      const back = Buffer.from(bytes.toString(), "utf16le").toString("latin1");
      expect(back).not.toContain("secr");
    }
    expect(following.log.of("file_not_utf8").map(({ facts }) => facts)).toEqual([
      { input: "files", path, encoding: "utf-16le" },
    ]);
    expect(following.input.status().files.files[0]!.is_mixed).toBe(true);
  });

  it.each<[string, Buffer]>([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with its mark", Buffer.from(mark + text)],
    ["a hole", Buffer.concat([Buffer.alloc(1000), Buffer.from(text)])],
    ["NUL between values", Buffer.from(`${text}a\0b\0c\0d and so on\n`)],
    ["Latin-1", Buffer.from("caf\xe9 \xff\xfe\n", "latin1")],
  ])("UTF-16 - %s is not taken for it", async (_, bytes) => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, bytes);
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    await following.polls(2);
    expect(following.log.at("warn")).toEqual([]);
    expect(said(following)).toEqual([]);
    expect(encodingOf(following)).toBeUndefined();
    expect(following.records.map(({ bytes: each }) => each.toString("latin1")).join("\n")).toBe(
      bytes
        .toString("latin1")
        .replace(/^(?:\0|\xef\xbb\xbf)+/, "")
        .replaceAll("\r", "")
        .trimEnd(),
    );
  });
});

describe("encodings by name", () => {
  it.each<[Encoding, string, string]>([
    ["latin1", '{"a":"caf\xe9 \x80"}\n', '{"a":"café \x80"}'],
    ["windows-1252", '{"a":"caf\xe9 \x80"}\n', '{"a":"café €"}'],
    ["utf-8", '{"a":"caf\xc3\xa9"}\n', '{"a":"café"}'],
    ["utf-16be", "\0\xe9\x20\xac\0\n", "é€"],
  ])("encodings - %s", async (encoding, written, expected) => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, Buffer.from(written, "latin1"));
    const following = await follow({ paths: [path], encoding });
    await following.lineCount(1);
    expect(following.lines).toEqual([expected]);
    const state = await following.stop();
    appendFileSync(path, Buffer.from(written, "latin1"));
    const next = await follow({ paths: [path], encoding, state });
    await next.lineCount(1);
    expect(next.lines).toEqual([expected]);
    expect(settledBytes(next)).toBe(statSync(path).size);
  });

  it("encodings - another one holds for what follows, without a byte that is read twice", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    const state = await following.stop();
    appendFileSync(path, Buffer.from("\xe9\n", "latin1"));
    const next = await follow({ paths: [path], encoding: "latin1", state });
    await next.lineCount(1);
    expect(next.lines).toEqual(["é"]);
    const facts = { input: "files", path, encoding: "latin1", offset: 4, former: "lines" };
    expect(next.log.of("file_encoding").map((line) => line.facts)).toEqual([facts]);
  });
});
