/** What is tallyman's own is never followed, whatever leads there. */
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { OwnFiles, type OwnPlace } from "../../../../../src/inputs/file/discovery/own-files.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

/** Follows with places of tallyman's own, and whatever links there are. */
async function followBeside(paths: string[], places: () => readonly OwnPlace[]) {
  const own_files = new OwnFiles(places, systemClock);
  const following = await follow({ paths, own_files, follow_links: "always" });
  return { following, refused: () => following.input.status().files.refused };
}

it("own files - are followed by no pattern, no link and no hard link, whatever follow_links says", async () => {
  const directory = temporaryDirectory();
  const state = join(directory, "state");
  mkdirSync(join(state, "journal", "a"), { recursive: true });
  for (const name of [
    "state/state.json",
    "state/journal/a/1",
    "token",
    "audit.log",
    "out.000001",
  ]) {
    writeFileSync(join(directory, name), `${name}\n`);
  }
  const log = openSync(join(directory, "own.log"), "a");
  onTestFinished(() => closeSync(log));
  writeFileSync(log, "log\n");
  symlinkSync("state/state.json", join(directory, "a-link"));
  symlinkSync("state/journal", join(directory, "b-link"));
  symlinkSync("token", join(directory, "c-link"));
  linkSync(join(directory, "token"), join(directory, "d-hard"));
  const places: OwnPlace[] = [
    { kind: "directory", path: state, what: "below state_dir" },
    { kind: "file", path: join(directory, "token"), what: "a secret" },
    { kind: "numbered", path: join(directory, "out"), what: "the archive" },
    { kind: "open", descriptor: log, what: "its log" },
  ];
  const { following, refused } = await followBeside([join(directory, "**")], () => places);
  await following.lineCount(1);
  await following.polls(4);
  expect(following.lines).toEqual(["audit.log"]);
  const names = refused().map(({ path, is_asked_for }) => {
    return `${path.slice(directory.length + 1)}${is_asked_for ? " (asked for)" : ""}`;
  });
  expect(names.sort()).toEqual([
    "a-link (asked for)",
    "b-link (asked for)",
    "c-link (asked for)",
    "d-hard",
    "out.000001",
    "own.log",
    "state",
    "token",
  ]);
  const [first] = refused().filter(({ path }) => path.endsWith("a-link"));
  expect(first!.message).toBe("leads to tallyman's own (below state_dir): never followed");
});

it("own files - what becomes one with a reload is not read on", async () => {
  const directory = temporaryDirectory();
  const [archive, other] = [join(directory, "archive"), join(directory, "other")];
  for (const path of [archive, other]) writeFileSync(path, "one\n");
  let places: readonly OwnPlace[] = [];
  const { following, refused } = await followBeside([join(directory, "*")], () => places);
  await following.lineCount(2);
  places = [{ kind: "numbered", path: archive, what: "the archive" }];
  await eventually(() => refused().length === 1);
  for (const path of [archive, other]) writeFileSync(path, "one\ntwo\n");
  await following.lineCount(3);
  await following.polls(4);
  expect(following.lines).toHaveLength(3);
});

it("own files - where none are named, all is followed", async () => {
  const path = join(temporaryDirectory(), "state.json");
  writeFileSync(path, "one\n");
  const following = await follow({ paths: [path] });
  await following.lineCount(1);
});

it("own files - are not read as the rotated form of a log, nor as its copy", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  const archive = `${path}.1`;
  writeFileSync(path, Buffer.alloc(5));
  const places: OwnPlace[] = [{ kind: "file", path: archive, what: "the archive" }];
  const { following, refused } = await followBeside([path], () => places);
  await following.polls(2);
  writeFileSync(archive, "archived\n");
  await eventually(() => refused().length === 1 || following.lines.length > 0);
  expect(refused()[0]).toMatchObject({ path: archive, reason: "own" });
  truncateSync(path);
  appendFileSync(path, "one\n");
  await following.lineCount(1);
  await following.polls(3);
  expect(following.lines).toEqual(["one"]);
});
