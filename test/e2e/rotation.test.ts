/**
 * Rotation under load, with a writer that is a process of its own: none missing, none twice.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { redact, writeConfig } from "../support/agent-config.ts";
import { readNumbered, Tally, writeEvents, writeRotating } from "../support/audit-files.ts";
import { Daemon } from "../support/daemon.ts";
import { sampled } from "../support/effort.ts";
import { Splunk } from "../support/splunk.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { renameSync } from "node:fs";

/** Of which the first daemon ships some, and the second the others. */
const events = 60_000;

async function splunkWithTally(delay_ms: number, size = events) {
  const tally = new Tally(size);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  splunk.always({ kind: "normal", delay_ms });
  return { splunk, tally };
}

function expectAllOnce(tally: Tally, daemon: Daemon, size = events): void {
  expect(tally.missing()).toEqual([]);
  expect(tally.repeats).toBe(0);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({
    received: size,
    delivered: size,
    in_flight: 0,
    lost_bytes: 0,
  });
}

describe.each(["audit.log", "audit.log*"])("with the glob %s", (glob) => {
  const fast = { sample: 40_000, all: 200_000 };
  sampled(
    `rotation - by rename every 200 ms at 20,000 events/s, with the glob ${glob}`,
    fast,
    async (size) => {
      const directory = temporaryDirectory();
      const { splunk, tally } = await splunkWithTally(50, size);
      const path = join(directory, "audit.log");
      const config = writeConfig({
        directory,
        url: splunk.url,
        paths: [join(directory, glob)],
        chain: [redact],
      });
      const daemon = await Daemon.start(config);
      await writeRotating({
        path,
        from: 0,
        to: size,
        per_second: 20_000,
        rotate_every_ms: 200,
        // On a loaded machine it may be seconds until the daemon gets to look.
        keep: 20,
        mode: "rename",
      });
      await splunk.until(() => tally.distinct === size || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      expectAllOnce(tally, daemon, size);
    },
  );

  const slow = { sample: 18_000, all: 60_000 };
  sampled(
    `rotation - by copying and truncating at a pace that can be followed, with the glob ${glob}`,
    slow,
    async (size) => {
      const directory = temporaryDirectory();
      const { splunk, tally } = await splunkWithTally(5, size);
      const path = join(directory, "audit.log");
      const config = writeConfig({
        directory,
        url: splunk.url,
        paths: [join(directory, glob)],
        chain: [redact],
      });
      const daemon = await Daemon.start(config);
      await writeRotating({
        path,
        from: 0,
        to: size,
        per_second: 6000,
        rotate_every_ms: 2000,
        // On a loaded machine it may be seconds until the daemon gets to look.
        keep: 20,
        mode: "copytruncate",
      });
      await splunk.until(() => tally.distinct === size || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      expectAllOnce(tally, daemon, size);
    },
  );

  test(`rotation - twice while tallyman is stopped, with the glob ${glob}`, async () => {
    const directory = temporaryDirectory();
    const { splunk, tally } = await splunkWithTally(50);
    const path = join(directory, "audit.log");
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [join(directory, glob)],
      chain: [redact],
    });
    writeEvents(path, 0, 15_000);
    const first = await Daemon.start(config);
    await splunk.until(() => tally.distinct > 3000 || !first.alive);
    expect(await first.stop()).toBe(0);
    expect(first.books.balanced).toBe(true);
    writeEvents(path, 15_000, 18_000);
    renameSync(path, `${path}.1`);
    writeEvents(path, 18_000, 36_000);
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeEvents(path, 36_000, events);
    const second = await Daemon.start(config);
    await splunk.until(() => tally.distinct === events || !second.alive);
    expect(await second.stop()).toBe(0);
    expectAllOnce(tally, second);
  });
});
