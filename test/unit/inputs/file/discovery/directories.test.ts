/** Directories that are listed again and again, with very many names. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Directories } from "../../../../../src/inputs/file/discovery/directories.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

it("directories - others have their turn while very many names are given that are known", async () => {
  const directory = temporaryDirectory();
  for (let number = 0; number < 1000; number += 1) writeFileSync(join(directory, `${number}`), "");
  const directories = new Directories(systemClock);
  directories.begin("full");
  const listed = await directories.list(directory);
  let turns = 0;
  let immediate: NodeJS.Immediate;
  const count = (): void => {
    turns += 1;
    immediate = setImmediate(count);
  };
  immediate = setImmediate(count);
  for (let time = 0; time < 30; time += 1) expect(await directories.list(directory)).toBe(listed);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThanOrEqual(9);
});
