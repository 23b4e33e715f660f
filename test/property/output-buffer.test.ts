/**
 * Property: whichever outputs are down, whatever the disk does, and whenever the process is killed or the power is cut,
 * every event of an input comes to its own output, in order, and the books balance at every moment.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { passThrough } from "../../src/agent/setup/compile.ts";
import { BufferRoom } from "../../src/agent/sources/buffer-room.ts";
import { JournalSource } from "../../src/agent/sources/journal-source.ts";
import { OutputBuffer } from "../../src/agent/sources/output-buffer.ts";
import type { Destination } from "../../src/agent/outputs/destination.ts";
import { Pipeline } from "../../src/agent/flow/pipeline.ts";
import { Block } from "../../src/event/block.ts";
import type { LogEvent } from "../../src/event/log-event.ts";
import type { CountsByReason } from "../../src/ledger/books.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Receipt } from "../../src/ledger/receipt.ts";
import { stateFile, state_version, type LedgerState } from "../../src/ledger/state.ts";
import type { StreamLedger } from "../../src/ledger/stream-ledger.ts";
import type { Quarantine } from "../../src/output/quarantine/quarantine.ts";
import { silentLogger } from "../../src/platform/log.ts";
import { sampled } from "../support/effort.ts";
import { FaultyFiles, type Chance } from "../support/files/faulty-files.ts";
import { ManualClock } from "../support/clocks/manual-clock.ts";

const input = "audit";
const names = ["one", "two"] as const;
type Name = (typeof names)[number];
const other_runs = process.env["OUTPUTS_RUNS"];
/** Events that an output holds before its pipeline has to wait. */
const held_max = 3;

const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("read" as const), count: fc.nat(5) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      name: fc.constantFrom(...names),
      count: fc.nat(6),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fail" as const),
      after: fc.nat(6),
      codes: fc.array(fc.constantFrom("EIO", "ENOSPC", "EROFS"), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      after: fc.nat(8),
      power_is_lost: fc.boolean(),
    }),
  },
);

const scenario = fc.record({
  /** Steps within one turn of the event loop after which the books are looked at; that takes long. */
  steps_watched: fc.constantFrom(40, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  max_bytes: fc.constantFrom(1500, 4000, 50_000),
  chances: fc.infiniteStream(fc.noBias(fc.nat(9999))),
  happenings: fc.array(happening, { minLength: 3, maxLength: 40, size: "max" }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;
type Happening = Scenario["happenings"][number];

/** An output that takes nothing until it is told to. */
class HeldOutput implements Destination {
  readonly #held: { id: number; receipt: Receipt }[] = [];
  #room: PromiseWithResolvers<void> | undefined;

  add(event: LogEvent): void {
    this.#held.push({ id: idOf(event.text), receipt: event.block.receipt });
  }

  room(): Promise<void> | undefined {
    if (this.#held.length < held_max) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  begin(): void {
    // It does not care.
  }

  idle(): void {
    // It does not care.
  }

  /** Gives the ids of the events that it has taken, oldest first. */
  take(ledger: Ledger, name: Name, count: number): number[] {
    const taken = this.#held.splice(0, count);
    for (const { receipt } of taken) receipt.settle(ledger.account("delivered", name), 1);
    if (this.#held.length < held_max) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    return taken.map(({ id }) => id);
  }
}

/** Never asked: nothing is quarantined here. */
const quarantine = { room: () => undefined } as unknown as Quarantine;

function idOf(text: string): number {
  return (JSON.parse(text) as { id: number }).id;
}

/** A machine that reads numbered events without end; the number says the output. */
class Machine {
  readonly #scenario: Scenario;
  readonly #chance: Chance;
  readonly #clock = new ManualClock();
  readonly #arrived: Record<Name, number[]> = { one: [], two: [] };
  #files = new FaultyFiles();
  #state: LedgerState | undefined;
  #has_crashed = false;
  #has_lost_power = false;
  #ledger!: Ledger;
  #stream!: StreamLedger;
  /** What the books of this process last said. */
  #received = 0;
  /** The most that the written books have said, of any process. */
  #received_written = 0;
  #next = 0;
  #bytes_read = 0;
  /** The highest number that was ever read, and one. */
  #end = 0;
  #outputs!: Record<Name, HeldOutput>;
  #journals!: Record<Name, JournalSource>;
  #buffers!: Record<Name, OutputBuffer>;
  #pipeline!: Pipeline;
  #wait: Promise<void> | undefined;

  constructor(what: Scenario) {
    this.#scenario = what;
    const numbers = what.chances[Symbol.iterator]();
    this.#chance = () => (numbers.next().value as number) / 10_000;
  }

  async run(): Promise<void> {
    await this.#open();
    for (const each of this.#scenario.happenings) {
      await this.#do(each);
      await this.#turn();
      this.#check();
    }
    await this.#finish();
  }

  async #do(what: Happening): Promise<void> {
    switch (what.kind) {
      case "read":
        this.#read(what.count);
        break;
      case "take":
        this.#take(what.name, what.count);
        break;
      case "save":
        this.#save();
        break;
      case "wait":
        this.#clock.pass(1000);
        break;
      case "fail":
        this.#files.faults = [...Array<undefined>(what.after).fill(undefined), ...what.codes];
        break;
      case "restart":
        await this.#restart();
        break;
      case "crash":
        await this.#crash(what);
        break;
    }
  }

  async #open(): Promise<void> {
    const { max_bytes } = this.#scenario;
    const ledger = new Ledger(this.#state);
    this.#ledger = ledger;
    this.#received = 0;
    const restored = ledger.streamsOf(input).find(({ identity }) => identity === "file");
    this.#stream = restored ?? ledger.openStream(input, "file", 0);
    this.#next = this.#stream.checkpoint as number;
    const log = silentLogger;
    const downstream = { ledger, quarantine, rooms: [], stop: new AbortController().signal };
    const pipelineTo = (of: (name: string | undefined) => Destination): Pipeline =>
      new Pipeline(passThrough(this.#clock, log), { ...downstream, routes: { of } });
    this.#outputs = { one: new HeldOutput(), two: new HeldOutput() };
    const sourceOf = (name: Name): JournalSource => {
      const facts = {
        directory: `/${input}@${name}`,
        input,
        output: name,
        options: { max_bytes, when_full: "block", sync: "always" },
        ledger,
        clock: this.#clock,
        log,
        files: this.#files,
      } as const;
      return new JournalSource(
        facts,
        pipelineTo(() => this.#outputs[name]),
      );
    };
    this.#journals = { one: sourceOf("one"), two: sourceOf("two") };
    const options = { max_bytes, when_full: "block", sync: "always" } as const;
    // So little that they often wait for each other.
    const memory = new BufferRoom(() => 1, {
      own_bytes_max: 600,
      own_bytes_min: 100,
      all_bytes_max: 300,
    });
    const shared = { steps: () => "", memory };
    this.#buffers = {
      one: new OutputBuffer(this.#journals.one, options, shared),
      two: new OutputBuffer(this.#journals.two, options, shared),
    };
    for (const name of names) await this.#buffers[name].start();
    this.#pipeline = pipelineTo((name) => this.#buffers[(name ?? "one") as Name]);
    this.#wait = undefined;
    await this.#turn();
  }

  /** As a file is read: not on while the pipeline has to wait. */
  #read(count: number): void {
    if (this.#wait !== undefined || count === 0) return;
    const ids = Array.from({ length: count }, (_, number) => this.#next + number);
    this.#next += count;
    this.#end = Math.max(this.#end, this.#next);
    const records = ids.map((id) => Buffer.from(`{"id":${id},"padding":"${"x".repeat(id % 90)}"}`));
    const bytes = Buffer.concat(records);
    this.#bytes_read += bytes.length;
    const ends = Int32Array.from(
      records,
      (
        (at) =>
        ({ length }: Buffer) =>
          (at += length)
      )(0),
    );
    const starts = ends.map((end, number) => end - records[number]!.length);
    const block = new Block({
      origin: { input, stream: "file", metadata: {} },
      receipt: this.#stream.open(count, bytes.length, this.#next),
      bytes,
      starts,
      ends,
      count,
      offset: 0,
      read_at_ms: 0,
      known: ids.map((id) => ({ metadata: id % 3 === 0 ? { output: "two" } : {} })),
    });
    const wait = this.#pipeline.accept(block);
    this.#wait = wait;
    if (wait !== undefined) void this.#goOn(wait);
  }

  async #goOn(wait: Promise<void>): Promise<void> {
    await wait;
    if (this.#wait === wait) this.#wait = undefined;
  }

  #take(name: Name, count: number): void {
    this.#arrived[name].push(...this.#outputs[name].take(this.#ledger, name, count));
  }

  #save(): void {
    const snapshot = this.#ledger.snapshot();
    const text = JSON.stringify({ version: state_version, ...snapshot.state });
    const { inputs, streams } = stateFile.parse(JSON.parse(text));
    this.#state = { inputs, streams };
    this.#ledger.saved(snapshot, true);
  }

  async #restart(): Promise<void> {
    this.#files.faults = [];
    const buffers = names.map((name) => this.#buffers[name]);
    await Promise.all(buffers.map((buffer) => buffer.stop()));
    this.#save();
    await Promise.all(names.map((name) => this.#journals[name].close()));
    // What was not taken is sent again.
    this.#has_crashed = true;
    await this.#open();
  }

  async #crash({ after, power_is_lost }: Happening & { kind: "crash" }): Promise<void> {
    this.#files.calls_left = after;
    this.#read(4);
    await this.#turn();
    this.#has_crashed = true;
    this.#has_lost_power ||= power_is_lost;
    this.#files = power_is_lost ? this.#files.crashed(this.#chance) : this.#files.killed();
    await this.#open();
  }

  /** Lets everything happen that can without the clock. */
  async #turn(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      for (let step = 0; step < this.#scenario.steps_watched; step += 1) {
        await Promise.resolve();
        this.#watchReceived();
      }
      await new Promise((resolve) => setImmediate(resolve));
      this.#watchReceived();
    }
  }

  /** Whoever draws a curve of what was received takes a step back for a restart. */
  #watchReceived(): void {
    const { received } = this.#ledger.books().total;
    const before = { received: this.#received, written: this.#received_written };
    this.#received = received;
    // Those that are written take none, not even after a crash.
    const written = this.#ledger.writtenBooks()[input]?.received ?? 0;
    this.#received_written = written;
    // It is asked thousands of times, and an `expect` costs more than what is asked.
    const is_sound =
      received >= before.received && written >= before.written && written <= received;
    if (!is_sound) expect.fail(JSON.stringify({ before, received, written }));
  }

  #check(): void {
    const { balanced, total } = this.#ledger.books();
    expect(balanced).toBe(true);
    expect(total.lost_bytes).toBe(0);
    // A frame that a power cut has torn was never acknowledged; nobody can tell it from one that was.
    if (!this.#has_lost_power) expect(total.dropped).toBe(0);
    for (const { received, received_bytes } of Object.values(
      this.#ledger.snapshot().state.inputs,
    )) {
      expect(Math.min(received, received_bytes)).toBeGreaterThanOrEqual(0);
    }
    for (const name of names) {
      const ids = this.#arrived[name];
      expect(ids.every((id) => (id % 3 === 0) === (name === "two"))).toBe(true);
      if (this.#has_crashed) continue;
      for (let at = 1; at < ids.length; at += 1) expect(ids[at]).toBeGreaterThan(ids[at - 1]!);
    }
  }

  /** Ends all trouble, has everything taken, and holds what arrived against what was read. */
  async #finish(): Promise<void> {
    this.#files.faults = [];
    for (let round = 0; this.#next < this.#end || this.#in_flight > 0; round += 1) {
      if (round === 400) expect.fail("it does not come to its end");
      this.#read(Math.min(5, this.#end - this.#next));
      for (const name of names) this.#take(name, 10);
      this.#clock.pass(1000);
      await this.#turn();
      this.#save();
    }
    this.#check();
    const { inputs, total } = this.#ledger.books();
    const delivered: CountsByReason = inputs[input]?.delivered ?? {};
    for (const [place, name] of names.entries()) {
      const wanted = Array.from({ length: this.#end }, (_, id) => id).filter(
        (id) => (id % 3 === 0 ? 1 : 0) === place,
      );
      expect([...new Set(this.#arrived[name])].sort((a, b) => a - b)).toEqual(wanted);
      const booked = delivered[name] ?? 0;
      expect(booked).toBeGreaterThanOrEqual(wanted.length);
      expect(booked).toBeLessThanOrEqual(this.#arrived[name].length);
      if (!this.#has_crashed) expect(this.#arrived[name]).toHaveLength(wanted.length);
    }
    if (!this.#has_crashed && this.#end > 0) {
      expect(inputs[input]!.received_bytes).toBe(this.#bytes_read);
    }
    expect(total.received).toBe(total.delivered + total.dropped);
    for (const name of names) await this.#buffers[name].stop();
    for (const name of names) await this.#journals[name].close();
  }

  get #in_flight(): number {
    return this.#ledger.books().total.in_flight;
  }
}

sampled(
  "output buffer - every event comes to its output, whatever happens",
  { sample: 15, all: 1500 },
  (runs) =>
    fc.assert(
      fc.asyncProperty(scenario, (what) => new Machine(what).run()),
      { numRuns: Number(other_runs ?? runs) },
    ),
);
