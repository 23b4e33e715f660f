/** Finding files: directories that come later, what cannot be read, what is excluded, what runs out. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookWhereGlobLeads } from "../../../../../src/inputs/file/matching-files.ts";
import { fileInputOptions } from "../../../../../src/inputs/file/options.ts";
import {
  watchDirectory,
  type WatchDirectory,
} from "../../../../../src/inputs/file/discovery/watcher.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../../support/collected-log.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

/** Watches that cannot be had, for a reason of the system. */
function exhaustedWatches(state: { exhausted: boolean }): WatchDirectory {
  return (directory, onEvent, onError) => {
    if (!state.exhausted) return watchDirectory(directory, onEvent, onError);
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
}

describe("discovery", () => {
  it("discovery - finds files in directories that appear later, by notification", async () => {
    const directory = temporaryDirectory();
    const deep = join(directory, "a", "b");
    const paths = [join(directory, "a", "*", "*.log")];
    const following = await follow({ paths, poll_interval: "60s" });
    mkdirSync(deep, { recursive: true });
    await following.polls(1);
    writeFileSync(join(deep, "audit.log"), "one\n");
    await following.lineCount(1);
    appendFileSync(join(deep, "audit.log"), "two\n");
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
  });

  it("discovery - goes down any number of directories, and into linked ones, without looping", async () => {
    const directory = temporaryDirectory();
    const outside = temporaryDirectory();
    mkdirSync(join(directory, "a", "b", "c"), { recursive: true });
    writeFileSync(join(directory, "top.log"), "top\n");
    writeFileSync(join(directory, "a", "b", "c", "deep.log"), "deep\n");
    writeFileSync(join(outside, "linked.log"), "linked\n");
    symlinkSync(outside, join(directory, "link"));
    symlinkSync(directory, join(directory, "a", "loop"));
    symlinkSync(join(directory, "nowhere"), join(directory, "broken.log"));
    const following = await follow({ paths: [join(directory, "**", "*.log")] });
    await following.lineCount(3);
    await following.polls(3);
    expect([...following.lines].sort()).toEqual(["deep", "linked", "top"]);
  });

  it("discovery - follows a directory that was replaced by another", async () => {
    const directory = temporaryDirectory();
    const logs = join(directory, "logs");
    const path = join(logs, "audit.log");
    mkdirSync(logs);
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(logs, `${logs}.old`);
    appendFileSync(join(`${logs}.old`, "audit.log"), "two\n");
    mkdirSync(logs);
    writeFileSync(path, "three\n");
    await following.lineCount(3);
    expect([...following.lines].sort()).toEqual(["one", "three", "two"]);
    expect(following.lost_bytes).toBe(0);
  });

  it("discovery - leaves out what is excluded, and what is compressed in a way that is not read", async () => {
    const directory = temporaryDirectory();
    for (const name of ["a.log", "a.log.xz", "a.log.1.bz2", "private.log"]) {
      writeFileSync(join(directory, name), `${name}\n`);
    }
    const all = await follow({ paths: [join(directory, "*")] });
    await all.lineCount(2);
    await all.polls(3);
    expect([...all.lines].sort()).toEqual(["a.log", "private.log"]);
    const some = await follow({ paths: [join(directory, "*")], exclude: ["private*", "*.xz"] });
    await some.lineCount(2);
    await some.polls(10);
    expect([...some.lines].sort()).toEqual(["a.log", "a.log.1.bz2"]);
  });

  it("discovery - a path that is a directory or a pipe is passed over until it is a file", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    mkdirSync(path);
    execFileSync("mkfifo", [join(directory, "pipe.log")]);
    const following = await follow({ paths: [join(directory, "*.log")] });
    await following.polls(2);
    rmdirSync(path);
    writeFileSync(path, "one\n");
    await following.lineCount(1);
    expect(following.lines).toEqual(["one"]);
  });

  it("discovery - files whose names are no UTF-8 are each said once, and counted", async () => {
    const directory = temporaryDirectory();
    for (let byte = 0xe0; byte < 0xf8; byte += 1) {
      const name = [Buffer.from(`${directory}/a`), Buffer.of(byte), Buffer.from(".log")];
      writeFileSync(Buffer.concat(name), "unreachable\n");
    }
    writeFileSync(join(directory, "b\ufffd.log"), "one\n");
    const following = await follow({ paths: [join(directory, "*.log")] });
    await following.lineCount(1);
    await following.polls(4);
    const said = following.log.of("path_refused").map(({ message }) => message);
    const why = "has a name that is not UTF-8, and cannot be followed; rename it";
    expect(said[0]).toBe(`Not followed: ${directory}/a\\xe0.log ${why}`);
    expect(said[1]).toBe(`Not followed: ${directory}/a\\xe1.log ${why}`);
    expect(said).toHaveLength(20);
    expect(following.log.of("paths_refused_more")[0]!.facts).toEqual({ input: "files", paths: 4 });
    expect(following.input.status().files.refused).toHaveLength(24);
    expect(following.lines).toEqual(["one"]);
  });

  it("discovery - a directory that cannot be listed is said once, and read when it can be", async () => {
    const directory = temporaryDirectory();
    const logs = join(directory, "logs");
    symlinkSync(logs, logs);
    const following = await follow({ paths: [join(logs, "audit.log")] });
    await following.polls(5);
    expect(following.log.codesAt("warn")).toEqual(["directory_unreadable"]);
    expect(following.log.of("directory_unreadable").map(({ facts }) => facts)).toEqual([
      { path: logs, error: "ELOOP" },
    ]);
    rmSync(logs);
    mkdirSync(logs);
    writeFileSync(join(logs, "audit.log"), "one\n");
    await following.lineCount(1);
    expect(following.lines).toEqual(["one"]);
  });

  it("discovery - a directory that cannot be listed for a while does not finish its files", async () => {
    const directory = temporaryDirectory();
    const logs = join(directory, "logs");
    const path = join(logs, "audit.log");
    mkdirSync(logs);
    writeFileSync(path, "one\nunfinished");
    const following = await follow({ paths: [path], rotate_wait: "10ms" });
    await following.lineCount(1);
    // A link is put in the directory's place in one step by renaming it over an empty one.
    renameSync(logs, `${logs}.away`);
    symlinkSync(logs, logs);
    await eventually(() => following.log.text.includes("ELOOP"));
    const unfinished = following.records.length;
    await following.polls(6);
    expect(following.records.length).toBe(unfinished);
    rmSync(logs);
    renameSync(`${logs}.away`, logs);
    appendFileSync(path, "\ntwo\n");
    await eventually(() => following.lines.includes("two"));
    expect(following.lost_bytes).toBe(0);
  });

  it("discovery - says which files match without opening any", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.log"), "four");
    const facts = { clock: systemClock, log: new CollectedLog(), own: [] };
    const options = fileInputOptions.parse({ paths: [directory], exclude: [] });
    const { files } = await lookWhereGlobLeads(join(directory, "*.log"), options, facts);
    expect(files).toEqual([{ path: join(directory, "a.log"), size_bytes: 4 }]);
  });
});

describe("watches", () => {
  it("watches - where none are left it is said once, and files are polled", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    const state = { exhausted: true };
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], watch: exhaustedWatches(state) });
    await following.lineCount(1);
    appendFileSync(path, "two\n");
    await following.lineCount(2);
    renameSync(path, `${path}.1`);
    writeFileSync(path, "three\n");
    await following.lineCount(3);
    expect(following.log.codesAt("warn")).toEqual(["watches_exhausted"]);
    expect(following.log.at("warn")[0]!.message).toContain("/proc/sys/fs/inotify/max_user_watches");
    state.exhausted = false;
    await eventually(() => following.log.of("watches_available").length > 0);
    expect(following.lines).toEqual(["one", "two", "three"]);
  });

  it("watches - one that fails later is begun again", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    const failures: ((error: unknown) => void)[] = [];
    let begun = 0;
    const watch: WatchDirectory = (watched, onEvent, onError) => {
      begun += 1;
      failures.push(onError);
      return watchDirectory(watched, onEvent, onError);
    };
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], watch });
    await following.lineCount(1);
    const before = begun;
    failures[0]!(new Error("overflow"));
    await eventually(() => begun > before);
    appendFileSync(path, "two\n");
    await following.lineCount(2);
    expect(existsSync(path)).toBe(true);
  });
});

describe("file options", () => {
  it("file options - have defaults for all but the paths", () => {
    expect(fileInputOptions.parse({ type: "file", paths: ["/var/log/a.log"] })).toMatchObject({
      start_at: "beginning",
      max_event_bytes: 1024 * 1024,
      rotate_wait: 5000,
      poll_interval: 1000,
      max_open_files: 512,
      metadata: {},
    });
  });

  it.each([
    [{ paths: [] }],
    [{ paths: ["relative.log"] }],
    [{ paths: ["/a/../b"] }],
    [{ paths: ["/a"], unknown: 1 }],
    [{ paths: ["/a"], poll_interval: "1ms" }],
    [{ paths: ["/a"], max_event_bytes: "10B" }],
    [{ paths: ["/a"], max_open_files: 0 }],
  ])("file options - refuse %j", (options) => {
    expect(fileInputOptions.safeParse({ type: "file", ...options }).success).toBe(false);
  });
});
