/** A large event that another thread redacts holds up nothing but the events behind it, and everything stays in its order. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { JournaledPipeline } from "../../../../src/agent/flow/journaled-pipeline.ts";
import { Pipeline } from "../../../../src/agent/flow/pipeline.ts";
import type { Chain } from "../../../../src/chain/chain.ts";
import { large_bytes } from "../../../../src/event/record-bytes.ts";
import { Block, Records } from "../../../../src/event/block.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { makeChain, writtenText } from "../../../support/events/chains.ts";
import { input, Journaling } from "../../../support/events/journaling.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const filler = "password=S3CR3TPW1 ".repeat(large_bytes / 16);
const texts = [
  '{"n":0,"password":"S3CR3TPW1"}',
  JSON.stringify({ n: 1, password: "S3CR3TPW1", filler }),
  '{"n":2,"password":"S3CR3TPW1"}',
  JSON.stringify({ n: 3, password: "S3CR3TPW1", filler }),
  `no JSON ${filler}`,
  '{"n":5,"password":"S3CR3TPW1"}',
];
const steps = [{ redact: { keys: ["password"], detect: ["credentials"] } }];

function recordsOf(): ConstructorParameters<typeof Records>[0] {
  const bytes = Buffer.from(texts.join(""));
  const ends = Int32Array.from(
    texts.map((_, number) => texts.slice(0, number + 1).join("").length),
  );
  const starts = ends.map((end, number) => end - texts[number]!.length);
  const origin = { input, stream: "log", metadata: {} };
  return { origin, bytes, starts, ends, count: texts.length, offset: 0, read_at_ms: 0 };
}

/** Where events went, in their order. */
function piping(chain: Chain, ledger: Ledger, stop = new AbortController().signal) {
  const added: string[] = [];
  const add = (event: LogEvent): void => {
    added.push(writtenText(event));
    event.block.receipt.settle(ledger.account("delivered", "splunk"), 1);
  };
  const quarantine = {
    add(event: LogEvent) {
      added.push("quarantined");
      event.block.receipt.settle(ledger.account("quarantined", "unreadable"), 1);
    },
  };
  const destination = { add, room: () => undefined, begin: () => undefined, idle: () => undefined };
  const pipeline = new Pipeline(chain, {
    ledger,
    routes: { of: () => destination },
    quarantine: quarantine as unknown as Quarantine,
    rooms: [],
    stop,
  });
  return { pipeline, added };
}

/** What is shown of events. */
function numbersOf(added: readonly string[]): unknown[] {
  return added.map((text) =>
    text === "quarantined" ? text : (JSON.parse(text) as { n: number }).n,
  );
}

test("large events - go through a pipeline in their order, and the event loop turns meanwhile", async () => {
  const ledger = new Ledger();
  const { pipeline, added } = piping(await makeChain(steps), ledger);
  const stream = ledger.openStream(input, {}, 0);
  const receipt = stream.open(texts.length, 1, 100);
  const accepted = pipeline.accept(new Block({ ...recordsOf(), receipt }));
  // Those before the first large event have gone on, and it waits.
  expect(numbersOf(added)).toEqual([0]);
  expect(pipeline.room(input)).toBeInstanceOf(Promise);
  let turns = 0;
  const count = setInterval(() => (turns += 1), 1);
  await accepted;
  clearInterval(count);
  expect(turns).toBeGreaterThan(0);
  expect(numbersOf(added)).toEqual([0, 1, 2, 3, "quarantined", 5]);
  expect(added.join("")).not.toContain("S3CR3T");
  expect(stream.checkpoint).toBe(100);
  expect(ledger.books()).toMatchObject({
    inputs: { [input]: { received: 6, delivered: { splunk: 5 }, in_flight: 0 } },
    balanced: true,
  });
});

test("large events - begin again in the chain that is in force then, where a reload comes meanwhile", async () => {
  const ledger = new Ledger();
  const { pipeline, added } = piping(await makeChain(steps), ledger);
  const receipt = ledger.openStream(input, {}, 0).open(texts.length, 1, 100);
  const accepted = pipeline.accept(new Block({ ...recordsOf(), receipt }));
  pipeline.change(await makeChain([{ redact: { keys: ["password"], with: "[NEW]" } }]));
  await accepted;
  expect(numbersOf(added)).toEqual([0, 1, 2, 3, "quarantined", 5]);
  expect(added.map((text) => /"password":"(.*?)"/.exec(text)?.[1])).toEqual([
    "[REDACTED]",
    "[NEW]",
    "[NEW]",
    "[NEW]",
    undefined,
    "[NEW]",
  ]);
  expect(ledger.books().balanced).toBe(true);
});

test("large events - a block that has begun is finished at a stop, so that none of it is sent again", async () => {
  const ledger = new Ledger();
  const stopping = new AbortController();
  const { pipeline, added } = piping(await makeChain(steps), ledger, stopping.signal);
  const stream = ledger.openStream(input, {}, 0);
  const receipt = stream.open(texts.length, 1, 100);
  const accepted = pipeline.accept(new Block({ ...recordsOf(), receipt }));
  stopping.abort();
  await accepted;
  expect(numbersOf(added)).toEqual([0, 1, 2, 3, "quarantined", 5]);
  expect(stream.checkpoint).toBe(100);
});

test("large events - go into a journal in their order", async () => {
  const journaling = await Journaling.open({ directory: join(temporaryDirectory(), "journal") });
  onTestFinished(() => journaling.journal.close());
  const pipeline = new JournaledPipeline(await makeChain(steps), journaling.journal, () => "");
  expect(await pipeline.accept(new Records(recordsOf()))).toBe("accepted");
  journaling.start();
  await expect.poll(() => journaling.texts.length).toBe(texts.length);
  expect(journaling.texts.join("")).not.toContain("S3CR3T");
  const kept = journaling.texts.filter((text) => text.startsWith("{"));
  expect(numbersOf(kept)).toEqual([0, 1, 2, 3, 5]);
});

test("large events - on their way into a journal begin again where a reload comes meanwhile", async () => {
  const journaling = await Journaling.open({ directory: join(temporaryDirectory(), "journal") });
  onTestFinished(() => journaling.journal.close());
  const pipeline = new JournaledPipeline(await makeChain(steps), journaling.journal, () => "");
  const accepted = pipeline.accept(new Records(recordsOf()));
  pipeline.change(await makeChain([{ redact: { keys: ["password"], with: "[NEW]" } }]));
  expect(await accepted).toBe("accepted");
  journaling.start();
  await expect.poll(() => journaling.texts.length).toBe(texts.length);
  const kept = journaling.texts.filter((text) => text.startsWith("{"));
  expect(numbersOf(kept)).toEqual([0, 1, 2, 3, 5]);
  const passwords = kept.map((text) => /"password":"(.*?)"/.exec(text)?.[1]);
  expect(passwords).toEqual(["[REDACTED]", "[NEW]", "[NEW]", "[NEW]", "[NEW]"]);
});
