/** A reload in the middle of a replay: what is read after it goes by the configuration that is in force then. */
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Downstream } from "../../../../src/agent/flow/pipeline.ts";
import { type ReplayChain, ReplayIntake } from "../../../../src/agent/replay/replay-intake.ts";
import { ReplaySource } from "../../../../src/agent/replay/replay-source.ts";
import type { Setup } from "../../../../src/agent/setup/setup.ts";
import type { Block, ChainKind } from "../../../../src/event/block.ts";
import type { Verdict } from "../../../../src/event/event.ts";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { large_bytes } from "../../../../src/event/record-bytes.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { extract } from "../../../../src/output/quarantine/extract.ts";
import type { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeChain, writtenText } from "../../../support/events/chains.ts";
import { quarantineLine, writeQuarantine } from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Each marks what goes through it. */
const setups = ["former", "next", "last"].map((digest) => ({ digest }) as Setup);

interface Replaying {
  /** What is in quarantine. */
  lines?: string[];
  /** Called with the text of each event that is delivered. */
  onEvent?: (text: string, useSetup: (number: number) => void) => void;
  make?: (setup: Setup, wanted: ReplayChain) => Promise<ReplayChain>;
  /** Called when the first event is read, and may have to wait. */
  onRead?: (useSetup: (number: number) => void) => void;
}

/** Replays three events. Gives what each went through. */
async function replay({
  lines = [1, 2, 3].map((number) => quarantineLine(number, { text: `{"event":${number}}` })),
  onEvent = () => undefined,
  make = (_, wanted) => Promise.resolve(wanted),
  onRead = () => undefined,
}: Replaying): Promise<{ went: string[]; log: CollectedLog; ledger: Ledger }> {
  const directory = join(temporaryDirectory(), "quarantine");
  writeQuarantine(directory, { "quarantine.jsonl": lines });
  await extract(directory, { action: "replay", selection: {}, with_masked: true });
  let in_force = setups[0]!;
  const useSetup = (number: number): void => void (in_force = setups[number]!);
  const went: string[] = [];
  const [ledger, log] = [new Ledger(), new CollectedLog()];
  const destination = {
    add(event: LogEvent) {
      const text = writtenText(event);
      went.push(text);
      event.block.receipt.settle(ledger.account("delivered", "splunk"), 1);
      onEvent(text, useSetup);
    },
    room: () => undefined,
    begin: () => undefined,
    idle: () => undefined,
  };
  const quarantine = {
    add(event: LogEvent, { reason }: Verdict) {
      went.push(reason);
      event.block.receipt.settle(ledger.account("quarantined", reason), 1);
    },
  };
  const downstream: Downstream = {
    ledger,
    routes: { of: () => destination },
    quarantine: quarantine as unknown as Quarantine,
    rooms: [],
    stop: new AbortController().signal,
  };
  const intake = await ReplayIntake.open({
    setup: () => in_force,
    make: async (setup) => {
      const chain = await makeChain([
        { redact: { keys: ["password"], with: setup.digest } },
        { set: { fields: { went: setup.digest } } },
      ]);
      return make(setup, { chain, stands_in: false });
    },
    downstream,
  });
  const reading = {
    prepare: () => intake.prepare(),
    refusalOf: (had: ChainKind | undefined) => intake.refusalOf(had),
    accept: (block: Block) => {
      const accepted = intake.accept(block);
      onRead(useSetup);
      return accepted;
    },
    room: (input: string) => intake.room(input),
    idle: () => intake.idle(),
  };
  const wayOf = () => Promise.resolve({ intake: reading, origin: { metadata: {} } });
  const source = new ReplaySource({ directory, ledger, log, wayOf });
  onTestFinished(() => source.stop());
  await source.start();
  await source.ended;
  return { went, log, ledger };
}

function eventOf(number: number, went: string): string {
  return JSON.stringify({ event: number, went });
}

test("replay - the rest goes through the chain of a reload that comes meanwhile", async () => {
  const { went } = await replay({
    onEvent: (text, useSetup) => {
      if (text.includes('"event":1')) useSetup(1);
    },
  });
  expect(went).toEqual([eventOf(1, "former"), eventOf(2, "next"), eventOf(3, "next")]);
});

test("replay - a reload while the chain is made counts, too", async () => {
  let reload = (): void => undefined;
  const { went } = await replay({
    onEvent: (text, useSetup) => {
      if (!text.includes('"event":1')) return;
      useSetup(1);
      reload = () => useSetup(2);
    },
    make: (setup, wanted) => {
      if (setup === setups[1]) reload();
      return Promise.resolve(wanted);
    },
  });
  expect(went).toEqual([eventOf(1, "former"), eventOf(2, "last"), eventOf(3, "last")]);
});

test("replay - where no chain can be made after a reload, nothing more is booked, and the log says so", async () => {
  const { went, log, ledger } = await replay({
    onEvent: (text, useSetup) => {
      if (text.includes('"event":1')) useSetup(1);
    },
    make: (setup, wanted) =>
      setup === setups[1] ? Promise.reject(new Error("no chain")) : Promise.resolve(wanted),
  });
  expect(went).toEqual([eventOf(1, "former")]);
  expect(log.of("replay_failed")[0]?.facts).toMatchObject({ error: "no chain" });
  expect(ledger.books().total.received).toBe(1);
});

test("replay - a large event that is redacted while a reload comes begins again in the new chain", async () => {
  const filler = "x".repeat(large_bytes);
  const text = JSON.stringify({ event: 1, password: "S3CR3TPW1", filler });
  const lines = [quarantineLine(1, { text }), quarantineLine(2, { text: '{"event":2}' })];
  const { went, ledger } = await replay({ lines, onRead: (useSetup) => useSetup(1) });
  const redacted = { event: 1, password: "next", filler, went: "next" };
  expect(went).toEqual([JSON.stringify(redacted), eventOf(2, "next")]);
  expect(ledger.books()).toMatchObject({ total: { received: 2, in_flight: 0 }, balanced: true });
});

describe("of an input that is not configured any more", () => {
  const lines = (["own", "common", undefined] as const).map((chain, number) =>
    quarantineLine(number, { text: `{"event":${number}}`, ...(chain && { chain }) }),
  );

  test("replay - only what had the common chain goes through it, and the rest goes back to quarantine", async () => {
    const make = (_: Setup, { chain }: ReplayChain) => Promise.resolve({ chain, stands_in: true });
    const { went, ledger } = await replay({ lines, make });
    expect(went).toEqual(["input_removed", eventOf(1, "former"), "input_removed"]);
    expect(ledger.books().balanced).toBe(true);
  });

  test("replay - the same where the input is removed while a large event waits", async () => {
    const text = JSON.stringify({ event: 1, filler: "x".repeat(large_bytes) });
    const { went } = await replay({
      lines: [quarantineLine(1, { text, chain: "own" })],
      make: ({ digest }, { chain }) => Promise.resolve({ chain, stands_in: digest === "next" }),
      onRead: (useSetup) => useSetup(1),
    });
    expect(went).toEqual(["input_removed"]);
  });
});
