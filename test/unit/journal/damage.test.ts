/** What is left of a journal after a crash or a bad disk: it opens, gives the rest, and counts what is lost exactly. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemFiles, type JournalFiles } from "../../../src/journal/segments/files.ts";
import type { LedgerState } from "../../../src/ledger/state.ts";
import { eventually } from "../../support/eventually.ts";
import { input, Journaling, type JournalingOptions } from "../../support/events/journaling.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const first_segment = "0000000000000000.journal";
/** A segment's header, and a mark. */
const empty_segment_bytes = 88;
const frame_header_bytes = 40;

/** A closed journal that holds deliveries of two events each: `0a`, `0b`, `1a` and so on. */
async function written(
  deliveries: number,
): Promise<{ directory: string; path: string; state: LedgerState }> {
  const directory = join(temporaryDirectory(), input);
  const journaling = await Journaling.open({ directory });
  for (let number = 0; number < deliveries; number += 1) {
    await journaling.append([`${number}a`, `${number}b`]);
  }
  await journaling.journal.close();
  return { directory, path: join(directory, first_segment), state: journaling.save() };
}

async function read(options: JournalingOptions): Promise<Journaling> {
  const journaling = await Journaling.open(options);
  onTestFinished(() => journaling.journal.close());
  journaling.start();
  await eventually(() => journaling.journal.events_unread === 0);
  return journaling;
}

/** Where the frames of a segment begin, marks included. */
function framesOf(path: string): number[] {
  const bytes = readFileSync(path);
  const offsets: number[] = [];
  for (let at = empty_segment_bytes; at < bytes.length;) {
    offsets.push(at);
    at += frame_header_bytes + bytes.readUInt32LE(at + 4);
  }
  return offsets;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x10;
  writeFileSync(path, bytes);
}

describe("damage", () => {
  test("journal - a torn tail is ignored, and its bytes are told", async () => {
    const { directory, path, state } = await written(2);
    const whole = readFileSync(path);
    // A frame whose end never reached the disk.
    const frame = whole.subarray(empty_segment_bytes, empty_segment_bytes + 60);
    writeFileSync(path, Buffer.concat([whole, frame]));
    const journaling = await read({ directory, state });
    expect(journaling.texts).toEqual(["0a", "0b", "1a", "1b"]);
    expect(journaling.ledger.books().total.dropped).toBe(0);
    expect(journaling.log.at("warn")[0]).toMatchObject({ facts: { torn_bytes: 60 } });
    expect(await journaling.append(["2a"])).toBe("accepted");
    await journaling.journal.close();
    const again = await read({ directory, state });
    expect(again.texts).toEqual(["0a", "0b", "1a", "1b", "2a"]);
    expect(again.log.at("warn")).toEqual([]);
  });

  test.each([
    ["in its payload", frame_header_bytes + 5],
    ["in its header's length", 4],
    ["in its magic number", 0],
    ["in its checksum", 36],
  ])("journal - a frame damaged %s is passed over, and its events counted", async (_, offset) => {
    const { directory, path, state } = await written(4);
    // Every delivery was awaited, so every second frame is a mark.
    flip(path, framesOf(path)[2]! + offset);
    const journaling = await read({ directory, state });
    expect(journaling.texts).toEqual(["0a", "0b", "2a", "2b", "3a", "3b"]);
    expect(journaling.ledger.books()).toMatchObject({
      balanced: true,
      inputs: { [input]: { received: 8, dropped: { journal_damaged: 2 }, in_flight: 6 } },
    });
    expect(journaling.log.at("error")[0]).toMatchObject({ facts: { file: path, events: 2 } });
  });

  test("journal - the damage of the very last frame is counted as well", async () => {
    const { directory, path, state } = await written(2);
    flip(path, framesOf(path).at(-2)!);
    const journaling = await read({ directory, state });
    expect(journaling.texts).toEqual(["0a", "0b"]);
    expect(journaling.ledger.books().inputs[input]!.dropped).toEqual({ journal_damaged: 2 });
  });

  test("journal - a damaged segment header costs nothing", async () => {
    const { directory, path, state } = await written(2);
    flip(path, 20);
    const journaling = await read({ directory, state });
    expect(journaling.texts).toEqual(["0a", "0b", "1a", "1b"]);
    expect(journaling.ledger.books().total.dropped).toBe(0);
  });

  test("journal - a damaged segment is kept aside, and only the latest few are", async () => {
    const { directory, path, state } = await written(3);
    const damaged = join(directory, "damaged");
    mkdirSync(damaged);
    for (let number = 1; number <= 9; number += 1) writeFileSync(join(damaged, `${number}`), "");
    flip(path, framesOf(path)[2]! + frame_header_bytes);
    const bytes = readFileSync(path);
    const journaling = await read({ directory, state });
    await journaling.journal.stop();
    expect(readFileSync(join(damaged, first_segment))).toEqual(bytes);
    expect(readdirSync(damaged)).toHaveLength(4);
  });

  test("journal - a segment that someone removed is counted", async () => {
    const directory = join(temporaryDirectory(), input);
    const options = { max_bytes: 80_000 };
    const first = await Journaling.open({ directory, options });
    for (let number = 0; number < 3; number += 1) await first.append([`${number}`.repeat(9000)]);
    await first.journal.close();
    unlinkSync(join(directory, "0000000000000001.journal"));
    const journaling = await read({ directory, options, state: first.save() });
    expect(journaling.texts.map((text) => text[0])).toEqual(["0", "2"]);
    expect(journaling.ledger.books().inputs[input]!.dropped).toEqual({ journal_damaged: 1 });
  });

  test("journal - a segment that someone cut is counted", async () => {
    const { directory, path, state } = await written(3);
    const journaling = await Journaling.open({ directory, state });
    onTestFinished(() => journaling.journal.close());
    truncateSync(path, framesOf(path)[2]! + 10);
    journaling.start();
    await journaling.append(["3a"]);
    await eventually(() => journaling.journal.events_unread === 0);
    expect(journaling.texts).toEqual(["0a", "0b", "3a"]);
    expect(journaling.ledger.books().inputs[input]!.dropped).toEqual({ journal_damaged: 4 });
  });

  test("journal - sectors that cannot be read cost only the frames that they are in", async () => {
    const directory = join(temporaryDirectory(), input);
    const large = Array.from({ length: 30 }, (_, number) => `${number} `.repeat(1000));
    const first = await Journaling.open({ directory });
    for (const text of large) await first.append([text]);
    await first.journal.close();
    const journaling = await read({ directory, files: withBadSector(16_384), state: first.save() });
    const { dropped } = journaling.ledger.books().inputs[input]!;
    const lost = dropped["journal_damaged"]!;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThanOrEqual(3);
    expect(journaling.given).toHaveLength(30 - lost);
  });
});

describe("checkpoints", () => {
  test("journal - the checkpoint of another journal is not believed", async () => {
    const one = await written(3);
    const other = await written(1);
    const journaling = await read({ directory: other.directory, state: one.state });
    expect(journaling.texts).toEqual(["0a", "0b"]);
    expect(journaling.ledger.streamsOf(input)).toHaveLength(1);
  });

  test("journal - a checkpoint beyond the end is not believed, and hides nothing that comes later", async () => {
    const { directory, state } = await written(2);
    state.streams[0]!.checkpoint = { sequence: 1000 };
    const journaling = await read({ directory, state });
    expect(journaling.texts).toEqual(["0a", "0b", "1a", "1b"]);
    await journaling.append(["2a"]);
    await eventually(() => journaling.journal.events_unread === 0);
    expect(journaling.texts.at(-1)).toBe("2a");
    expect(journaling.ledger.books()).toMatchObject({ balanced: true, total: { dropped: 0 } });
    await journaling.journal.close();
    const again = await read({ directory, state });
    expect(again.texts).toContain("2a");
  });

  test("journal - a checkpoint that is not believed removes nothing, were it saved just now", async () => {
    const directory = join(temporaryDirectory(), input);
    const options = { max_bytes: 80_000 };
    const first = await Journaling.open({ directory, options });
    for (let number = 0; number < 3; number += 1) await first.append([`${number}`.repeat(9000)]);
    await first.journal.close();
    const state = first.save();
    state.streams[0]!.checkpoint = { sequence: 1000 };
    const second = await Journaling.open({ directory, options, state });
    for (const stream of second.ledger.streams()) {
      stream.written({ sequence: 1000 });
      stream.saved();
    }
    await second.append(["3"]);
    await second.journal.close();
    expect(readdirSync(directory)).toHaveLength(4);
  });

  test.each([[undefined], ["7"], [{ sequence: -1 }], [{ sequence: 1.5 }], [null]])(
    "journal - with the checkpoint %j it begins at the beginning",
    async (checkpoint) => {
      const { directory, state } = await written(2);
      state.streams[0]!.checkpoint = checkpoint;
      const journaling = await read({ directory, state });
      expect(journaling.texts).toEqual(["0a", "0b", "1a", "1b"]);
    },
  );

  test("journal - a segment of another journal is moved aside, and never overwritten", async () => {
    const one = await written(3);
    const other = await written(1);
    const foreign = join(one.directory, "0000000000000006.journal");
    copyFileSync(other.path, foreign);
    const bytes = readFileSync(foreign);
    const journaling = await read({ directory: one.directory, state: one.state });
    expect(journaling.given).toHaveLength(6);
    expect(existsSync(foreign)).toBe(false);
    const aside = join(one.directory, "damaged", "0000000000000006.journal");
    expect(readFileSync(aside)).toEqual(bytes);
  });

  test("journal - a directory that cannot be read is the user's to fix", async () => {
    const directory = join(temporaryDirectory(), "file");
    writeFileSync(directory, "");
    await expect(Journaling.open({ directory })).rejects.toMatchObject({
      code: "state_unwritable",
    });
  });
});

/** A disk of which the sector at `bad` cannot be read. */
function withBadSector(bad: number): JournalFiles {
  return {
    ...systemFiles,
    async open(path) {
      const file = await systemFiles.open(path);
      return {
        ...file,
        async read(bytes, position) {
          if (position <= bad && bad < position + bytes.length) {
            throw Object.assign(new Error("EIO: bad sector"), { code: "EIO" });
          }
          return file.read(bytes, position);
        },
      };
    },
  };
}
