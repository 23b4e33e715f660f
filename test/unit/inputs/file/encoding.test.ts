/** Byte order marks at the beginning of files, and files that are not UTF-8. */
import { appendFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileCheckpoint } from "../../../../src/inputs/file/files/identity.ts";
import { follow, type FileFollowing } from "../../../support/file-following.ts";
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
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const files: [string, Buffer][] = [
    ["with its mark", Buffer.concat([Buffer.of(0xff, 0xfe), little])],
    ["with its mark, big-endian", Buffer.concat([Buffer.of(0xfe, 0xff), big])],
    ["without a mark", little],
    ["without a mark, big-endian", big],
    ["with its mark and no Latin letter", Buffer.from("\ufeff日本語\n日本語\n", "utf16le")],
  ];

  function warnings(following: FileFollowing): unknown[] {
    return following.log.at("warn").map(({ code, facts }) => [code, facts]);
  }

  it.each(files)("UTF-16 - %s is said once, and is in the status", async (_, bytes) => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, bytes);
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    appendFileSync(path, bytes);
    await following.polls(5);
    const said = [["file_not_utf8", { input: "files", path, encoding: "utf-16" }]];
    expect(warnings(following)).toEqual(said);
    expect(following.input.status().files.files[0]!.encoding).toBe("utf-16");
    const state = await following.stop();
    appendFileSync(path, bytes);
    const next = await follow({ paths: [path], state });
    await next.lineCount(1);
    expect(warnings(next)).toEqual(said);
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
    expect(following.input.status().files.files[0]!.encoding).toBeUndefined();
  });
});
