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
  return printedBy(script(numbers)) as [Look, Look, string];
}

/** What a process of its own prints. */
function printedBy(source: string): unknown {
  const args = ["--input-type=module-typescript", "-e", source];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("start memory - the space for new objects becomes small again, and compiled code stays valid", () => {
  const [before, after, gc] = looksAround(0);
  expect(after.size).toBeLessThan(before.size / 2);
  expect(after.tag).toBe(before.tag);
  expect(gc).toBe("undefined");
});

test("start memory - it is released at rest, and not while there is much to do", () => {
  const source = `
    import { getHeapSpaceStatistics } from "node:v8";
    import { releaseStartMemoryAtRest } from "./src/cli/process/start-memory.ts";
    const kept = [];
    for (let n = 0; n < 200_000; n += 1) kept.push({ n });
    const size = () =>
      getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size;
    const sizes = [size()];
    const ended = Date.now() + 500;
    const work = () => {
      for (const until = Date.now() + 20; Date.now() < until;);
      if (Date.now() < ended) return setImmediate(work);
      sizes.push(size());
      setTimeout(() => console.log(JSON.stringify([...sizes, size()])), 500);
    };
    releaseStartMemoryAtRest({ after: (ms, callback) => setTimeout(callback, ms / 10) });
    work();`;
  const [before, busy, rested] = printedBy(source) as [number, number, number];
  expect(busy).toBeGreaterThanOrEqual(before);
  expect(rested).toBeLessThan(before / 2);
});

longTest(
  "start memory - a large heap is left as it is: to look through it would stop the agent for long",
  () => {
    const [before, after] = looksAround(12_000_000);
    // V8 may still change it by a page.
    expect(after.size).toBeGreaterThan(before.size * 0.9);
  },
);

longTest("start memory - the heap grows less beyond what is in use once that is bounded", () => {
  const source = `
    import { getHeapStatistics } from "node:v8";
    import { boundHeapGrowth } from "./src/cli/process/start-memory.ts";
    const kept = Array.from({ length: 200_000 }, (_, n) => ({ n }));
    const passing = [];
    const most = () => {
      let bytes = 0;
      for (let round = 0; round < 20; round += 1) {
        passing[round % 3] = Array.from({ length: 100_000 }, (_, n) => ({ n, text: String(n) }));
        bytes = Math.max(bytes, getHeapStatistics().total_heap_size);
      }
      return bytes;
    };
    most();
    const before = most();
    boundHeapGrowth();
    // The bound of the last collection holds until the next one.
    most();
    console.log(JSON.stringify([before, most(), kept.length]));`;
  const [before, after] = printedBy(source) as [number, number];
  expect(after).toBeLessThan(before * 0.75);
});

interface Look {
  tag: number;
  size: number;
}
