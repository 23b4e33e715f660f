/** An end of a journal that was cut, zeroed or removed while nothing ran: what is missing is counted, and nothing else. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LedgerState } from "../../../src/ledger/state.ts";
import { eventually } from "../../support/eventually.ts";
import { input, Journaling } from "../../support/events/journaling.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

interface Written {
  directory: string;
  state: LedgerState;
}

/** A closed journal of ten deliveries of two events each, of which the first `settled` deliveries are settled. */
async function written(settled: number, max_bytes = 1024 ** 2): Promise<Written> {
  const directory = join(temporaryDirectory(), input);
  const journaling = await Journaling.open({ directory, options: { max_bytes } });
  for (let number = 0; number < 10; number += 1) {
    await journaling.append([`${number}a`, `${number}b${"x".repeat(8000)}`]);
    if (number !== settled - 1) continue;
    journaling.start();
    await eventually(() => journaling.given.length === 2 * settled);
    await journaling.journal.stop();
    journaling.settle();
  }
  await journaling.journal.close();
  return { directory, state: journaling.save() };
}

function segmentsOf(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".journal"));
  return names.sort().map((name) => join(directory, name));
}

/** Opens the journal again, settles all of it, and opens it once more: by then nothing new may be missing. */
async function read(options: Written): Promise<Journaling> {
  const journaling = await Journaling.open(options);
  onTestFinished(() => journaling.journal.close());
  journaling.start();
  await eventually(() => journaling.journal.events_unread === 0);
  return journaling;
}

function droppedBy({ ledger }: Journaling): number {
  return ledger.books().total.dropped;
}

type Harm = (segments: string[], directory: string) => void;

const harms: [string, Harm][] = [
  [
    "cut in the middle",
    (segments) => truncateSync(segments.at(-1)!, statSync(segments.at(-1)!).size - 9000),
  ],
  ["cut to its header", (segments) => truncateSync(segments.at(-1)!, 48)],
  ["cut to nothing", (segments) => truncateSync(segments.at(-1)!, 0)],
  ["removed", (segments) => rmSync(segments.at(-1)!)],
  [
    "zeroed",
    (segments) => {
      const last = segments.at(-1)!;
      writeFileSync(last, Buffer.alloc(statSync(last).size));
    },
  ],
  ["all segments removed", (segments) => segments.forEach((each) => rmSync(each))],
  ["the whole directory removed", (_, directory) => rmSync(directory, { recursive: true })],
];

describe.each([
  ["one segment", 1024 ** 2],
  ["many segments", 128 * 1024],
])("%s", (_, max_bytes) => {
  test.each(harms)("missing end - %s: what is gone is counted, once", async (_name, harm) => {
    const settled = 3;
    const { directory, state } = await written(settled, max_bytes);
    const segments = segmentsOf(directory);
    expect(segments.length > 1).toBe(max_bytes < 1024 ** 2);
    harm(segments, directory);
    const journaling = await read({ directory, state });
    const lost = 20 - 2 * settled - journaling.given.length;
    expect(lost).toBeGreaterThan(0);
    expect(droppedBy(journaling)).toBe(lost);
    expect(journaling.ledger.books().total.lost_bytes).toBe(0);
    const said = journaling.log.of("journal_end_missing").map(({ facts }) => facts["events"]);
    expect(said).toEqual([lost]);
    expect(journaling.log.of("journal_unfinished_write")).toEqual([]);
    // What comes after it is kept, and the loss is not booked again.
    expect(await journaling.append(["new"])).toBe("accepted");
    await eventually(() => journaling.texts.includes("new"));
    journaling.settle();
    await journaling.journal.close();
    const again = await read({ directory, state: journaling.save() });
    expect(again.given).toEqual([]);
    expect(droppedBy(again)).toBe(lost);
    expect(again.ledger.books().balanced).toBe(true);
  });
});

test("missing end - a journal that was settled to its end may be gone", async () => {
  const { directory, state } = await written(10);
  rmSync(directory, { recursive: true });
  expect(droppedBy(await read({ directory, state }))).toBe(0);
});

test("missing end - a journal in the place of another does not stand for it", async () => {
  const { directory, state } = await written(3);
  const other = await written(0);
  for (const each of segmentsOf(directory)) rmSync(each);
  for (const each of segmentsOf(other.directory)) {
    mkdirSync(directory, { recursive: true });
    copyFileSync(each, join(directory, each.slice(other.directory.length + 1)));
  }
  const journaling = await read({ directory, state });
  expect(journaling.given).toHaveLength(20);
  expect(droppedBy(journaling)).toBe(14);
});

test("missing end - of a state that says nothing of the end nothing is concluded", async () => {
  const { directory, state } = await written(3);
  for (const stream of state.streams) delete (stream.identity as { written?: number }).written;
  rmSync(directory, { recursive: true });
  expect(droppedBy(await read({ directory, state }))).toBe(0);
});

test("missing end - what came after the state was written is there, and not missing", async () => {
  const { directory, state } = await written(3);
  const more = await Journaling.open({ directory, state });
  await more.append(["later"]);
  // Killed: nothing is written of it.
  const journaling = await read({ directory, state });
  expect(journaling.given).toHaveLength(15);
  expect(droppedBy(journaling)).toBe(0);
  await more.journal.close();
});
