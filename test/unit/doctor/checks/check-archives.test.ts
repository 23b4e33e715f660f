/** What the doctor finds on the way to an archive. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkArchives } from "../../../../src/doctor/checks/check-archives.ts";
import { fileOutputOptions } from "../../../../src/output/file/options.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

async function faultOf(path: string): Promise<string> {
  const options = fileOutputOptions().parse({ type: "file", path });
  const output = { ...options, buffer: { max_bytes: 1 } };
  const [finding] = await checkArchives({ output });
  return `${finding!.cause ?? "ok"}: ${finding!.message}`;
}

test("doctor - an archive behind a link that others can lead elsewhere, or behind a file, is closed", async () => {
  const place = temporaryDirectory();
  const open = join(place, "open");
  mkdirSync(open);
  symlinkSync(place, join(open, "link"));
  writeFileSync(join(place, "file"), "");
  expect(await faultOf(join(open, "link", "archive.jsonl"))).toMatch(/^ok: /);
  chmodSync(open, 0o777);
  expect(await faultOf(join(open, "link", "archive.jsonl"))).toContain(
    `archive_closed: ${join(open, "link")} is a symbolic link that others can lead elsewhere`,
  );
  expect(await faultOf(join(place, "file", "archive.jsonl"))).toContain(
    `archive_closed: ${join(place, "file")} is not a directory`,
  );
  expect(await faultOf(join(place, "missing", "archive.jsonl"))).toMatch(/^ok: /);
});
