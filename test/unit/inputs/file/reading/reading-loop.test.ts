/** The reading loop: it reads the next block while one is processed. */
import fs, { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { chunk_bytes } from "../../../../../src/inputs/file/files/block-pool.ts";
import { FileFollowing } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

test("reading loop - the read for the next block is in progress while a block is processed", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  const line = `${"x".repeat(1023)}\n`;
  writeFileSync(path, line.repeat((3 * chunk_bytes) / line.length));
  const reads = vi.spyOn(fs, "read");
  onTestFinished(() => reads.mockRestore());
  const following = new FileFollowing({ paths: [path] });
  onTestFinished(async () => void (await following.stop()));
  const begun: number[] = [];
  following.onBlock = () => {
    const lengths = reads.mock.calls.map((call) => (call as unknown[])[3] as number);
    begun.push(lengths.filter((length) => length >= chunk_bytes).length);
  };
  await following.input.start(following);
  await following.lineCount((3 * chunk_bytes) / line.length);
  // The first read of an open file, and each block from then on.
  expect(begun).toEqual([2, 3, 4]);
});
