/**
 * Property: whatever the disk does, and whenever the power is cut, the journal gives back what it accepted, in order
 * and nothing else, always opens again, and says exactly how many events are lost where bits have turned.
 */
import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Acceptance } from "../../src/inputs/input.ts";
import type { JournalOptions } from "../../src/journal/options.ts";
import { fates, sumOf } from "../../src/ledger/books.ts";
import type { LedgerState } from "../../src/ledger/state.ts";
import { sampled } from "../support/effort.ts";
import { FaultyFiles, type Chance } from "../support/files/faulty-files.ts";
import { input, Journaling } from "../support/events/journaling.ts";
import { ManualClock } from "../support/clocks/manual-clock.ts";

/** What is said of a checkpoint that is not believed: only damage leads to that. */
const too_far = "The journal ends before its checkpoint; all that is in it is sent again.";
const directory = "/journal";
const other_runs = process.env["JOURNAL_RUNS"];

/** What may happen. Numbers choose among what is there. */
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      events: fc.nat(3),
      padding: fc.constantFrom(0, 20, 300),
      filtered: fc.constantFrom(0, 0, 2),
      more: fc.constantFrom(0, 0, 2),
      wait: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("settle" as const), pick: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("fail" as const),
      after: fc.nat(6),
      codes: fc.array(fc.constantFrom("EIO", "ENOSPC", "EROFS"), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("space" as const), bytes: fc.nat(6000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hold" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      after: fc.nat(8),
      saves: fc.boolean(),
      power_is_lost: fc.boolean(),
    }),
  },
);

const scenario = fc.record({
  when_full: fc.constantFrom("block" as const, "drop_newest" as const, "drop_oldest" as const),
  max_bytes: fc.constantFrom(1500, 4000, 50_000),
  sync: fc.constantFrom("always" as const, "always" as const, 1500),
  chances: fc.infiniteStream(fc.noBias(fc.nat(9999))),
  happenings: fc.array(happening, { minLength: 3, maxLength: 30, size: "max" }),
  flip: fc.boolean(),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;
type Happening = Scenario["happenings"][number];

/** What is to be in a delivery. */
interface Content {
  readonly events: number;
  readonly padding?: number;
  readonly filtered?: number;
  /** Deliveries that follow, each as soon as the one before is answered. */
  readonly more?: number;
}

/** One call of append, and what became of it. */
interface Sent {
  readonly texts: string[];
  readonly events: number;
  acceptance: Acceptance | undefined;
  /** Whether it must survive a power cut. */
  safe: boolean;
}

/** A machine with a journal on it, and the list that the journal is held against. */
class Machine {
  readonly #scenario: Scenario;
  readonly #chance: Chance;
  readonly #options: JournalOptions;
  readonly #clock = new ManualClock();
  #files = new FaultyFiles();
  #state: LedgerState | undefined;
  #journaling!: Journaling;
  #held: PromiseWithResolvers<void> | undefined;
  #next_id = 0;
  #flips_left: number;
  #has_crashed = false;
  /** How many calls of append there had been at the last crash. */
  #crashed_at = 0;
  readonly #sent: Sent[] = [];
  /** Texts that came out, since the beginning. */
  readonly #given = new Set<string>();
  /** Events booked as dropped when they came, and forgotten with the books in a crash. */
  #forgotten = 0;
  /** The most that the written books have said was received, with what the journal has. */
  #received_most = 0;

  constructor(what: Scenario) {
    this.#scenario = what;
    this.#flips_left = what.flip ? 1 : 0;
    const numbers = what.chances[Symbol.iterator]();
    this.#chance = () => (numbers.next().value as number) / 10_000;
    const { when_full, max_bytes, sync } = what;
    this.#options = { when_full, max_bytes, sync };
  }

  async run(): Promise<void> {
    await this.#open();
    for (const each of this.#scenario.happenings) {
      await this.#do(each);
      await this.#turn();
      this.#checkNow();
    }
    await this.#finish();
  }

  async #do(what: Happening): Promise<void> {
    const { receipts } = this.#journaling;
    switch (what.kind) {
      case "append":
        void this.#append(what);
        if (what.wait) await this.#turn();
        break;
      case "settle":
        if (receipts.length > 0) this.#journaling.settle(what.pick % receipts.length);
        break;
      case "save":
        this.#state = this.#journaling.save();
        break;
      case "wait":
        await this.#pass(what.seconds * 1000);
        break;
      case "fail":
        this.#files.faults = [...Array<undefined>(what.after).fill(undefined), ...what.codes];
        break;
      case "space":
        this.#files.space_bytes = what.bytes;
        break;
      case "hold":
        this.#hold();
        break;
      case "restart":
        await this.#restart();
        break;
      case "crash":
        await this.#crash(what);
        break;
    }
  }

  /** Resolves when the journal has answered. */
  async #append({ events, padding = 0, filtered = 0, more = 0 }: Content): Promise<void> {
    const texts: string[] = [];
    for (let number = 0; number < events; number += 1) {
      texts.push(`{"id":${this.#next_id},"padding":"${"x".repeat(padding)}"}`);
      this.#next_id += 1;
    }
    const delivery = this.#journaling.delivery(texts);
    if (filtered > 0) delivery.end("filtered", "a rule", filtered);
    const sent: Sent = { texts, events: events + filtered, acceptance: undefined, safe: false };
    this.#sent.push(sent);
    const answer = await this.#journaling.journal.append(delivery);
    // What is dropped as the options say is settled, and counted.
    sent.acceptance = answer === "dropped" ? "accepted" : answer;
    sent.safe = sent.acceptance === "accepted" && this.#options.sync === "always";
    if (more > 0) await this.#append({ events, padding, filtered, more: more - 1 });
  }

  /** Has the output take no more, or take again. */
  #hold(): void {
    const held = this.#held;
    this.#held = held === undefined ? Promise.withResolvers() : undefined;
    this.#journaling.backpressure = this.#held?.promise;
    held?.resolve();
  }

  async #open(): Promise<void> {
    this.#journaling = await Journaling.open({
      directory,
      files: this.#files,
      clock: this.#clock,
      options: this.#options,
      state: this.#state,
    });
    const { lines } = this.#journaling.log;
    if (!this.#scenario.flip) expect(lines.map(({ message }) => message)).not.toContain(too_far);
    this.#journaling.start();
    await this.#turn();
  }

  async #restart(): Promise<void> {
    this.#heal();
    await this.#journaling.journal.close();
    await this.#turn();
    for (const sent of this.#sent.slice(this.#crashed_at)) {
      sent.safe = sent.acceptance === "accepted";
    }
    this.#collect();
    this.#state = this.#journaling.save();
    await this.#open();
  }

  /** Kills the process, or cuts the power, after so many more calls, or now. */
  async #crash({ after, saves, power_is_lost }: Happening & { kind: "crash" }): Promise<void> {
    this.#files.calls_left = after;
    void this.#append({ events: 2, padding: 100 });
    await this.#turn();
    if (saves && this.#files.calls_left >= 0) {
      this.#journaling.settle();
      this.#state = this.#journaling.save();
    }
    await this.#turn();
    this.#has_crashed = true;
    const sent = this.#sent.slice(this.#crashed_at);
    for (const each of sent) each.safe ||= !power_is_lost && each.acceptance === "accepted";
    this.#crashed_at = this.#sent.length;
    this.#collect();
    this.#forget();
    this.#held = undefined;
    this.#files = power_is_lost ? this.#files.crashed(this.#chance) : this.#files.killed();
    if (power_is_lost && this.#flips_left > 0) this.#flip();
    // What was not synced was not safe.
    if (power_is_lost && this.#options.sync !== "always") this.#received_most = 0;
    await this.#open();
  }

  #flip(): void {
    const files = [...this.#files.contents()].filter(([, { length }]) => length > 0);
    if (files.length === 0) return;
    const [path, { length }] = files[Math.floor(this.#chance() * files.length)]!;
    this.#flips_left -= 1;
    this.#files.flip(path, Math.floor(this.#chance() * length), Math.floor(this.#chance() * 8));
  }

  /** Takes note of bookings without a checkpoint, that the state file does not have. */
  #forget(): void {
    const now = this.#journaling.ledger.snapshot().state.inputs[input];
    const saved = this.#state?.inputs[input];
    const count = (books: typeof now): number =>
      books === undefined ? 0 : sumOf(books.dropped) + sumOf(books.filtered);
    if (this.#options.when_full !== "block") this.#forgotten += count(now) - count(saved);
  }

  #heal(): void {
    this.#files.faults = [];
    this.#files.space_bytes = Infinity;
    if (this.#held !== undefined) this.#hold();
  }

  async #pass(milliseconds: number): Promise<void> {
    this.#clock.pass(milliseconds);
    await this.#turn();
  }

  /** Lets everything happen that can without the clock. */
  async #turn(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  #checkNow(): void {
    const { ledger, journal, texts } = this.#journaling;
    expect(ledger.books().balanced).toBe(true);
    expect(journal.events_unread).toBeGreaterThanOrEqual(0);
    this.#checkWritten();
    const ids = texts.map((text) => (JSON.parse(text) as { id: number }).id);
    for (let at = 1; at < ids.length; at += 1) expect(ids[at]).toBeGreaterThan(ids[at - 1]!);
  }

  /** What a crash would leave is no more than there is, and never less than it was: metrics count by it. */
  #checkWritten(): void {
    const { ledger } = this.#journaling;
    const written = ledger.writtenBooks()[input]!;
    const settled = fates.reduce((sum, fate) => sum + sumOf(written[fate]), 0);
    expect(written.received).toBeGreaterThanOrEqual(settled);
    expect(written.received).toBeLessThanOrEqual(ledger.books().inputs[input]!.received);
    if (!this.#scenario.flip) expect(written.received).toBeGreaterThanOrEqual(this.#received_most);
    this.#received_most = written.received;
  }

  /** Takes note of what came out of this process. */
  #collect(): void {
    for (const text of this.#journaling.texts) this.#given.add(text);
  }

  /** Ends all trouble, has everything delivered, and holds the books against the list. */
  async #finish(): Promise<void> {
    this.#heal();
    for (let round = 0; round < 4; round += 1) await this.#pass(2000);
    await this.#drain();
    void this.#append({ events: 1 });
    await this.#drain();
    expect(this.#sent.at(-1)!.acceptance).toBe("accepted");
    this.#collect();
    this.#checkNow();
    this.#checkGiven();
    this.#checkBooks();
    await this.#journaling.journal.close();
  }

  async #drain(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      await this.#pass(2000);
      this.#journaling.settle();
      this.#state = this.#journaling.save();
      if (this.#journaling.journal.events_unread === 0 && round > 3) return;
    }
    expect.fail("the journal does not come to its end");
  }

  #checkGiven(): void {
    const { when_full, sync } = this.#options;
    const known = new Map(this.#sent.flatMap((sent) => sent.texts.map((text) => [text, sent])));
    for (const text of this.#given) {
      const sent = known.get(text);
      expect(sent, "nothing is invented").toBeDefined();
      expect(sent!.acceptance).not.toBe("full");
      if (!this.#has_crashed) expect(sent!.acceptance).toBe("accepted");
    }
    const { dropped } = this.#journaling.ledger.books().inputs[input]!;
    const damaged = dropped["journal_damaged"] ?? 0;
    if (when_full !== "block") return;
    const missing = [...known].filter(([text, { safe }]) => safe && !this.#given.has(text));
    if (this.#scenario.flip) expect(missing.length).toBeLessThanOrEqual(damaged);
    else expect(missing).toEqual([]);
    if (!this.#has_crashed && sync === "always") expect(damaged).toBe(0);
  }

  #checkBooks(): void {
    const books = this.#journaling.ledger.books().inputs[input]!;
    expect(books.in_flight).toBe(0);
    const booked = fates.reduce((sum, fate) => sum + sumOf(books[fate]), 0);
    let safe = 0;
    let possible = 0;
    for (const { events, acceptance, safe: is_safe } of this.#sent) {
      if (is_safe) safe += events;
      if (acceptance !== "full") possible += events;
    }
    expect(booked).toBeGreaterThanOrEqual(safe - this.#forgotten);
    expect(booked).toBeLessThanOrEqual(possible);
    if (this.#has_crashed || this.#options.sync !== "always") return;
    expect(booked, "every event is booked exactly once").toBe(safe);
  }
}

describe("model", () => {
  sampled(
    "journal - gives back what it accepted, whatever the disk does",
    { sample: 40, all: 3000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(scenario, (what) => new Machine(what).run()),
        { numRuns: Number(other_runs ?? runs) },
      ),
  );
});
