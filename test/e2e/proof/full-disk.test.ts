/** Seals on a disk that is full for a while: events are delivered all the same, and afterwards there is a seal for each. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filter, redact, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { audit, exportOf } from "../../support/proof/auditing.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { splunkJson } from "../../support/proof/exports.ts";
import { fillUp, onSmallDisk } from "../../support/files/small-disk.ts";
import { Splunk } from "../../support/splunk.ts";

const ids = (splunk: Splunk): number =>
  splunk.indexed.filter(({ event }) => event.includes('"requestID"')).length;

async function fullFor(crash: boolean): Promise<void> {
  const splunk = await Splunk.start();
  const { directory, disk } = onSmallDisk();
  const path = join(directory, "audit.log");
  const mirror = join(disk, "seals.notes");
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    chain: [filter, redact],
    top: [`proof: { enabled: true, interval: 1s, index: seals, mirror: ${mirror} }`],
  });
  const { status, out } = await tallyman(["proof", "init", "-c", config]);
  expect(status).toBe(0);
  writeEvents(path, 0, 800);
  let daemon = await Daemon.start(config);
  await splunk.until(() => ids(splunk) === 700);
  const filler = join(disk, "filler");
  fillUp(filler);
  writeEvents(path, 800, 1600);
  // Delivery does not wait for the disk, and somebody is told.
  await splunk.until(() => ids(splunk) >= 1400);
  await daemon.logged(({ level }) => level === "error");
  if (crash) {
    await daemon.crash();
    rmSync(filler);
    daemon = await Daemon.start(config);
  } else rmSync(filler);
  writeEvents(path, 1600, 2400);
  await splunk.until(() => ids(splunk) >= 2100);
  await eventually(() => audit(splunk.indexed).unsealed === 0);
  expect(await daemon.stop()).toBe(0);
  const file = join(directory, "export.json");
  writeFileSync(file, splunkJson(exportOf(splunk.indexed)));
  const verified = await tallyman(["verify", "--root", out.split("\n")[0]!, file]);
  expect(verified, verified.out).toMatchObject({ status: 0 });
  expect(daemon.books.balanced).toBe(true);
}

// Mounting a small disk is for root alone.
test.runIf(is_long && process.getuid!() === 0).each([
  ["the agent goes on", false],
  ["the agent is killed while it is", true],
] as const)(
  "proof - a disk that is full for a while costs no event and no seal: %s",
  long,
  (_, crash) => fullFor(crash),
);
