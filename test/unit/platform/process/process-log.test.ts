/** The end of the log: every line is written, in order, whatever is being written when the process ends. */
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { openLog } from "../../../../src/platform/process/process-log.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** What one line is written as. */
async function written(isTTY: boolean): Promise<string> {
  const file = join(temporaryDirectory(), "log");
  const fd = openSync(file, "w");
  const log = await openLog("info", Object.assign(Object.create(process.stderr), { fd, isTTY }));
  log.logger.warn("file_unreadable", { path: "/var/log/a" }, "File cannot be read.");
  log.logger.debug("admin_listening", {}, "Too much.");
  log.flush();
  return readFileSync(file, "utf8");
}

test("process log - a line is JSON with its code before its facts", async () => {
  const entry = JSON.parse(await written(false)) as Record<string, unknown>;
  expect(Object.keys(entry)).toEqual(["level", "time", "code", "path", "msg"]);
  expect(entry).toMatchObject({ level: "warn", code: "file_unreadable", path: "/var/log/a" });
});

test("process log - on a terminal the code stands behind the sentence", async () => {
  // oxlint-disable-next-line no-control-regex
  const text = (await written(true)).replaceAll(/\u001b\[\d+m/g, "");
  expect(text).toMatch(/WARN.*: File cannot be read\. \[file_unreadable\]\n/);
  expect(text.match(/file_unreadable/g)).toHaveLength(1);
});

test("process log - at its end every line is there, in order, and nothing is written later", async () => {
  const file = join(temporaryDirectory(), "log");
  const stream = Object.assign(Object.create(process.stderr), {
    fd: openSync(file, "w"),
    isTTY: false,
  });
  const log = await openLog("info", stream);
  const count = 200;
  for (let number = 0; number < count; number += 1) {
    log.logger.info("books", { number }, "A line.");
    // Now and then a write is under way.
    if (number % 3 === 0) await setImmediate();
  }
  await log.end();
  log.logger.info("books", { number: count }, "Too late.");
  log.flush();
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const numbers = lines.map((line) => (JSON.parse(line) as { number: number }).number);
  expect(numbers).toEqual(Array.from({ length: count }, (_, number) => number));
});
