/** What is booked as lost: all of it that a look saw, and nothing that is read, elsewhere or never was. */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WatchDirectory } from "../../../../../src/inputs/file/discovery/watcher.ts";
import { long, sampledCases } from "../../../../support/effort.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../../support/files/file-following.ts";
import { SurveyClock } from "../../../../support/clocks/survey-clock.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

/** No notification: only looks find out. */
const watch: WatchDirectory = () => ({ close: () => undefined });

const globs = ["audit.log", "audit.log*"];

/** Each has 10 bytes with its line end. */
function lines(from: number, to: number): string {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return numbers.map((number) => `line ${String(number).padStart(4, "0")}\n`).join("");
}

function rewrite(path: string, text: string): void {
  const writer = openSync(path, "r+");
  ftruncateSync(writer);
  writeSync(writer, text, 0);
  closeSync(writer);
}

interface Scene {
  readonly path: string;
  readonly following: FileFollowing;
  readonly clock: SurveyClock;
}

/** A file of 100 lines that is followed, and read to its end. */
async function allRead(glob = "audit.log"): Promise<Scene> {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  writeFileSync(path, lines(0, 100));
  const clock = new SurveyClock();
  const following = await follow({ paths: [join(directory, glob)], watch, clock });
  await following.lineCount(100);
  await clock.looks(2);
  return { path, following, clock };
}

/** The same, and 100 lines after it were seen and are not read, as there is no room for them. */
async function heldBack(glob?: string): Promise<Scene & { letOn: () => void }> {
  const scene = await allRead(glob);
  const { following, path, clock } = scene;
  let open = (): void => undefined;
  following.backpressure = new Promise((resolve) => (open = resolve));
  appendFileSync(path, lines(100, 101));
  await following.lineCount(101);
  await clock.looks(2);
  appendFileSync(path, lines(101, 201));
  await clock.looks(4);
  const letOn = (): void => {
    following.backpressure = undefined;
    open();
  };
  return { ...scene, letOn };
}

/** Waits for the books to be so, and longer: they stay so. */
async function lost(
  { following, clock }: Omit<Scene, "path">,
  expected: Record<string, number>,
): Promise<void> {
  const booked = (): unknown => following.ledger.books().inputs["files"]?.lost_bytes ?? {};
  await clock.until(() => JSON.stringify(booked()) === JSON.stringify(expected));
  await clock.looks(16);
  expect(booked()).toEqual(expected);
}

describe("losses of a file that is read", () => {
  it.each<[string, (path: string) => void]>([
    ["truncated", (path) => truncateSync(path)],
    ["truncated to a part", (path) => truncateSync(path, 500)],
    ["rewritten longer", (path) => rewrite(path, lines(500, 800))],
    ["rewritten shorter", (path) => rewrite(path, lines(500, 520))],
    ["rewritten with the same length", (path) => rewrite(path, lines(500, 600))],
    ["deleted", (path) => rmSync(path)],
    ["renamed", (path) => renameSync(path, `${path}.1`)],
    ["replaced", (path) => (rmSync(path), writeFileSync(path, lines(500, 800)))],
    ["copied and truncated", (path) => (copyFileSync(path, `${path}.1`), truncateSync(path))],
    [
      "copied and rewritten longer",
      (path) => (copyFileSync(path, `${path}.1`), rewrite(path, lines(500, 800))),
    ],
  ])("losses - %s: none", long, async (_, change) => {
    for (const glob of sampledCases(globs, 2)) {
      const scene = await allRead(glob);
      change(scene.path);
      await lost(scene, {});
    }
  });

  it("losses - a finished file that is written again, longer, is read once and nothing of it is lost", async () => {
    const { path, following, clock } = await allRead("audit.log*");
    renameSync(path, `${path}.1`);
    await eventually(() => following.input.status().files.files[0]?.state === "finished");
    rewrite(`${path}.1`, lines(500, 800));
    await following.lineCount(400);
    await lost({ following, clock }, {});
    expect(following.lines.join("\n")).toBe(`${lines(0, 100)}${lines(500, 800)}`.trimEnd());
  });

  it("losses - a finished file that is written again with the same length is read once", async () => {
    const { path, following, clock } = await allRead("audit.log*");
    renameSync(path, `${path}.1`);
    await eventually(() => following.input.status().files.files[0]?.state === "finished");
    rewrite(`${path}.1`, lines(500, 600));
    await following.lineCount(200);
    await lost({ following, clock }, {});
    expect(following.lines.join("\n")).toBe(`${lines(0, 100)}${lines(500, 600)}`.trimEnd());
  });
});

describe("losses of a file that was seen and not read", () => {
  it.each<[string, number, (path: string) => void]>([
    ["truncated", 1000, (path) => truncateSync(path)],
    ["truncated exactly where it was read", 1000, (path) => truncateSync(path, 1010)],
    ["truncated behind that", 700, (path) => truncateSync(path, 1310)],
    ["truncated before that", 1000, (path) => truncateSync(path, 500)],
    ["rewritten longer", 1000, (path) => rewrite(path, lines(500, 800))],
    ["rewritten shorter", 1000, (path) => rewrite(path, lines(500, 520))],
    ["rewritten with the same length", 1000, (path) => rewrite(path, lines(500, 701))],
    ["copied and truncated", 0, (path) => (copyFileSync(path, `${path}.1`), truncateSync(path))],
    [
      "copied and rewritten longer",
      0,
      (path) => (copyFileSync(path, `${path}.1`), rewrite(path, lines(500, 800))),
    ],
    [
      "copied and rewritten with what was read of it, and more",
      0,
      (path) => (copyFileSync(path, `${path}.1`), rewrite(path, lines(0, 105))),
    ],
    ["renamed", 0, (path) => renameSync(path, `${path}.1`)],
  ])("losses - %s: %d bytes", long, async (_, bytes, change) => {
    for (const glob of sampledCases(globs, 2)) {
      const { path, following, clock, letOn } = await heldBack(glob);
      change(path);
      await clock.looks(4);
      letOn();
      const distinct = (): number => new Set(following.lines).size;
      if (bytes === 0) await clock.until(() => distinct() >= 201);
      await lost({ following, clock }, bytes === 0 ? {} : { truncated: bytes });
      expect(distinct()).toBeGreaterThanOrEqual(bytes === 0 ? 201 : 101);
    }
  });

  it("losses - truncated behind what was read and longer again: what a look saw is lost", async () => {
    const { path, following, clock, letOn } = await heldBack();
    truncateSync(path, 1310);
    await clock.looks(4);
    appendFileSync(path, lines(500, 700));
    await clock.looks(4);
    letOn();
    await lost({ following, clock }, { truncated: 700 });
    expect(following.lines.join("\n")).toBe(`${lines(0, 131)}${lines(500, 700)}`.trimEnd());
  });

  it("losses - a file whose copy is read as one of its own has lost nothing", async () => {
    const { path, following, clock, letOn } = await heldBack("audit.log*");
    copyFileSync(path, `${path}.copy`);
    // So long that the copy is taken for a file of its own.
    await clock.looks(16);
    truncateSync(path, 1010);
    await clock.looks(4);
    letOn();
    await lost({ following, clock }, {});
    expect(new Set(following.lines).size).toBe(201);
  });

  it("losses - deleted while no handle on it is open", async () => {
    const { path, following, clock, letOn } = await heldBack();
    const state = await following.stop();
    letOn();
    expect(statSync(path).size).toBe(2010);
    rmSync(path);
    const next = await follow({ paths: [path], state, watch, clock });
    await lost({ following: next, clock }, { deleted: 1000 });
  });

  it("losses - rewritten longer while stopped", async () => {
    const { path, following, clock, letOn } = await heldBack();
    const state = await following.stop();
    letOn();
    rewrite(path, lines(500, 900));
    const next = await follow({ paths: [path], state, watch, clock });
    await next.lineCount(400);
    await lost({ following: next, clock }, { truncated: 1000 });
  });
});
