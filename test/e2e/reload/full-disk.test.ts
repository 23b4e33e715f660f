/**
 * A redact step is added while events wait and the disk of the state is full to the last byte: none of them leaves as it was, and
 * none is lost, whether the agent goes on or is killed.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { patience } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { linesLeft } from "../../support/quarantine/quarantine-lines.ts";
import { fillUp, onSmallDisk } from "../../support/files/small-disk.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import {
  eventOf,
  masked,
  received,
  redact,
  secret,
  WaitingRig,
} from "../../support/events/waiting-rig.ts";
import { tallyman } from "../../support/command-line.ts";
import { askStatus } from "../../support/reports/metrics.ts";

/** No JSON object, so that the step sends it to quarantine, for which there is no room. */
const unreadable = JSON.stringify(`login with password=${secret}`);
const numbers = [1, 2, 3];

interface FullDisk {
  readonly rig: WaitingRig;
  readonly other: Splunk;
  readonly disk: string;
  readonly config: string;
  readonly daemon: Daemon;
}

/** Events wait in memory, in journals and in buffers, the disk is full, and the step was added. */
async function addedOnFullDisk(): Promise<FullDisk> {
  const { directory, disk } = onSmallDisk();
  const rig = await WaitingRig.make(directory);
  const other = await Splunk.start();
  await Promise.all([rig.splunk.refuse(), other.refuse()]);
  const outputs = [rig.splunk.url, other.url].map(
    (url, number) =>
      `out_${number}: { type: splunk_hec, url: "${url}", token: ${valid_token}, timeout: ${patience} }`,
  );
  const route = `{ route: { to: out_1 }, when: "n == 3" }`;
  const config = rig.configure([route], { outputs });
  const daemon = await Daemon.start(config);
  for (const number of numbers) await rig.send(number);
  await rig.sendLine(unreadable);
  await received(config, 11);
  fillUp(join(disk, "filler"));
  rig.configure([redact, route], { outputs });
  const { out } = await tallyman(["reload", "-c", config]);
  expect(out).toContain("11 events had been through the former chain while waiting to be sent.");
  return { rig, other, disk, config, daemon };
}

async function arriveMasked({ rig, other, disk, daemon }: FullDisk): Promise<void> {
  const isThere = (splunk: Splunk, wanted: readonly string[]): boolean =>
    wanted.every((event) => splunk.events.filter((each) => each === event).length >= 3);
  const quarantined = (): string[] => linesLeft(join(disk, "quarantine"));
  await eventually(
    () =>
      !daemon.alive ||
      (isThere(rig.splunk, masked(1, 2)) && isThere(other, masked(3)) && quarantined().length >= 2),
  );
  expect(daemon.alive).toBe(true);
}

// Mounting a small disk is for root alone.
test.runIf(is_long && process.getuid!() === 0)(
  "reload - on a full disk a redact step that is new masks what waits, and nothing is lost",
  long,
  async () => {
    const full = await addedOnFullDisk();
    const { rig, other, disk, daemon } = full;
    await Promise.all([rig.splunk.listen(), other.listen()]);
    // What fits nowhere waits.
    await eventually(() => rig.splunk.events.length > 0 || !daemon.alive);
    rmSync(join(disk, "filler"));
    await arriveMasked(full);
    expect(await daemon.stop()).toBe(0);
    expect(rig.splunk.events.toSorted()).toEqual(masked(1, 2));
    expect(other.events).toEqual(masked(3));
    expect([...linesLeft(join(disk, "quarantine")), ...daemon.lines].join("\n")).not.toContain(
      secret,
    );
    expect(daemon.books).toMatchObject({ balanced: true });
    expect(daemon.books.total).toMatchObject({
      received: 11,
      delivered: 9,
      quarantined: 2,
      dropped: 0,
      in_flight: 0,
    });
  },
);

test.runIf(process.getuid!() === 0)(
  "reload - killed on a full disk with a redact step that is new, the next start masks what waits, and nothing is lost",
  async () => {
    const full = await addedOnFullDisk();
    const { rig, other, disk, config, daemon } = full;
    await Promise.all([rig.splunk.listen(), other.listen()]);
    await eventually(() => rig.splunk.events.length > 0 || !daemon.alive);
    await daemon.crash();
    const next = Daemon.spawn(["run", "-c", config]);
    await eventually(() => next.entries.length > 0 || !next.alive);
    rmSync(join(disk, "filler"));
    await arriveMasked({ ...full, daemon: next });
    const { books } = await askStatus(join(disk, "admin.sock"));
    expect(books.total).toMatchObject({ dropped: 0 });
    expect(await next.stop()).toBe(0);
    const lines = [...daemon.lines, ...next.lines, ...linesLeft(join(disk, "quarantine"))];
    expect([...rig.splunk.events, ...other.events, ...lines].join("\n")).not.toContain(secret);
    expect([...new Set(rig.splunk.events)].toSorted()).toEqual([...new Set(masked(1, 2))]);
    expect(new Set(other.events)).toEqual(new Set(masked(3)));
    expect(eventOf(1)).toContain(secret);
    expect(next.books.balanced).toBe(true);
  },
);
