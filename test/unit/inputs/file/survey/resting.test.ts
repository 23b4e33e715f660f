/** Files at rest are passed over by surveys, but for some of them in turn; whatever happens to them is found all the same. */
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  Directories,
  type Directory,
} from "../../../../../src/inputs/file/discovery/directories.ts";
import { lookAt } from "../../../../../src/inputs/file/discovery/file-access.ts";
import type { FollowedFile } from "../../../../../src/inputs/file/files/followed-file.ts";
import { fingerprintOf } from "../../../../../src/inputs/file/files/identity.ts";
import { OwnStreams } from "../../../../../src/inputs/file/files/own-streams.ts";
import type { WatchDirectory } from "../../../../../src/inputs/file/discovery/watcher.ts";
import { Roster } from "../../../../../src/inputs/file/files/roster.ts";
import { Resting } from "../../../../../src/inputs/file/survey/resting.ts";
import { Ledger } from "../../../../../src/ledger/ledger.ts";
import { StateFile } from "../../../../../src/ledger/state-file.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../../support/files/file-following.ts";
import { SurveyClock } from "../../../../support/clocks/survey-clock.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

const silent = { close: () => undefined };

/** A roster with a file at rest at each path, and their directory. */
async function filesAtRest(paths: readonly string[]) {
  const roster = new Roster("files", new OwnStreams("files", new Ledger()), systemClock, {
    metadata: {},
  });
  const files: FollowedFile[] = [];
  for (const path of paths) {
    writeFileSync(path, "");
    const place = { directory: dirname(path), name: basename(path) };
    const head = Buffer.alloc(0);
    const start = { head, checkpoint: { offset: 0, tail: fingerprintOf(head) } };
    const file = roster.create({ path, ...place, look: await lookAt(path) }, place.name, start);
    file.identity.settled_ms = file.identity.mtime_ms;
    file.at_end = true;
    file.rests = true;
    files.push(file);
  }
  const directories = new Directories(systemClock);
  directories.begin("full");
  const directory = (await directories.list(dirname(paths[0]!))) as Directory;
  return { roster, files, directory: { ...directory, is_new: false } };
}

function isPassedOver(resting: Resting, directory: Directory, { identity }: FollowedFile): boolean {
  return resting.passesOver(directory, identity.name, identity.path);
}

function settled(following: FileFollowing): Promise<void> {
  return eventually(() => JSON.stringify(following.state()).includes("settled_ms"));
}

describe("resting", () => {
  it("each file is looked at in one full survey of a period, and in no survey for changes", async () => {
    const directory_path = temporaryDirectory();
    const paths = Array.from({ length: 12 }, (_, n) => join(directory_path, `${n}.log`));
    const { roster, files, directory } = await filesAtRest(paths);
    const resting = new Resting(roster, 4);
    await resting.watch(new Map([[directory.real, directory.device]]));
    const looked_at = new Map<FollowedFile, number>();
    for (let survey = 0; survey < 3; survey += 1) {
      resting.begin("changes");
      expect(files.every((file) => isPassedOver(resting, directory, file))).toBe(true);
      resting.begin("full");
      for (const file of files) {
        const is_passed_over = isPassedOver(resting, directory, file);
        expect(resting.has(file)).toBe(is_passed_over);
        if (!is_passed_over) looked_at.set(file, (looked_at.get(file) ?? 0) + 1);
      }
    }
    expect([...looked_at.values()]).toEqual(files.map(() => 1));
  });

  it("all are looked at where they are few, their directory is new or not watched, or something happened", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const { roster, files, directory } = await filesAtRest([path]);
    const [file] = files as [FollowedFile];
    const watched = new Map([[directory.real, directory.device]]);
    const few = new Resting(roster, 1);
    await few.watch(watched);
    few.begin("changes");
    expect(isPassedOver(few, directory, file)).toBe(false);
    const resting = new Resting(roster, 1e-9);
    resting.begin("full");
    expect(isPassedOver(resting, directory, file)).toBe(false);
    await resting.watch(watched);
    expect(isPassedOver(resting, directory, file)).toBe(true);
    expect(isPassedOver(resting, { ...directory, is_new: true }, file)).toBe(false);
    expect(resting.passesOver(directory, "audit.log", "/another/path/audit.log")).toBe(false);
    file.rests = false;
    expect(isPassedOver(resting, directory, file)).toBe(false);
  });

  it.each([
    ["with notifications", undefined],
    ["without any notification", () => silent],
  ])(
    "what is written to files at rest is read, and so are files in their place, %s",
    async (_, watch) => {
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, "one\n");
      const clock = new SurveyClock();
      const following = await follow({
        paths: [path],
        clock,
        looks_max: 0.3,
        ...(watch && { watch }),
      });
      await settled(following);
      await clock.looks(5);
      appendFileSync(path, "two\n");
      await following.lineCount(2);
      await settled(following);
      await clock.looks(5);
      renameSync(path, `${path}.1`);
      writeFileSync(path, "three\n");
      await following.lineCount(3);
      appendFileSync(`${path}.1`, "late\n");
      await following.lineCount(4);
      await clock.looks(5);
      expect(following.lines.toSorted()).toEqual(["late", "one", "three", "two"]);
    },
  );

  /** Of a ledger that is written: nothing keeps a file at rest awake. */
  const asleep = ({ ledger }: FileFollowing): number => ledger.asleep("files").count;

  it("files at rest sleep where there are many, and whatever happens to one of them wakes it", async () => {
    const directory = temporaryDirectory();
    const paths = Array.from({ length: 9 }, (_, n) => join(directory, `${n}.log`));
    for (const path of paths) writeFileSync(path, "one\n");
    const clock = new SurveyClock();
    const options = { paths: [join(directory, "*.log")], clock, looks_max: 2, max_open_files: 1 };
    const following = await follow(options);
    // The one that is open stays awake.
    await eventually(() => asleep(following) === 8);
    const { files } = following.input.status();
    expect(files.files.map(({ path }) => path).toSorted()).toEqual(paths);
    expect(files.files.every(({ lag_bytes }) => lag_bytes === 0)).toBe(true);
    expect(files.unmatched).toEqual([]);
    appendFileSync(paths[0]!, "two\n");
    renameSync(paths[1]!, join(directory, "1.log.1"));
    writeFileSync(paths[1]!, "three\n");
    renameSync(paths[2]!, paths[3]!);
    truncateSync(paths[4]!);
    appendFileSync(paths[4]!, "four\n");
    rmSync(paths[5]!);
    await following.lineCount(12);
    await eventually(() => following.input.status().files.files.length === 8);
    expect(following.lines.slice(9).toSorted()).toEqual(["four", "three", "two"]);
    expect(following.ledger.books()).toMatchObject({ balanced: true });
    expect(following.lost_bytes).toBe(0);
  });

  it("those of a state sleep from the start, but for those that were written to meanwhile", async () => {
    const directory = temporaryDirectory();
    const paths = Array.from({ length: 6 }, (_, n) => join(directory, `${n}.log`));
    for (const path of paths) writeFileSync(path, "one\n");
    const clock = new SurveyClock();
    const options = { paths: [join(directory, "*.log")], clock, looks_max: 2, max_open_files: 1 };
    const before = await follow(options);
    await eventually(() => asleep(before) === 5);
    const { input, ledger } = before;
    await input.stop();
    const file = new StateFile(temporaryDirectory());
    await file.save(ledger);
    appendFileSync(paths[0]!, "two\n");
    rmSync(paths[1]!);
    const state = await file.restore();
    expect([state!.streams, state!.asleep!.of("files").count]).toEqual([[], 6]);
    const next = await follow({ ...options, state });
    await next.lineCount(1);
    await eventually(() => next.input.status().files.files.length === 5);
    expect(next.lines).toEqual(["two"]);
    await eventually(() => asleep(next) >= 4);
    const whole = next.ledger.snapshot().state.streams.map(({ id }) => id);
    expect(whole).toHaveLength(new Set(whole).size);
    expect(whole).toHaveLength(5);
  });

  it("what was written to last, and what is notified, is read before all others are looked at after a start", async () => {
    const directory = temporaryDirectory();
    const paths = Array.from({ length: 12 }, (_, n) => join(directory, `${n}.log`));
    for (const path of paths) writeFileSync(path, "one\n");
    const clock = new SurveyClock();
    const options = { paths: [join(directory, "*.log")], clock, looks_max: 2, max_open_files: 1 };
    const before = await follow(options);
    await eventually(() => asleep(before) === 11);
    const { input, ledger } = before;
    // What was just written to is not known to be at rest.
    appendFileSync(paths[0]!, "recent\n");
    await before.lineCount(13);
    await input.stop();
    const file = new StateFile(temporaryDirectory());
    await file.save(ledger);
    appendFileSync(paths[0]!, "last\n");
    for (const path of paths.slice(1, 11)) appendFileSync(path, "later\n");
    appendFileSync(paths[11]!, "notified\n");
    const watch: WatchDirectory = (_, onEvent) => {
      onEvent("change", basename(paths[11]!));
      return silent;
    };
    const next = await follow({ ...options, watch, state: await file.restore() });
    await next.lineCount(12);
    expect(next.lines.slice(0, 3)).toEqual(["last", "notified", "later"]);
  });
});
