/** A state directory that is put back from a backup: no number stands for two events, or one of them would pass for a repeat. */
import { cpSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const apart_ms = 3000;

/** The events that Splunk has of the file, by their places. Throws where a place has two. */
function byPlace(splunk: Splunk): Map<string, string> {
  const places = new Map<string, string>();
  for (const { event, fields } of splunk.indexed) {
    const id = /"requestID":"[^"]*"/.exec(event.toString())?.[0];
    if (id === undefined) continue;
    const { tally_lane, tally_block, tally_i } = fields as Record<string, string>;
    const place = [tally_lane, tally_block, tally_i].join(" ");
    expect([place, places.get(place) ?? id]).toEqual([place, id]);
    places.set(place, id);
  }
  return places;
}

test.each([
  ["after a stop", (daemon: Daemon) => daemon.stop()],
  ["after a crash", (daemon: Daemon) => daemon.crash()],
] as const)("proof - a state that is put back gives no number twice: %s", async (_, end) => {
  const splunk = await Splunk.start();
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  const [state, backup] = [join(directory, "state"), join(directory, "backup")];
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    top: ["proof: { enabled: true, index: seals }"],
  });
  expect(await tallyman(["proof", "init", "-c", config])).toMatchObject({ status: 0 });
  writeEvents(path, 0, 500);
  let daemon = await Daemon.start(config);
  await splunk.until(() => byPlace(splunk).size === 500);
  await end(daemon);
  cpSync(state, backup, { recursive: true });
  const { size } = statSync(path);
  const backed_up_ms = Date.now();

  // What the backup does not know of is gone by the time it is put back, and other events are in its place.
  writeEvents(path, 500, 1000);
  daemon = await Daemon.start(config);
  await splunk.until(() => byPlace(splunk).size >= 1000);
  await end(daemon);
  truncateSync(path, size);
  writeEvents(path, 1000, 1500);
  rmSync(state, { recursive: true });
  await delay(Math.max(0, backed_up_ms + apart_ms - Date.now()));
  cpSync(backup, state, { recursive: true });
  daemon = await Daemon.start(config);
  await daemon.logged(({ code }) => code === "state_put_back");
  await splunk.until(() => new Set(byPlace(splunk).values()).size === 1500);
  expect(await daemon.stop()).toBe(0);
});
