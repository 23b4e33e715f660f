/** The end of the log: every line is written, in order, whatever is being written when the process ends. */
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { openLog } from "../../../../src/platform/process/process-log.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

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
