/** What a followed file takes from looks at it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lookAt } from "../../../../../src/inputs/file/discovery/file-access.ts";
import { followedFile } from "../../../../support/files/followed-file.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

it("followed file - a look of the same instant as a read says nothing, and a later one does", async () => {
  const path = join(temporaryDirectory(), "audit.log");
  writeFileSync(path, "one\ntwo\n");
  const file = await followedFile(path);
  const at_ms = file.read_at_ms + 1;
  file.read_at_ms = at_ms;
  writeFileSync(path, "one\n");
  expect(file.note(await lookAt(path, at_ms), at_ms)).toBe(false);
  expect(file.note(await lookAt(path, at_ms + 1), at_ms)).toBe(true);
});
