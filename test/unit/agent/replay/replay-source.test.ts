/** Replaying, part by part: what an event was comes back with it, and nothing is forgotten that was not delivered. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ReplaySource } from "../../../../src/agent/replay/replay-source.ts";
import type { Block } from "../../../../src/event/block.ts";
import { LogEvent } from "../../../../src/event/log-event.ts";
import { timeRule } from "../../../support/events/time-rules.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { extract } from "../../../../src/output/quarantine/extract.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { quarantineLine, writeQuarantine } from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const time_rule = timeRule(["time"]);

class Rig {
  readonly directory: string;
  readonly ledger: Ledger;
  readonly log = new CollectedLog();
  readonly blocks: Block[] = [];
  readonly source: ReplaySource;

  constructor(directory: string, ledger: Ledger) {
    this.directory = directory;
    this.ledger = ledger;
    const intake = {
      accept: (block: Block) => void this.blocks.push(block),
      room: () => undefined,
      idle: () => undefined,
    };
    const origin = { metadata: { host: "fallback" }, time: time_rule };
    const wayOf = (input: string): Promise<{ intake: typeof intake; origin: typeof origin }> =>
      input === "gone"
        ? Promise.reject(new Error("no chain"))
        : Promise.resolve({ intake, origin });
    this.source = new ReplaySource({ directory, ledger, log: this.log, wayOf });
    onTestFinished(() => this.source.stop());
  }

  static async start(directory: string, ledger = new Ledger()): Promise<Rig> {
    const rig = new Rig(directory, ledger);
    await rig.source.start();
    return rig;
  }

  get events(): LogEvent[] {
    return this.blocks.map((block) => new LogEvent(block, 0, new Scanner([], { time: time_rule })));
  }

  settle(count: number): void {
    const account = this.ledger.account("delivered", "splunk");
    for (const { receipt } of this.blocks.splice(0, count)) receipt.settle(account, 1);
  }

  get parts(): string[] {
    const replay = join(this.directory, "replay");
    return existsSync(replay) ? readdirSync(replay) : [];
  }
}

async function replayed(lines: string[]): Promise<string> {
  const directory = join(temporaryDirectory(), "quarantine");
  writeQuarantine(directory, { "quarantine.jsonl": lines });
  await extract(directory, { action: "replay", selection: {}, with_masked: true });
  return directory;
}

test("replay - an event comes back with its text, time, metadata and position", async () => {
  const metadata = {
    time: "1742539047.915055685",
    host: "node7",
    index: "audit",
    fields: { cluster: "a", ports: [1, 2] },
  };
  const text = '{"id":9007199254740993,"a":"\\u0041 é"}';
  const rig = await Rig.start(await replayed([quarantineLine(3, { metadata, text })]));
  await rig.source.ended;
  const [event] = rig.events;
  const { time, ...others } = metadata;
  expect(event).toMatchObject({ text, time, metadata: others, offset: 300 });
  const { origin, receipt, known } = event!.block;
  expect(origin).toMatchObject({ input: "audit", stream: "/var/log/audit.log" });
  expect(receipt.stream.input).toBe("audit");
  expect(known![0]!.original).toEqual({ original_bytes: 10, original_sha256: "00" });
});

test("replay - a record that was cut says so again", async () => {
  const rig = await Rig.start(await replayed([quarantineLine(1, { truncated: true })]));
  await rig.source.ended;
  expect(rig.events[0]!.truncation).toEqual({ original_bytes: 10, original_sha256: "00" });
});

test("replay - without metadata the input's is taken, and the time is looked for in the record", async () => {
  const { metadata: _, ...record } = JSON.parse(
    quarantineLine(1, { text: '{"time":1742530000}' }),
  ) as Record<string, unknown>;
  const rig = await Rig.start(await replayed([JSON.stringify(record)]));
  await rig.source.ended;
  expect(rig.events[0]).toMatchObject({ time: "1742530000", metadata: { host: "fallback" } });
});

test("replay - is booked under its input, as received and as replayed, and goes when it is saved", async () => {
  const directory = await replayed([1, 2, 3].map((number) => quarantineLine(number)));
  const rig = await Rig.start(directory);
  await rig.source.ended;
  expect(rig.ledger.books()).toMatchObject({
    balanced: true,
    inputs: { audit: { received: 3, replayed: 3, in_flight: 3 } },
  });
  rig.settle(2);
  rig.ledger.saved(rig.ledger.snapshot(), true);
  await rig.source.close();
  expect(rig.parts).toHaveLength(1);
  rig.settle(1);
  rig.ledger.saved(rig.ledger.snapshot(), true);
  await rig.source.close();
  expect(rig.parts).toEqual([]);
  expect(rig.ledger.streams()).toEqual([]);
  expect(rig.ledger.snapshot().state.inputs["audit"]).toMatchObject({
    received: 3,
    replayed: 3,
    delivered: { splunk: 3 },
  });
});

test("replay - goes on after a restart with what was not settled, and books nothing twice", async () => {
  const directory = await replayed([1, 2, 3].map((number) => quarantineLine(number)));
  const rig = await Rig.start(directory);
  await rig.source.ended;
  rig.settle(1);
  const { state } = rig.ledger.snapshot();
  await rig.source.stop();
  const next = await Rig.start(directory, new Ledger(state));
  await next.source.ended;
  expect(next.events.map(({ text }) => text)).toEqual(["event 2", "event 3"]);
  next.settle(2);
  expect(next.ledger.books().total).toMatchObject({ received: 3, replayed: 3, delivered: 3 });
  const last = await Rig.start(directory, new Ledger(next.ledger.snapshot().state));
  await last.source.ended;
  expect(last.events).toEqual([]);
  last.ledger.saved(last.ledger.snapshot(), true);
  await last.source.close();
  expect(last.parts).toEqual([]);
});

test("replay - what is taken out while it runs is replayed at once", async () => {
  const directory = await replayed([quarantineLine(1)]);
  const rig = await Rig.start(directory);
  await rig.source.ended;
  writeQuarantine(directory, { "quarantine.jsonl": [quarantineLine(2)] });
  await extract(directory, { action: "replay", selection: {}, with_masked: false });
  rig.source.wake();
  await eventually(() => rig.blocks.length === 2);
  expect(rig.events.map(({ text }) => text)).toEqual(["event 1", "event 2"]);
});

test("replay - a part that cannot be replayed is kept and told, and holds up no other", async () => {
  const directory = await replayed([
    quarantineLine(1, { input: "gone" }),
    quarantineLine(2, { input: "web" }),
  ]);
  const rig = await Rig.start(directory);
  await rig.source.ended;
  expect(rig.events.map(({ text }) => text)).toEqual(["event 2"]);
  expect(rig.log.of("replay_failed")).toMatchObject([
    { facts: { input: "gone", error: "no chain" } },
  ]);
  rig.settle(1);
  rig.ledger.saved(rig.ledger.snapshot(), true);
  await rig.source.close();
  expect(readdirSync(join(directory, "replay", rig.parts[0]!))).toEqual(["gone.jsonl"]);
});

test("replay - forgets a part that somebody has removed", async () => {
  const ledger = new Ledger();
  ledger.openStream("audit", { kind: "replay", part: "000000000009/audit.jsonl" }, { offset: 5 });
  const rig = await Rig.start(join(temporaryDirectory(), "quarantine"), ledger);
  await rig.source.ended;
  expect(rig.ledger.streams()).toEqual([]);
});

test("replay - what comes later under the number of a part that is gone is replayed from its beginning", async () => {
  const directory = await replayed([1, 2, 3].map((number) => quarantineLine(number)));
  const rig = await Rig.start(directory);
  await rig.source.ended;
  rig.settle(3);
  // The last state that is written before the part goes, as at every stop that comes soon after a replay.
  const snapshot = rig.ledger.snapshot();
  const { state } = snapshot;
  rig.ledger.saved(snapshot, true);
  await rig.source.stop();
  await rig.source.close();
  expect(rig.parts).toEqual([]);
  writeQuarantine(directory, {
    "quarantine.jsonl": [4, 5, 6, 7].map((number) => quarantineLine(number)),
  });
  await extract(directory, { action: "replay", selection: {}, with_masked: true });
  const next = await Rig.start(directory, new Ledger(state));
  await next.source.ended;
  expect(next.events.map(({ text }) => text)).toEqual([4, 5, 6, 7].map((each) => `event ${each}`));
  next.settle(4);
  next.ledger.saved(next.ledger.snapshot(), true);
  await next.source.close();
  expect(next.parts).toEqual([]);
  expect(next.ledger.streams()).toEqual([]);
});
