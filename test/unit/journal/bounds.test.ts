/** The journal's bounds: what happens when it is full, and that it takes events again when it is not. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { input, Journaling } from "../../support/events/journaling.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const max_bytes = 64 * 1024;
const large = (id: number): string => `{"id":${id},"padding":"${"x".repeat(1000)}"}`;
const idOf = (text: string): number => (JSON.parse(text) as { id: number }).id;

async function open(
  when_full: "block" | "drop_newest" | "drop_oldest",
  directory = temporaryDirectory(),
): Promise<Journaling> {
  const journaling = await Journaling.open({ directory, options: { when_full, max_bytes } });
  onTestFinished(() => journaling.journal.close());
  return journaling;
}

/** Appends events one by one, and gives the answers. */
async function append(journaling: Journaling, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let id = 0; id < count; id += 1) answers.push(await journaling.append([large(id)]));
  return answers;
}

/** Reads, settles and saves until all is delivered. */
async function deliverAll(journaling: Journaling): Promise<number[]> {
  journaling.start();
  await eventually(() => {
    journaling.settle();
    journaling.save();
    return journaling.journal.events_unread === 0 && journaling.receipts.length === 0;
  });
  return journaling.texts.map(idOf);
}

describe("when full", () => {
  test("journal - with `block` it says so, keeps what it has, and says when there is room", async () => {
    const directory = temporaryDirectory();
    const journaling = await open("block", directory);
    const answers = await append(journaling, 100);
    const accepted = answers.filter((answer) => answer === "accepted").length;
    expect(accepted).toBeGreaterThan(40);
    expect(answers.slice(accepted)).toEqual(Array(100 - accepted).fill("full"));
    expect(bytesIn(directory)).toBeLessThanOrEqual(max_bytes);
    const room = journaling.journal.room();
    expect(room).toBeInstanceOf(Promise);
    expect(await deliverAll(journaling)).toEqual([...Array(accepted).keys()]);
    await room;
    expect(journaling.journal.room()).toBeUndefined();
    expect(await journaling.append([large(100)])).toBe("accepted");
    expect(journaling.ledger.books().total.dropped).toBe(0);
  });

  test("journal - with `drop_newest` it loses exactly what its counters say", async () => {
    const journaling = await open("drop_newest");
    expect(new Set(await append(journaling, 100))).toEqual(new Set(["accepted", "dropped"]));
    expect(journaling.journal.room()).toBeUndefined();
    const ids = await deliverAll(journaling);
    expect(ids).toEqual([...Array(ids.length).keys()]);
    expect(journaling.ledger.books()).toMatchObject({
      balanced: true,
      inputs: {
        [input]: {
          received: 100,
          delivered: { test: ids.length },
          dropped: { journal_full: 100 - ids.length },
          in_flight: 0,
        },
      },
    });
  });

  test("journal - with `drop_oldest` it keeps the latest, and loses exactly what its counters say", async () => {
    const directory = temporaryDirectory();
    const journaling = await open("drop_oldest", directory);
    expect(new Set(await append(journaling, 500))).toEqual(new Set(["accepted"]));
    expect(bytesIn(directory)).toBeLessThanOrEqual(max_bytes);
    expect(readdirSync(directory).length).toBeLessThan(12);
    const ids = await deliverAll(journaling);
    expect(ids.length).toBeGreaterThan(40);
    expect(ids).toEqual([...Array(ids.length).keys()].map((id) => id + 500 - ids.length));
    expect(journaling.ledger.books()).toMatchObject({
      balanced: true,
      inputs: { [input]: { received: 500, dropped: { journal_full: 500 - ids.length } } },
    });
  });

  test("journal - what was given up is counted under its reason after a restart, too", async () => {
    const directory = temporaryDirectory();
    const first = await open("drop_oldest", directory);
    await append(first, 200);
    await first.journal.close();
    const second = await Journaling.open({
      directory,
      options: { when_full: "drop_oldest", max_bytes },
      state: first.save(),
    });
    onTestFinished(() => second.journal.close());
    const ids = await deliverAll(second);
    expect(ids.at(-1)).toBe(199);
    expect(second.ledger.books().inputs[input]!.dropped).toEqual({
      journal_full: 200 - ids.length,
    });
  });

  test("journal - does not give up what is on its way already", async () => {
    const journaling = await open("drop_oldest");
    await append(journaling, 20);
    journaling.start();
    await eventually(() => journaling.journal.events_unread === 0);
    await append(journaling, 300);
    const ids = (await deliverAll(journaling)).slice(0, 20);
    expect(ids).toEqual([...Array(20).keys()]);
    expect(journaling.ledger.books()).toMatchObject({ balanced: true, total: { received: 320 } });
  });

  test("journal - books filtered events of a delivery without room as filtered", async () => {
    const journaling = await open("drop_newest");
    await append(journaling, 100);
    const { dropped } = journaling.ledger.books().inputs[input]!;
    const delivery = journaling.delivery([large(100)]);
    delivery.end("filtered", "no_heads", 7);
    await journaling.journal.append(delivery);
    expect(journaling.ledger.books().inputs[input]).toMatchObject({
      filtered: { no_heads: 7 },
      dropped: { journal_full: dropped["journal_full"]! + 1 },
    });
  });
});

describe("a delivery larger than the journal", () => {
  const huge = Array.from({ length: 200 }, (_, id) => large(id));

  test.each(["block", "drop_newest", "drop_oldest"] as const)(
    "journal - goes through an empty one with %s",
    async (when_full) => {
      const journaling = await open(when_full);
      expect(await journaling.append(huge)).toBe("accepted");
      expect(await deliverAll(journaling)).toHaveLength(200);
      expect(await journaling.append(huge)).toBe("accepted");
      expect(await journaling.append([large(0)])).toBe(when_full === "block" ? "full" : "dropped");
    },
  );

  test("journal - with `block` it waits until the journal is empty, and then has room", async () => {
    const journaling = await open("block");
    await journaling.append([large(1)]);
    expect(await journaling.append(huge)).toBe("full");
    const room = journaling.journal.room()!;
    await deliverAll(journaling);
    await room;
    expect(await journaling.append(huge)).toBe("accepted");
  });
});

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, name) => sum + statSync(join(directory, name)).size,
    0,
  );
}
