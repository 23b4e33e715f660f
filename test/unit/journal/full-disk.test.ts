/** The journal on a disk that is full to the last byte, and freed again: nothing is lost, and no restart is needed. */
import { execFileSync } from "node:child_process";
import { openSync, closeSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { fastClock } from "../../support/clocks/fast-clock.ts";
import { input, Journaling } from "../../support/events/journaling.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A small disk of its own; undefined where mounting is not allowed, which takes root. */
function mountSmallDisk(): string | undefined {
  const directory = temporaryDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], {
      stdio: "ignore",
    });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["-l", directory]);
  });
  return directory;
}

/** Writes until nothing more fits. */
function fill(path: string): void {
  const file = openSync(path, "a");
  for (const size of [4096, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size, 0x20));
    } catch (cause) {
      expect(cause).toMatchObject({ code: "ENOSPC" });
    }
  }
  closeSync(file);
}

const large = (id: number): string => `{"id":${id},"padding":"${"x".repeat(1000)}"}`;

describe.each(["always", 20] as const)("with sync: %s", (sync) => {
  test("journal - a full disk stops it, and it goes on by itself when there is room", async (context) => {
    const disk = mountSmallDisk();
    if (disk === undefined) return context.skip("mounting a small disk takes root");
    const clock = fastClock(20);
    const directory = join(disk, input);
    const options = { max_bytes: 4 * 1024 ** 2, sync };
    const journaling = await Journaling.open({ directory, options, clock });
    onTestFinished(() => journaling.journal.close());
    journaling.start();
    const accepted: string[] = [];
    const append = async (id: number): Promise<string> => {
      const answer = await journaling.append([large(id)]);
      if (answer === "accepted") accepted.push(large(id));
      return answer;
    };
    expect(await append(0)).toBe("accepted");
    fill(join(disk, "filler"));
    let id = 1;
    while ((await append(id)) === "accepted") id += 1;
    expect(await append(id + 1)).toBe("unavailable");
    expect(journaling.journal.status().trouble).toBe("ENOSPC");
    const room = journaling.journal.room();
    expect(room).toBeInstanceOf(Promise);
    rmSync(join(disk, "filler"));
    await room;
    expect(journaling.journal.status().trouble).toBeUndefined();
    expect(await append(id + 2)).toBe("accepted");
    await eventually(() => journaling.journal.events_unread === 0);
    expect(journaling.texts).toEqual(accepted);
    expect(journaling.ledger.books()).toMatchObject({ balanced: true, total: { dropped: 0 } });
    expect(journaling.log.at("error")).toHaveLength(1);
    await journaling.journal.close();
    const again = await Journaling.open({ directory, options, clock });
    onTestFinished(() => again.journal.close());
    again.start();
    await eventually(() => again.journal.events_unread === 0);
    expect(again.texts).toEqual(accepted);
  });
});
