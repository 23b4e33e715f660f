/**
 * What steps make of an event is in the books: the block is settled only when all of it is, whichever way it goes, and after a
 * crash it is made again.
 */
import { join } from "node:path";
import { onTestFinished, expect, test } from "vitest";
import { JournaledPipeline } from "../../../../src/agent/flow/journaled-pipeline.ts";
import { Pipeline } from "../../../../src/agent/flow/pipeline.ts";
import type { Chain } from "../../../../src/chain/chain.ts";
import { Block, Records } from "../../../../src/event/block.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { makeChain, writtenText } from "../../../support/events/chains.ts";
import { input, Journaling } from "../../../support/events/journaling.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const files = {
  "halves.mjs": `export default {
    name: "halves",
    create: () => (event) => (event.get("n") > 1 ? event.split("of[*]") : event),
  };`,
};
const steps = [
  { halves: {}, name: "first" },
  { halves: {}, name: "second" },
  { filter: { drop: "n == 0" }, name: "zeros" },
  { select: { fields: ["n"] }, when: "!has(event.n)" },
];
/** The first step makes 3 events of it, the second 2 of one of these: 4 events, of which one is filtered and one quarantined. */
const split = '{"n":2,"of":[{"n":0},{"n":3,"of":[{"n":1},{}]},{"n":1}]}';
const kept = ['{"n":1}', '{"n":1}'];
const books = {
  received: 5,
  made: { first: 2, second: 1 },
  filtered: { zeros: 1 },
  in_flight: 0,
};

function recordsOf(texts: readonly string[]) {
  const bytes = Buffer.from(texts.join(""));
  const ends = Int32Array.from(
    texts.map((_, number) => texts.slice(0, number + 1).join("").length),
  );
  const starts = ends.map((end, number) => end - texts[number]!.length);
  const origin = { input, stream: "log", metadata: {} };
  return { origin, bytes, starts, ends, count: texts.length, offset: 0, read_at_ms: 0 };
}

/** A pipeline from a file to an output, both in memory. */
function piping(chain: Chain, ledger: Ledger, room: () => Promise<void> | undefined) {
  const added: LogEvent[] = [];
  const quarantined: LogEvent[] = [];
  const destination = {
    add: (event: LogEvent) => void added.push(event),
    room,
    begin: () => undefined,
    idle: () => undefined,
  };
  const pipeline = new Pipeline(chain, {
    ledger,
    routes: { of: () => destination },
    quarantine: {
      add: (event: LogEvent) => void quarantined.push(event),
    } as unknown as Quarantine,
    rooms: [],
    stop: new AbortController().signal,
  });
  return { pipeline, added, quarantined };
}

test("split events - a file's checkpoint passes only when all that was made is settled", async () => {
  const ledger = new Ledger();
  const chain = await makeChain(steps, { files });
  const { pipeline, added, quarantined } = piping(chain, ledger, () => undefined);
  const stream = ledger.openStream(input, {}, 0);
  const records = recordsOf([split, '{"n":1}']);
  const receipt = stream.open(2, records.bytes.length, 100);
  void pipeline.accept(new Block({ ...records, receipt }));
  expect(added.map(writtenText)).toEqual([...kept, '{"n":1}']);
  expect(added.map(({ offset }) => offset)).toEqual([0, 0, split.length]);
  expect(quarantined.map(writtenText)).toEqual(["{}"]);
  expect(ledger.books()).toMatchObject({
    inputs: { [input]: { ...books, in_flight: 4 } },
    total: { made: 3 },
    balanced: true,
  });
  // A crash now would read and split the event again.
  expect(ledger.snapshot().state.inputs[input]).toMatchObject({ received: 0, made: {} });
  const account = ledger.account("delivered", "splunk");
  for (const { block } of added) block.receipt.settle(account, 1);
  expect(stream.checkpoint).toBe(0);
  for (const { block } of quarantined) {
    block.receipt.settle(ledger.account("quarantined", "odd"), 1);
  }
  expect(stream.checkpoint).toBe(100);
  const { state } = ledger.snapshot();
  const end = { ...books, delivered: { splunk: 3 }, quarantined: { odd: 1 } };
  const { in_flight: _, ...saved } = end;
  expect(state.inputs[input]).toMatchObject(saved);
  expect(new Ledger(state).books()).toMatchObject({ inputs: { [input]: end }, balanced: true });
});

test("split events - the next event waits where what was made of one fills the output", async () => {
  const ledger = new Ledger();
  const full = Promise.withResolvers<void>();
  let is_full = true;
  const chain = await makeChain(steps, { files });
  const room = (): Promise<void> | undefined => (is_full ? full.promise : undefined);
  const { pipeline, added } = piping(chain, ledger, room);
  const records = recordsOf([split, '{"n":1}']);
  const receipt = ledger.openStream(input, {}, 0).open(2, 1, 100);
  const accepted = pipeline.accept(new Block({ ...records, receipt }));
  expect(added.map(writtenText)).toEqual(kept);
  is_full = false;
  full.resolve();
  await accepted;
  expect(added.map(writtenText)).toEqual([...kept, '{"n":1}']);
});

test("split events - a journal keeps how many were made, for the books after a restart", async () => {
  const directory = join(temporaryDirectory(), "journal");
  const first = await Journaling.open({ directory });
  const chain = await makeChain(steps, { files });
  const pipeline = new JournaledPipeline(chain, first.journal, (text) => text);
  expect(await pipeline.accept(new Records(recordsOf([split, '{"n":1}'])))).toBe("accepted");
  expect(first.ledger.books().inputs[input]).toMatchObject({ received: 5, in_flight: 5 });
  // The journal, and nothing of the state, is there after a crash.
  await first.journal.close();
  const second = await Journaling.open({ directory });
  onTestFinished(() => second.journal.close());
  second.start();
  await expect.poll(() => second.texts).toEqual(['{"n":1}', "{}", '{"n":1}', '{"n":1}']);
  second.settle();
  const end = { ...books, delivered: { test: 3 }, quarantined: { unreadable: 1 } };
  expect(second.ledger.books()).toMatchObject({ inputs: { [input]: end }, balanced: true });
  expect(new Ledger(second.save()).books().inputs[input]).toMatchObject(end);
});

test("split events - what a full journal drops is booked with how many of it were made", async () => {
  const directory = join(temporaryDirectory(), "journal");
  const options = { max_bytes: 1, when_full: "drop_newest" } as const;
  const { journal, ledger } = await Journaling.open({ directory, options });
  onTestFinished(() => journal.close());
  const chain = await makeChain(steps, { files });
  const pipeline = new JournaledPipeline(chain, journal, (text) => text);
  // An empty journal takes whatever comes.
  for (let n = 0; n < 2; n += 1) {
    await pipeline.accept(new Records(recordsOf([split, '{"n":1}'])));
  }
  const end = { ...books, received: 10, dropped: { journal_full: 4 }, in_flight: 5 };
  expect(ledger.books()).toMatchObject({ inputs: { [input]: end }, balanced: true });
});
