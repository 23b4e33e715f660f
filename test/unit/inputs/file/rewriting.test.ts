/** Files that are written again in place between two looks, such that few of their bytes say so. */
import { hash } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WatchDirectory } from "../../../../src/inputs/file/discovery/watcher.ts";
import { follow, type FileFollowing } from "../../../support/files/file-following.ts";
import { SurveyClock } from "../../../support/clocks/survey-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** No notification: only looks find out. */
const watch: WatchDirectory = () => ({ close: () => undefined });
/** One input runs at a time. */
const clock = new SurveyClock();

/** Records of one length that end in the same bytes, `tail_bytes` of them. */
function records(from: number, to: number, tail_bytes = 300): string[] {
  return Array.from(
    { length: to - from },
    (_, index) => `record ${String(from + index).padStart(8, "0")} ${"=".repeat(tail_bytes)}`,
  );
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** In one go, so that no look falls between: the same inode is empty, and then has this. */
function rewrite(path: string, content: string): void {
  const writer = openSync(path, "r+");
  ftruncateSync(writer);
  writeSync(writer, content, 0);
  closeSync(writer);
}

/** Has a record read after which nothing is read on. */
async function holdBack(following: FileFollowing, path: string): Promise<() => void> {
  let open = (): void => undefined;
  following.backpressure = new Promise((resolve) => (open = resolve));
  const before = following.records.length;
  appendFileSync(path, "first\n");
  await following.lineCount(before + 1);
  await clock.looks(2);
  return () => {
    following.backpressure = undefined;
    open();
  };
}

async function settled(following: FileFollowing, expected: readonly string[]): Promise<void> {
  await following.lineCount(expected.length);
  await clock.looks(14);
  expect(following.lines.toSorted()).toEqual(expected.toSorted());
}

/** Follows a file, of which all is read, without notifications. */
async function readAll(path: string, lines: readonly string[]): Promise<FileFollowing> {
  writeFileSync(path, text(lines));
  const following = await follow({ paths: [path], watch, clock });
  await following.lineCount(lines.length);
  await clock.looks(3);
  return following;
}

describe("a rewrite between two looks", () => {
  it("rewriting - records of one length with the same tail are all read, by copytruncate too", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 350));
    copyFileSync(path, `${path}.1`);
    rewrite(path, text(records(350, 880)));
    await settled(following, records(0, 880));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - records whose common tail is longer than what is compared of it are told by the head", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 40, 6000));
    rewrite(path, text(records(40, 100, 6000)));
    await settled(following, records(0, 100, 6000));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - with the same head and the same tail the samples tell", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const header = "#".repeat(2000);
    const following = await readAll(path, [header, ...records(0, 40, 6000)]);
    rewrite(path, text([header, ...records(40, 100, 6000)]));
    await settled(following, [header, ...records(0, 40, 6000), header, ...records(40, 100, 6000)]);
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - the same, while stopped", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const header = "#".repeat(2000);
    const following = await readAll(path, [header, ...records(0, 40, 6000)]);
    const state = await following.stop();
    rewrite(path, text([header, ...records(40, 100, 6000)]));
    const next = await follow({ paths: [path], state, watch, clock });
    await settled(next, [header, ...records(40, 100, 6000)]);
    expect(next.lost_bytes).toBe(0);
  });

  it("rewriting - a look that saw the file shorter is enough, whatever it holds when it is read", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = records(0, 100);
    const following = await readAll(path, lines);
    // The same bytes again, and more: nothing that is compared differs.
    const letOn = await holdBack(following, path);
    truncateSync(path);
    await clock.looks(4);
    rewrite(path, text([...lines, "first", "more"]));
    letOn();
    await settled(following, [...lines, "first", ...lines, "first", "more"]);
  });

  it("rewriting - with other records and the same length", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 100));
    rewrite(path, text(records(100, 200)));
    await settled(following, records(0, 200));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - as sed -i does it, the new file is read and nothing is lost", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 100));
    writeFileSync(`${path}.new`, text(records(100, 300)));
    renameSync(`${path}.new`, path);
    await settled(following, records(0, 300));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - a sparse file whose hole is beyond the position", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 100));
    const { size } = statSync(path);
    truncateSync(path);
    const writer = openSync(path, "r+");
    writeSync(writer, text(records(100, 110)), size + 100_000);
    closeSync(writer);
    await settled(following, records(0, 110));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - a change of the time alone repeats nothing and loses nothing", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 100));
    utimesSync(path, 1000, 1000);
    await clock.looks(4);
    appendFileSync(path, text(records(100, 101)));
    await settled(following, records(0, 101));
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - what nothing tells from a change of the time alone is counted each time, and said once", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 100));
    for (const more_ms of [1000, 2000]) {
      rewrite(path, text(records(0, 100)));
      const at = new Date(Date.now() + more_ms);
      utimesSync(path, at, at);
      await clock.looks(4);
    }
    const { length } = text(records(0, 100));
    expect(following.maybe_lost_bytes).toBe(2 * length);
    expect(following.log.at("warn").map(({ facts }) => facts)).toEqual([
      { input: "files", path, maybe_lost_bytes: length },
    ]);
    expect(following.lost_bytes).toBe(0);
  });

  it("rewriting - of an empty file whose time is set nothing is said", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "");
    const following = await follow({ paths: [path], clock });
    await clock.looks(2);
    utimesSync(path, 1000, 1000);
    await clock.looks(4);
    expect(following.log.at("warn")).toEqual([]);
  });

  it("rewriting - a file that only grows is never said to be changed otherwise", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await follow({ paths: [path], clock });
    writeFileSync(path, "");
    for (let count = 0; count < 40; count += 1) {
      appendFileSync(path, text(records(count, count + 1)));
      if (count % 3 === 0) await clock.looks(1);
    }
    await settled(following, records(0, 40));
    expect(following.log.at("warn")).toEqual([]);
    expect(following.maybe_lost_bytes).toBe(0);
  });

  it("rewriting - an older state, that knows fewer places, is gone on from and learns them", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await readAll(path, records(0, 350));
    const state = await following.stop();
    const [stream] = state.streams;
    const {
      proven_size: _,
      samples: __,
      ...identity
    } = stream!.identity as Record<string, unknown>;
    const offset = (stream!.checkpoint as { offset: number }).offset;
    const tail = readFileSync(path).subarray(offset - 256, offset);
    const checkpoint = { offset, tail: { length: 256, sha256: hash("sha256", tail) } };
    const older = { ...state, streams: [{ ...stream!, identity, checkpoint }] };
    appendFileSync(path, text(records(350, 360)));
    const next = await follow({ paths: [path], state: older, watch, clock });
    await settled(next, records(350, 360));
    rewrite(path, text(records(360, 880)));
    await settled(next, records(350, 880));
    expect(next.lost_bytes).toBe(0);
  });
});
