/** The open handles: which are closed for others, and when. */
import { fstatSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { BirthTimes } from "../../../../../src/inputs/file/discovery/birth-times.ts";
import type { FollowedFile } from "../../../../../src/inputs/file/files/followed-file.ts";
import { OpenFiles } from "../../../../../src/inputs/file/files/open-files.ts";
import { CollectedLog } from "../../../../support/collected-log.ts";
import { followedFile } from "../../../../support/files/followed-file.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

interface Opened {
  readonly open_files: OpenFiles;
  readonly log: CollectedLog;
  readonly files: FollowedFile[];
}

/** Files of which the first is open, where there is room for that alone. */
async function openOne(): Promise<Opened> {
  const directory = temporaryDirectory();
  const log = new CollectedLog();
  const open_files = new OpenFiles(1, new BirthTimes(), log);
  onTestFinished(() => open_files.closeAll());
  const paths = ["a.log", "b.log", "c.log"].map((name) => join(directory, name));
  for (const path of paths) writeFileSync(path, "one\n");
  const files = await Promise.all(paths.map((path) => followedFile(path)));
  await open_files.open(files[0]!);
  return { open_files, log, files };
}

/** The inode that a handle leads to. */
function inodeOf(descriptor: number): number {
  return fstatSync(descriptor).ino;
}

it("open files - a handle that is in use is not closed for another file", async () => {
  const { open_files, log, files } = await openOne();
  const [first, second, third] = files as [FollowedFile, FollowedFile, FollowedFile];
  const inode = statSync(first.path!).ino;
  const used = await open_files.holding(first, async (descriptor) => {
    await open_files.open(second);
    return inodeOf(descriptor);
  });
  expect(used).toBe(inode);
  expect(first.descriptor).toBeDefined();
  expect(log.of("open_files_exceeded")).toEqual([]);
  await open_files.open(third);
  expect(open_files.count).toBe(1);
  expect(first.descriptor).toBeUndefined();
});

it("open files - a handle that is in use is closed when it no longer is", async () => {
  const { open_files, files } = await openOne();
  const [first] = files as [FollowedFile];
  const inode = statSync(first.path!).ino;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const used = open_files.holding(first, async (descriptor) => {
    await ended;
    return [descriptor, inodeOf(descriptor)];
  });
  const closed = open_files.close(first);
  expect(first.descriptor).toBeUndefined();
  // Were it closed by now, its number would be given to this one.
  await open_files.open(files[1]!);
  end();
  const [descriptor, seen] = (await used)!;
  expect(seen).toBe(inode);
  await closed;
  expect(() => inodeOf(descriptor!)).toThrow("EBADF");
});
