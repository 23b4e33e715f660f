/** What is kept of what Node has compiled for the tests. */
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trimCompileCache } from "../../support/machine/compile-cache.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

test("compile cache - where there are too many files, those that were used last stay", () => {
  const directory = temporaryDirectory();
  const version = join(directory, "v26");
  trimCompileCache(join(directory, "none"), 1);
  mkdirSync(version);
  for (let number = 1; number <= 5; number += 1) {
    const file = join(version, String(number));
    writeFileSync(file, "");
    // Written long ago, and read since; the last one has only been written.
    utimesSync(file, number === 5 ? 1 : number, number === 5 ? 9 : 0);
  }
  trimCompileCache(directory, 5);
  expect(readdirSync(version)).toHaveLength(5);
  trimCompileCache(directory, 4);
  expect(readdirSync(version)).toEqual(["4", "5"]);
});
