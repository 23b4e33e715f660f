/** A core dump has nothing of this process's memory in it, nor of what it starts. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { emptyCoreDumps } from "../../../../src/platform/process/core-dump.ts";

const filter = "/proc/self/coredump_filter";

test.runIf(existsSync(filter))("core dump - memory is left out, also of other processes", () => {
  const before = readFileSync(filter, "utf8").trim();
  onTestFinished(() => writeFileSync(filter, `0x${before}`));
  emptyCoreDumps();
  expect(Number.parseInt(readFileSync(filter, "utf8"), 16)).toBe(0);
  expect(Number.parseInt(execFileSync("cat", [filter], { encoding: "utf8" }), 16)).toBe(0);
});
