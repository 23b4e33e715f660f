/** The journal on a real disk: what comes out of it is what was put in, and nothing that was accepted is lost. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Verdict } from "../../../src/event/event.ts";
import { systemFiles, type JournalFiles } from "../../../src/journal/segments/files.ts";
import { eventually } from "../../support/eventually.ts";
import {
  eventsOf,
  input,
  Journaling,
  type JournalingOptions,
} from "../../support/events/journaling.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

async function open(options: Partial<JournalingOptions> = {}): Promise<Journaling> {
  const directory = options.directory ?? join(temporaryDirectory(), "journal", input);
  const journaling = await Journaling.open({ directory, ...options });
  onTestFinished(() => journaling.journal.close());
  return journaling;
}

/** Opens, and reads until all is read. */
async function openAndRead(options: Partial<JournalingOptions>): Promise<Journaling> {
  const journaling = await open(options);
  journaling.start();
  await eventually(() => journaling.journal.events_unread === 0);
  return journaling;
}

/** The system's calls, and how often the disk was asked to sync. */
function countingFiles(): { files: JournalFiles; syncs: () => number; writes: () => number } {
  let syncs = 0;
  let writes = 0;
  const create: JournalFiles["create"] = async (path) => {
    const file = await systemFiles.create(path);
    return {
      ...file,
      write: (buffers, position) => {
        writes += 1;
        return file.write(buffers, position);
      },
      sync: () => {
        syncs += 1;
        return file.sync();
      },
    };
  };
  return { files: { ...systemFiles, create }, syncs: () => syncs, writes: () => writes };
}

const texts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `{"id":${from + number}}`);

describe("events", () => {
  test("journal - gives events back as the chain left them: bytes, time and metadata", async () => {
    const journaling = await open();
    const metadata = { host: "weka-1", index: "s3", fields: { site: "a", tags: ["x", 1] } };
    const event = eventsOf(['{"time":"1742539047.915055685","n":12345678901234567890}'], {
      metadata,
    })[0]!;
    event.replace("n", "changed");
    const delivery = journaling.journal.delivery();
    delivery.add(event);
    await expect(journaling.journal.append(delivery)).resolves.toBe("accepted");
    journaling.start();
    await eventually(() => journaling.given.length === 1);
    expect(journaling.given[0]).toMatchObject({
      text: '{"time":"1742539047.915055685","n":"changed"}',
      time: "1742539047.915055685",
      metadata,
      verdict: undefined,
      truncation: undefined,
    });
  });

  test("journal - gives equal metadata as one object, across deliveries", async () => {
    const journaling = await open();
    await journaling.append(["1", "2"], { host: "a" });
    await journaling.append(["3"], { host: "b" });
    await journaling.append(["4"], { host: "a" });
    journaling.start();
    await eventually(() => journaling.given.length === 4);
    const [first, second, other, last] = journaling.given.map(({ metadata }) => metadata);
    expect(first).toEqual({ host: "a" });
    expect(other).toEqual({ host: "b" });
    expect(second).toBe(first);
    expect(last).toBe(first);
  });

  test("journal - keeps what is known of an event that was cut", async () => {
    const journaling = await open();
    const truncation = { original_bytes: 5_000_000_000, original_sha256: "ab".repeat(32) };
    const [event] = eventsOf(['{"cut":'], { truncations: new Map([[0, truncation]]) });
    const delivery = journaling.journal.delivery();
    delivery.add(event!);
    await journaling.journal.append(delivery);
    journaling.start();
    await eventually(() => journaling.given.length === 1);
    expect(journaling.given[0]).toMatchObject({ text: '{"cut":', truncation });
  });

  test("journal - keeps of a quarantined event the reason, the original's digest and the masked text", async () => {
    const directory = join(temporaryDirectory(), input);
    const journaling = await open({ directory });
    const record = '{"password":"hunter2"';
    const metadata = { host: "node7", index: "audit", fields: { password: "hunter2" } };
    const delivery = journaling.journal.delivery();
    const verdict = new Verdict("quarantined", "unreadable", "at byte 21");
    const mask = (text: string): string => text.replaceAll("hunter2", "***");
    const [event] = eventsOf([record]);
    Object.assign(event!, metadata);
    delivery.quarantine(event!, verdict, mask);
    await journaling.journal.append(delivery);
    journaling.start();
    await eventually(() => journaling.given.length === 1);
    const original_sha256 = createHash("sha256").update(record).digest("hex");
    expect(journaling.given[0]).toMatchObject({
      text: '{"password":"***"',
      verdict: { fate: "quarantined", reason: "unreadable", detail: "at byte 21" },
      original: { original_bytes: record.length, original_sha256 },
      kept: {
        masked: true,
        metadata: { host: "node7", index: "audit", fields: { password: "***" } },
      },
    });
    for (const { path, text } of filesIn(directory)) expect(text, path).not.toContain("hunter2");
  });

  test("journal - books events that ended in the chain when it is read", async () => {
    const journaling = await open();
    const delivery = journaling.delivery(["1"]);
    delivery.end("filtered", "no_heads", 3);
    delivery.end("dropped", "plugin_error:tag", 2);
    expect(delivery.events).toBe(6);
    await journaling.journal.append(delivery);
    expect(journaling.ledger.books().total).toMatchObject({ received: 6, in_flight: 6 });
    journaling.start();
    await eventually(() => journaling.given.length === 1);
    journaling.settle();
    expect(journaling.ledger.books()).toMatchObject({
      balanced: true,
      total: { received: 6, delivered: 1, filtered: 3, dropped: 2, in_flight: 0 },
    });
  });

  test("journal - gives a delivery larger than a block whole, and small ones many at a time", async () => {
    const journaling = await open({ options: { max_bytes: 64 * 1024 ** 2 } });
    const large = Array.from({ length: 3000 }, (_, number) => `"${number}${"x".repeat(1000)}"`);
    await journaling.append(large);
    await Promise.all(texts(0, 500).map((text) => journaling.append([text])));
    journaling.start();
    await eventually(() => journaling.given.length === 3500);
    expect(journaling.texts).toEqual([...large, ...texts(0, 500)]);
    expect(journaling.blocks).toBeLessThan(10);
  });
});

describe("restarts", () => {
  test("journal - goes on behind its checkpoint, and gives again what was not settled", async () => {
    const directory = temporaryDirectory();
    const first = await open({ directory });
    first.start();
    await first.append(texts(0, 3));
    await eventually(() => first.given.length === 3);
    first.settle();
    await first.append(texts(3, 2));
    await eventually(() => first.given.length === 5);
    const state = first.save();
    await first.journal.close();
    const second = await openAndRead({ directory, state });
    expect(second.texts).toEqual(texts(3, 2));
    second.settle();
    expect(second.ledger.books().total).toMatchObject({ received: 5, delivered: 5, in_flight: 0 });
  });

  test("journal - gives everything that is there where the state file is gone", async () => {
    const directory = temporaryDirectory();
    const first = await open({ directory });
    await first.append(texts(0, 3));
    await first.journal.close();
    const second = await openAndRead({ directory });
    expect(second.texts).toEqual(texts(0, 3));
  });

  test("journal - removes a segment only when the state file has its events settled", async () => {
    const directory = temporaryDirectory();
    const journaling = await open({ directory, options: { max_bytes: 80_000 } });
    journaling.start();
    for (let round = 0; round < 6; round += 1) await journaling.append(["x".repeat(8000)]);
    await eventually(() => journaling.given.length === 6);
    journaling.settle();
    expect(readdirSync(directory)).toHaveLength(6);
    journaling.save();
    await eventually(() => journaling.journal.status().segments === 1);
    expect(readdirSync(directory)).toHaveLength(1);
    expect(journaling.journal.events_unread).toBe(0);
  });

  test("journal - is for tallyman's user alone, and leaves unknown files as they are", async () => {
    const directory = join(temporaryDirectory(), "journal", input);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "README"), "mine");
    writeFileSync(join(directory, "0.journal.bak"), "mine too");
    const journaling = await open({ directory });
    await journaling.append(["1"]);
    expect(readdirSync(directory).sort()).toEqual([
      "0.journal.bak",
      "0000000000000000.journal",
      "README",
    ]);
    const mode = statSync(join(directory, "0000000000000000.journal")).mode;
    expect(mode & 0o777).toBe(0o600);
  });

  test("journal - says `unavailable` once it is closed", async () => {
    const journaling = await open();
    await journaling.append(["1"]);
    await journaling.journal.close();
    expect(await journaling.append(["2"])).toBe("unavailable");
    expect(journaling.journal.room()).toBeUndefined();
  });
});

describe("syncs", () => {
  test("journal - everyone who waits shares one write and one sync", async () => {
    const { files, syncs, writes } = countingFiles();
    const journaling = await open({ files });
    await journaling.append(["first"]);
    const before = { syncs: syncs(), writes: writes() };
    await Promise.all(texts(0, 200).map((text) => journaling.append([text])));
    expect(syncs() - before.syncs).toBe(1);
    expect(writes() - before.writes).toBe(1);
    journaling.start();
    await eventually(() => journaling.given.length === 201);
    expect(journaling.texts.slice(1)).toEqual(texts(0, 200));
  });

  test("journal - with a duration it answers before the sync, and gives events after it", async () => {
    const { files, syncs } = countingFiles();
    const clock = new ManualClock();
    const journaling = await open({ files, clock, options: { sync: 1000 } });
    journaling.start();
    expect(await journaling.append(["1"])).toBe("accepted");
    const before = syncs();
    expect(await journaling.append(["2"])).toBe("accepted");
    expect(syncs()).toBe(before);
    expect(journaling.journal.events_unread).toBe(2);
    clock.pass(1000);
    await eventually(() => journaling.given.length === 2);
    expect(syncs()).toBe(before + 1);
  });

  test("journal - waits while the intake has no room, and is idle when all is read", async () => {
    const journaling = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    journaling.backpressure = promise;
    journaling.start();
    await journaling.append(["1"]);
    await eventually(() => journaling.given.length === 1);
    const idles = journaling.idles;
    await journaling.append(["2"]);
    expect(journaling.texts).toEqual(["1"]);
    journaling.backpressure = undefined;
    resolve();
    await eventually(() => journaling.given.length === 2 && journaling.idles > idles);
  });
});

function filesIn(directory: string): { path: string; text: string }[] {
  return readdirSync(directory).map((name) => {
    const path = join(directory, name);
    return { path, text: readFileSync(path, "latin1") };
  });
}
