/** What an agent keeps of its fleet. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  keptPath,
  nothing_kept,
  readKept,
  withSeen,
  writeKept,
} from "../../../../src/config/fleet/kept.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test("kept - comes back as it was, for the agent's user alone", async () => {
  const state_dir = temporaryDirectory();
  expect(await readKept(state_dir)).toEqual(nothing_kept);
  const kept = withSeen({ ...nothing_kept, note: "n" }, "web", { serial: 7, sha256: "s" });
  await writeKept(state_dir, kept);
  expect(await readKept(state_dir)).toEqual(kept);
  expect(statSync(keptPath(state_dir)).mode & 0o777).toBe(0o600);
});

test("kept - serials are remembered by group, for a bounded number of groups", () => {
  let kept = withSeen(nothing_kept, "web", { serial: 7, sha256: "s" });
  for (let group = 0; group < 70; group += 1)
    kept = withSeen(kept, `g${group}`, { serial: group + 1, sha256: "s" });
  expect(Object.keys(kept.highest)).toHaveLength(64);
  expect(kept.highest["web"]).toBeUndefined();
  expect(kept.highest["g69"]).toEqual({ serial: 70, sha256: "s" });
});

test("kept - a file of another form is not taken for one that is missing", async () => {
  const state_dir = temporaryDirectory();
  for (const text of [
    "",
    "{}",
    '{"v":2,"highest":{}}',
    '{"v":1,"highest":{"a":{"serial":0,"sha256":""}}}',
  ]) {
    writeFileSync(keptPath(state_dir), text);
    await expect(readKept(state_dir)).rejects.toThrow("has not the form of such a file");
    expect(readFileSync(keptPath(state_dir), "utf8")).toBe(text);
  }
});
