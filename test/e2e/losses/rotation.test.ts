/**
 * Rotation under load, with a writer that is a process of its own: none missing, none twice.
 */
import { join } from "node:path";
import { describe, expect } from "vitest";
import { redact, writeConfig } from "../../support/agent-config.ts";
import {
  readNumbered,
  Tally,
  writeEvents,
  writeRotating,
} from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, sampled } from "../../support/effort.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { renameSync } from "node:fs";

async function splunkWithTally(delay_ms: number, size: number) {
  const tally = new Tally(size);
  const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
  splunk.always({ kind: "normal", delay_ms });
  return { splunk, tally };
}

function expectAllOnce(tally: Tally, daemon: Daemon, size: number): void {
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

/** Of the two globs, each is tried in a part of the ways in `npm test`. */
const globs = ["audit.log", "audit.log*"];

describe.each(is_long ? globs : globs.slice(1))("with the glob %s", (glob) => {
  const fast = { sample: 8000, all: 200_000 };
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
});

describe.each(is_long ? globs : globs.slice(0, 1))("with the glob %s", (glob) => {
  const slow = { all: 60_000 };
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
});

describe.each(is_long ? globs : globs.slice(1))("with the glob %s", (glob) => {
  const stopped = { all: 200_000 };
  sampled(
    `rotation - twice while tallyman is stopped, with the glob ${glob}`,
    stopped,
    async (size) => {
      // The first daemon ships some, and the second the others.
      const [first_end, second_end, third_end] = [0.25 * size, 0.3 * size, 0.6 * size];
      const directory = temporaryDirectory();
      const { splunk, tally } = await splunkWithTally(50, size);
      const path = join(directory, "audit.log");
      const config = writeConfig({
        directory,
        url: splunk.url,
        paths: [join(directory, glob)],
        chain: [redact],
      });
      writeEvents(path, 0, first_end);
      const first = await Daemon.start(config);
      await splunk.until(() => tally.distinct > size / 20 || !first.alive);
      expect(await first.stop()).toBe(0);
      expect(first.books.balanced).toBe(true);
      writeEvents(path, first_end, second_end);
      renameSync(path, `${path}.1`);
      writeEvents(path, second_end, third_end);
      renameSync(`${path}.1`, `${path}.2`);
      renameSync(path, `${path}.1`);
      writeEvents(path, third_end, size);
      const second = await Daemon.start(config);
      await splunk.until(() => tally.distinct === size || !second.alive);
      expect(await second.stop()).toBe(0);
      expectAllOnce(tally, second, size);
    },
  );
});
