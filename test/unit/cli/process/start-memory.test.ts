/** The memory that a start has made V8 take: it goes back, and V8's flags are as before. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { longTest } from "../../../support/effort.ts";

/** Makes objects that stay, as a start does, and prints what there is before and after. */
const script = (numbers: number) => `
  import { cachedDataVersionTag, getHeapSpaceStatistics } from "node:v8";
  import { releaseStartMemory } from "./src/cli/process/start-memory.ts";
  const kept = [new Array(${numbers}).fill(0.5)];
  for (let n = 0; n < 200_000; n += 1) kept.push({ n });
  const look = () => ({
    tag: cachedDataVersionTag(),
    size: getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size,
  });
  const before = look();
  releaseStartMemory();
  console.log(JSON.stringify([before, look(), typeof gc]));`;

function looksAround(numbers: number): [before: Look, after: Look, gc: string] {
  const args = ["--input-type=module-typescript", "-e", script(numbers)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as [Look, Look, string];
}

test("start memory - the space for new objects becomes small again, and compiled code stays valid", () => {
  const [before, after, gc] = looksAround(0);
  expect(after.size).toBeLessThan(before.size / 2);
  expect(after.tag).toBe(before.tag);
  expect(gc).toBe("undefined");
});

longTest(
  "start memory - a large heap is left as it is: to look through it would stop the agent for long",
  () => {
    const [before, after] = looksAround(12_000_000);
    // V8 may still change it by a page.
    expect(after.size).toBeGreaterThan(before.size * 0.9);
  },
);

interface Look {
  tag: number;
  size: number;
}
