/** The second place for seals: what is there is whole notes, and nothing waits for it. */
import { mkdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../../src/platform/clock.ts";
import { Mirror } from "../../../../src/proof/sealing/mirror.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test("mirror - has each note, with an empty line behind it, for tallyman's user alone", async () => {
  const path = join(temporaryDirectory(), "seals");
  const mirror = new Mirror({ clock: systemClock, log: new CollectedLog() });
  mirror.add(path, "one\n\n— a b\n");
  mirror.add(path, "two\n\n— a c\n");
  await mirror.done();
  mirror.write(path);
  await mirror.done();
  expect(readFileSync(path, "utf8")).toBe("one\n\n— a b\n\ntwo\n\n— a c\n\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("mirror - keeps what cannot be written, says so once, and writes it when it can", async () => {
  const path = join(temporaryDirectory(), "seals");
  mkdirSync(path);
  const log = new CollectedLog();
  const mirror = new Mirror({ clock: systemClock, log });
  for (let number = 0; number < 1002; number += 1) {
    mirror.add(path, `${number}\n`);
    await mirror.done();
  }
  expect(log.of("proof_mirror_unwritable")).toHaveLength(1);
  expect(log.of("proof_mirror_missed")).toHaveLength(2);
  rmdirSync(path);
  mirror.write(path);
  await mirror.done();
  expect(readFileSync(path, "utf8")).toMatch(/^2\n\n3\n/);
  expect(log.of("proof_mirror_writable")).toHaveLength(1);
});
