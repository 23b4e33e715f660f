/** Whether a file still has what was read of it, while it is read on. */
import { appendFileSync, closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { compareHead } from "../../../../../src/inputs/file/files/content.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";
import { followedFile } from "../../../../support/files/followed-file.ts";

it("content - a head that a turn comes to know more of meanwhile is not taken for another", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\n");
  const file = await followedFile(path);
  file.noteHead(Buffer.from("one\n"));
  appendFileSync(path, "two\n");
  const descriptor = openSync(path, "r");
  onTestFinished(() => closeSync(descriptor));
  const compared = compareHead(file, descriptor);
  file.noteHead(Buffer.from("one\ntwo\n"));
  expect(await compared).toBe("alike");
});

it("content - a head that is another is found to be one", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "three\n");
  const file = await followedFile(path);
  file.noteHead(Buffer.from("one\n"));
  const descriptor = openSync(path, "r");
  onTestFinished(() => closeSync(descriptor));
  expect(await compareHead(file, descriptor)).toBe("unlike");
});
