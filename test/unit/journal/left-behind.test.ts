/** Which journals are found in a state directory. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isInputName } from "../../../src/config/config.ts";
import { journalsIn } from "../../../src/journal/left-behind.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const segment = "0000000000000000.journal";

test("left behind - finds what holds segments, under names that an input can have", async () => {
  const directory = temporaryDirectory();
  for (const name of ["weka", "apps", "apps.bak", "lost+found", "empty"]) {
    mkdirSync(join(directory, name));
    if (name !== "empty") writeFileSync(join(directory, name, segment), "");
  }
  writeFileSync(join(directory, "file"), "");
  expect((await journalsIn(directory, isInputName)).sort()).toEqual(["apps", "weka"]);
  expect(await journalsIn(join(directory, "missing"), isInputName)).toEqual([]);
});

test("left behind - what cannot be read is passed over where it is no journal, and told where it may be one", async () => {
  const directory = temporaryDirectory();
  symlinkSync("lost+found", join(directory, "lost+found"));
  expect(await journalsIn(directory, isInputName)).toEqual([]);
  symlinkSync("weka", join(directory, "weka"));
  await expect(journalsIn(directory, isInputName)).rejects.toMatchObject({
    code: "state_unwritable",
  });
});
