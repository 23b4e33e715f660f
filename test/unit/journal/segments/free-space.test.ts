/** What the journals leave of a disk, so that the state file can always be written, and segments be removed. */
import { describe, expect, onTestFinished, test } from "vitest";
import { FreeSpace } from "../../../../src/journal/segments/free-space.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { FaultyFiles } from "../../../support/files/faulty-files.ts";
import { Journaling } from "../../../support/events/journaling.ts";

const KiB = 1024;
const directory = "/journal";

/** Files on a disk of so many bytes. */
function disk(space_bytes: number): FaultyFiles {
  const files = new FaultyFiles();
  files.space_bytes = space_bytes;
  return files;
}

describe("FreeSpace", () => {
  test("free space - an eighth of a small disk is kept", async () => {
    const space = new FreeSpace(disk(80 * KiB), directory);
    await expect(space.claim(70 * KiB + 1)).rejects.toMatchObject({ code: "ENOSPC" });
    await space.claim(70 * KiB);
    await expect(space.claim(1)).resolves.toBeUndefined();
  });

  test("free space - after a refusal nothing goes on before that much is there", async () => {
    const files = disk(80 * KiB);
    const space = new FreeSpace(files, directory);
    await expect(space.claim(71 * KiB)).rejects.toMatchObject({ code: "ENOSPC" });
    await expect(space.regain()).rejects.toMatchObject({ code: "ENOSPC" });
    files.space_bytes = 90 * KiB;
    await space.regain();
  });
});

test.each(["always", 20] as const)(
  "free space - a disk that the journal has filled by itself is given back, with sync: %s",
  async (sync) => {
    const files = disk(160 * KiB);
    const clock = fastClock(20);
    const options = { max_bytes: 1024 * KiB, sync };
    const journaling = await Journaling.open({ directory, files, clock, options });
    onTestFinished(() => journaling.journal.close());
    journaling.start();
    let accepted = 0;
    while ((await journaling.append(["x".repeat(1000)])) === "accepted") accepted += 1;
    const { free_bytes } = await files.space();
    expect(free_bytes).toBeGreaterThanOrEqual(20 * KiB - 1100);
    expect(journaling.journal.status().trouble).toBe("ENOSPC");
    await eventually(() => journaling.given.length === accepted);
    journaling.settle();
    journaling.save();
    await journaling.journal.room();
    expect(await journaling.append(["y".repeat(1000)])).toBe("accepted");
    expect(journaling.journal.status().segments).toBe(1);
    expect(journaling.log.at("error")).toHaveLength(1);
    expect(journaling.ledger.books().total.dropped).toBe(0);
  },
);
