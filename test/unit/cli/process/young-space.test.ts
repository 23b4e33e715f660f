/** The space for new objects: it stays small while the agent starts, and grows after that. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** Makes objects that stay, with the space held or not, and prints how large the space is then. */
const script = (hold: string) => `
  import { getHeapSpaceStatistics } from "node:v8";
  import { holdYoungSpace, releaseYoungSpace } from "./src/cli/process/young-space.ts";
  const kept = [];
  const make = () => {
    for (let n = 0; n < 200_000; n += 1) kept.push({ n });
    return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size;
  };
  ${hold}
  const held = make();
  releaseYoungSpace();
  console.log(JSON.stringify([held, make()]));`;

function sizes(hold: string): [number, number] {
  const args = ["--input-type=module-typescript", "-e", script(hold)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as [number, number];
}

test("young space - what a start makes and keeps does not make it larger; what comes later does", () => {
  const [held, released] = sizes("holdYoungSpace();");
  const [usual] = sizes("");
  expect(held).toBeLessThan(usual / 2);
  expect(released).toBeGreaterThan(held * 2);
});
