/** A file input that goes and comes back, by reloads, while its files are written and rotated at any moment. */
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { closeHanded } from "../../../../src/inputs/file/files/handed-files.ts";
import { eventually } from "../../../support/eventually.ts";
import { FileFollowing } from "../../../support/files/file-following.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Where a rename falls into a look is by chance; it did so in about one run of ten. */
const runs = 20;
const rotations = 4;
const portions = 5;
const portion_lines = 100;
const total = rotations * portions * portion_lines;

/** Writes all lines, and renames the file again and again. */
async function write(path: string): Promise<void> {
  for (let number = 0; number < total; number += portion_lines) {
    const lines = Array.from({ length: portion_lines }, (_, each) => `event ${number + each}\n`);
    appendFileSync(path, lines.join(""));
    if ((number / portion_lines) % portions === portions - 1) {
      renameSync(path, `${path}.${number}`);
      writeFileSync(path, "");
    }
    await delay(6);
  }
}

test.each(Array.from({ length: runs }, (_, run) => run))(
  "comings - a file that is renamed while its input is gone, or comes back, is read once, run %i",
  async (run) => {
    const random = new RandomSource(run);
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "");
    const options = { paths: [`${path}*`], rotate_wait: "2s", poll_interval: "1s" };
    let following = new FileFollowing(options);
    const { ledger } = following;
    await following.input.start(following);
    const written = new AbortController();
    const writing = write(path).then(() => written.abort());
    const lines: string[] = [];
    while (!written.signal.aborted) {
      await delay(random.between(0, 25));
      const handed = await following.input.handOver();
      lines.push(...following.lines);
      await closeHanded(handed);
      await delay(random.between(0, 20));
      following = new FileFollowing({ ...options, ledger });
      await following.input.start(following);
    }
    await writing;
    await eventually(() => new Set([...lines, ...following.lines]).size === total);
    await following.input.stop();
    lines.push(...following.lines);
    expect(lines.length).toBe(total);
    expect(following.lost_bytes).toBe(0);
  },
);
