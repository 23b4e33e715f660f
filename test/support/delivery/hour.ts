/**
 * A simulated hour of one seed: numbered events through the real output, ledger and quarantine, to a model of Splunk in
 * random trouble, on a clock that jumps. It throws at the first thing that does not hold:
 *
 * - the books balance whenever they are looked at, and never say more to be delivered than the model has told;
 * - a checkpoint passes only events that the model has told to have, or that it refuses for what they hold;
 * - no event is sent again once its sender was told that it is taken;
 * - what is refused, and nothing else, is in quarantine, with Splunk's code;
 * - with one request at a time, the events of an index arrive in order;
 * - once the trouble is over everything is delivered soon, and nothing waits for ever.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Origin } from "../../../src/event/block.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { StreamLedger } from "../../../src/ledger/stream-ledger.ts";
import { splunkHecOptions } from "../../../src/output/options.ts";
import { Quarantine } from "../../../src/output/quarantine.ts";
import { SplunkHecOutput } from "../../../src/output/splunk-hec.ts";
import { CollectedLog } from "../collected-log.ts";
import { JumpingClock } from "../jumping-clock.ts";
import { RandomSource } from "../random-source.ts";
import { Balancer } from "../splunk/balancer.ts";
import { MemoryTransport } from "../splunk/memory-transport.ts";
import { SplunkNode, type Token } from "../splunk/node.ts";
import type { Take } from "../splunk/take.ts";
import { BlockMaker, readNumbers } from "./numbered-events.ts";
import type { Trouble } from "./troubles.ts";
import { hour_ms, Weather } from "./weather.ts";

const block_events = 1000;
const began_ms = 1_742_539_000_000;
const token = "6d15a8e4-0000-4000-8000-c0ffee123456";
const poison_codes = [6, 12, 13, 15] as const;
const reason_by_code: Readonly<Record<number, string>> = {
  6: "splunk_invalid_data_format",
  12: "splunk_event_required",
  13: "splunk_event_blank",
  15: "splunk_indexed_fields",
};
const calm_from_ms = began_ms + hour_ms;
/** How long after the last trouble a sender must go on: the longest wait that a server may ask for, twice. */
const recovery_ms_max = 660_000;
/** Feeding waits while there is no room, and takes an hour beside that. */
const feeding_ms_max = 3 * hour_ms;
const never = new AbortController().signal;

export interface HourReport {
  requests: number;
  repeats: number;
  quarantined: number;
  promised: number;
  /** Those that came. */
  troubles: ReadonlySet<Trouble>;
}

interface Input {
  readonly stream: StreamLedger;
  readonly origin: Origin;
  /** The first event of each block. */
  readonly blocks: number[];
  /** Blocks that the checkpoint has passed and that were looked at. */
  checked: number;
  /** The last event of this index that arrived for the first time. */
  last_arrived: number;
}

export class Hour {
  readonly #random: RandomSource;
  readonly #clock = new JumpingClock(began_ms);
  readonly #ledger = new Ledger();
  readonly #log = new CollectedLog();
  readonly #events: number;
  readonly #poison: Uint8Array;
  readonly #index_of: Uint8Array;
  /** How often each event was indexed, and how often its sender was told that it was taken. */
  readonly #indexed: Uint16Array;
  readonly #told: Uint8Array;
  #told_events = 0;
  /** The first thing that did not hold. */
  #violation: string | undefined;
  /** Whether the model sees a request now that its sender gave up before. */
  #late = false;
  readonly #inputs: readonly Input[];
  readonly #in_order: boolean;
  /** Whether the token has acknowledgement, and when an event is to be sent again for want of one. */
  readonly #ack: boolean;
  readonly #ack_timeout_ms: number;
  /** When the sender of each event was last promised an acknowledgement. */
  readonly #promised_ms: Float64Array;
  #promised_events = 0;
  /** By endpoint. */
  readonly #weathers: ReadonlyMap<string, Weather>;
  readonly #quarantine: Quarantine;
  readonly #quarantine_directory: string;
  readonly #output: SplunkHecOutput;

  constructor(seed: number, events: number) {
    const random = new RandomSource(seed);
    this.#random = random;
    this.#events = events;
    this.#poison = new Uint8Array(events);
    this.#index_of = new Uint8Array(events);
    this.#indexed = new Uint16Array(events);
    this.#told = new Uint8Array(events);
    this.#promised_ms = new Float64Array(events).fill(-Infinity);
    this.#plantPoison();
    this.#inputs = ["a", "b"].map((index) => ({
      stream: this.#ledger.openStream(`input_${index}`, undefined, 0),
      origin: {
        input: `input_${index}`,
        stream: `${index}.log`,
        metadata: { index },
        time_paths: [],
      },
      blocks: [],
      checked: 0,
      last_arrived: -1,
    }));
    const clock = this.#clock;
    this.#ack = random.chance(0.5);
    this.#ack_timeout_ms = random.one([60_000, 300_000]);
    const urls = ["http://a.test:8088", "http://b.test:8088", "http://c.test:8088"];
    urls.length = random.one([1, 1, 2, 3]);
    this.#weathers = new Map(
      urls.map((url, number) => [url, this.#makeWeather(number > 0 && random.chance(0.2))]),
    );
    const [ledger, log] = [this.#ledger, this.#log];
    this.#quarantine_directory = mkdtempSync(join(tmpdir(), "tallyman-hour-"));
    const mask = (text: string): string => text;
    this.#quarantine = new Quarantine(this.#quarantine_directory, { ledger, clock, log, mask });
    const max_in_flight = random.one([1, 1, 2, 4, 8]);
    this.#in_order = max_in_flight === 1 && urls.length === 1 && !this.#ack;
    const options = splunkHecOptions.parse({
      ...(urls.length === 1 ? { url: urls[0] } : { endpoints: urls }),
      token,
      ack: this.#ack ? random.one(["auto", "on"]) : random.one(["auto", "off"]),
      ack_timeout: `${this.#ack_timeout_ms}ms`,
      max_in_flight,
      batch: { max_bytes: random.one(["8KiB", "32KiB", "64KiB", "256KiB"]), max_wait: "200ms" },
      timeout: random.one(["2s", "10s", "30s"]),
    });
    this.#output = new SplunkHecOutput("splunk", options, {
      ledger,
      quarantine: this.#quarantine,
      clock,
      log,
      random: () => random.next(),
      connect: (client) =>
        new MemoryTransport({
          client,
          pass: (call) => {
            this.#look();
            return this.#weathers.get(client.url)!.pass(call);
          },
          onTold: (take) => this.#onTold(take),
          onPromised: (take) => this.#onPromised(take),
        }),
    });
    ledger.onChange = () => this.#checkCheckpoints();
  }

  async run(): Promise<HourReport> {
    try {
      const feeding = this.#feed();
      await this.#until(feeding, began_ms + feeding_ms_max);
      const drained_by_ms = Math.max(this.#clock.now(), calm_from_ms) + this.#recovery_ms_max;
      await this.#until(this.#output.drain(never), drained_by_ms);
      await this.#quarantine.drain(never);
      this.#checkEnd();
      return this.#report();
    } finally {
      await this.#output.close();
      await this.#quarantine.close();
      rmSync(this.#quarantine_directory, { recursive: true, force: true });
    }
  }

  /** Gives blocks to the output as inputs do, over the most of the hour. */
  async #feed(): Promise<void> {
    const random = this.#random;
    const maker = new BlockMaker(block_events);
    const blocks = this.#events / block_events;
    const pause_ms = (hour_ms * 0.9 * 2) / blocks;
    for (let first = 0; first < this.#events; first += block_events) {
      const input = random.one(this.#inputs);
      input.blocks.push(first);
      this.#index_of.fill(input.origin.metadata.index!.charCodeAt(0), first, first + block_events);
      const receipt = input.stream.open(block_events, maker.bytes, input.blocks.length);
      maker.make(first, receipt, input.origin, (event) => this.#output.add(event));
      for (;;) {
        const room = this.#output.room(input.origin.input) ?? this.#quarantine.room();
        if (room === undefined) break;
        await room;
      }
      this.#output.idle();
      // Half of the time more is at hand already.
      if (random.chance(0.5)) await this.#clock.sleep(random.next() * 2 * pause_ms);
    }
  }

  /** Lets time pass until the promise is fulfilled. */
  async #until(promise: Promise<void>, deadline_ms: number): Promise<void> {
    let state: "pending" | "over" = "pending";
    const failure: { cause?: unknown } = {};
    promise.then(
      () => (state = "over"),
      (cause: unknown) => {
        state = "over";
        failure.cause = cause;
      },
    );
    const recovered_by_ms = calm_from_ms + this.#recovery_ms_max;
    const over = (): boolean => state === "over";
    for (;;) {
      // Everything but the disk's answers is done once the microtasks are.
      await new Promise(setImmediate);
      await this.#quarantine.drain(never);
      if (this.#violation !== undefined) throw new Error(this.#violation);
      if (over()) break;
      if (!this.#clock.jump()) throw new Error(`hangs, and waits for no time: ${this.#state()}`);
      const now = this.#clock.now();
      if (now > deadline_ms || (now > recovered_by_ms && !this.#sends)) {
        throw new Error(`hangs: ${this.#state()}`);
      }
    }
    if (failure.cause !== undefined) throw failure.cause;
  }

  /** A balancer with its nodes, and what befalls them. */
  #makeWeather(dead: boolean): Weather {
    const random = this.#random;
    const clock = this.#clock;
    const tokens = new Map<string, Token>([[token, { ack: this.#ack }]]);
    const facts = { index_of: this.#index_of, poison: this.#poison };
    let unusual_ms: number | undefined;
    // Without acknowledgement nobody can know of an event that a crash takes from a queue.
    const usual_ms = (): number => (this.#ack ? random.between(100, 3000) : 0);
    const makeNode = (): SplunkNode<number> =>
      new SplunkNode<number>({
        now: () => clock.now(),
        tokens,
        read: (body, indexes) => readNumbers(body, facts, indexes),
        readRaw: () => [],
        onAccepted: (take) => this.#onAccepted(take),
        onIndexed: (take) => this.#onIndexed(take),
        indexAfterMs: () => unusual_ms ?? usual_ms(),
      });
    const nodes = Array.from({ length: random.one([1, 1, 2, 3]) }, makeNode);
    const balancer = new Balancer(nodes, random.one(["cookie", "renewed_cookie", "none"]));
    return new Weather({
      random,
      balancer,
      tokens,
      token,
      dead,
      began_ms,
      indexAfter: (delay_ms) => (unusual_ms = delay_ms),
      now: () => clock.now(),
      onLate: (call, sent) => {
        if (!sent.equals(call.body)) this.#violated("a body was changed while it was under way");
        this.#late = true;
        balancer.serve(call, { kind: "normal" });
        this.#late = false;
      },
    });
  }

  #plantPoison(): void {
    const random = this.#random;
    const share = random.one([0, 0.00005, 0.0005, 0.002]);
    if (share === 0) return;
    for (let number = 0; number < this.#events; number += 1) {
      // Skips as far as the next one, by the geometric distribution; some stand side by side.
      if (!random.chance(0.3)) number += Math.floor(Math.log(1 - random.next()) / -share);
      if (number < this.#events) this.#poison[number] = random.one(poison_codes);
    }
  }

  /** Notes what does not hold. Thrown here, it would only be a failed request to the output. */
  #violated(what: string): void {
    this.#violation ??= what;
  }

  #onAccepted({ events }: Take<number>): void {
    const now = this.#clock.now();
    for (const number of events) {
      if (this.#told[number]! > 0 && !this.#late)
        this.#violated(`event ${number} was sent again, although told`);
      if (now - this.#promised_ms[number]! < this.#ack_timeout_ms && !this.#late) {
        this.#violated(`event ${number} was sent again, although promised`);
      }
    }
  }

  #onIndexed({ events }: Take<number>): void {
    const input = this.#inputs[this.#index_of[events[0]!]! - 0x61]!;
    for (const number of events) {
      this.#indexed[number]! += 1;
      if (this.#indexed[number] !== 1) continue;
      if (this.#in_order && number < input.last_arrived) {
        this.#violated(`event ${number} came after ${input.last_arrived}`);
      }
      input.last_arrived = number;
    }
  }

  #onTold({ events }: Take<number>): void {
    for (const number of events) {
      if (this.#told[number] === 0) this.#told_events += 1;
      this.#told[number]! += 1;
      if (this.#indexed[number] === 0) this.#violated(`event ${number} was told and not indexed`);
    }
  }

  #onPromised({ events }: Take<number>): void {
    this.#promised_events += events.length;
    for (const number of events) this.#promised_ms[number] = this.#clock.now();
  }

  #checkCheckpoints(): void {
    for (const input of this.#inputs) {
      const passed = input.stream.checkpoint as number;
      for (; input.checked < passed; input.checked += 1) {
        const first = input.blocks[input.checked]!;
        for (let number = first; number < first + block_events; number += 1) {
          if (this.#poison[number] === 0 && this.#told[number] === 0) {
            this.#violated(`the checkpoint passed event ${number}, which was not taken`);
          }
        }
      }
    }
  }

  #look(): void {
    const { balanced, total } = this.#ledger.books();
    if (!balanced) this.#violated("the books do not balance");
    if (total.delivered > this.#told_events) {
      this.#violated(`${total.delivered} are booked as delivered of ${this.#told_events}`);
    }
  }

  #checkEnd(): void {
    const poisoned = this.#poison.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
    const { total, balanced } = this.#ledger.books();
    const expected = { delivered: this.#events - poisoned, quarantined: poisoned, in_flight: 0 };
    const said = `${JSON.stringify(total)}, expected ${JSON.stringify(expected)}`;
    const right =
      balanced &&
      total.received === this.#events &&
      total.delivered === expected.delivered &&
      total.quarantined === poisoned &&
      total.dropped + total.filtered + total.in_flight === 0;
    if (!right) throw new Error(`the books are wrong at the end: ${said}`);
    for (let number = 0; number < this.#events; number += 1) {
      const taken = this.#poison[number] === 0 ? 1 : 0;
      const told = Math.min(this.#told[number]!, this.#ack ? 1 : Infinity);
      if (told !== taken || (taken === 0 && this.#indexed[number] !== 0)) {
        throw new Error(`event ${number} was taken ${this.#told[number]} times`);
      }
    }
    this.#checkQuarantine(poisoned);
    if (JSON.stringify(this.#log.lines).includes(token)) throw new Error("the log has the token");
    if (!this.#sends) throw new Error(this.#state());
  }

  #checkQuarantine(poisoned: number): void {
    const file = join(this.#quarantine_directory, "quarantine.jsonl");
    const lines = poisoned === 0 ? [] : readFileSync(file, "utf8").trimEnd().split("\n");
    if (lines.length !== poisoned) throw new Error(`${lines.length} events are in quarantine`);
    const seen = new Set<number>();
    for (const line of lines) {
      const { text, code, reason } = JSON.parse(line) as Record<string, unknown>;
      const number = Number(text);
      seen.add(number);
      if (code !== this.#poison[number] || reason !== reason_by_code[Number(code)]) {
        throw new Error(`event ${number} is in quarantine for the wrong reason: ${line}`);
      }
    }
    if (seen.size !== poisoned) throw new Error("an event is in quarantine twice");
  }

  #report(): HourReport {
    const { requests } = this.#output.status();
    const promised = this.#promised_events;
    const indexed = this.#indexed.reduce((sum, times) => sum + times, 0);
    const { delivered, quarantined } = this.#ledger.books().total;
    const troubles = new Set([...this.#weathers.values()].flatMap(({ met }) => [...met]));
    return { requests, repeats: indexed - delivered, promised, quarantined, troubles };
  }

  /** Also what was never acknowledged must be sent again by then. */
  get #recovery_ms_max(): number {
    return recovery_ms_max + (this.#ack ? 2 * this.#ack_timeout_ms : 0);
  }

  get #sends(): boolean {
    return this.#output.status().state === "sending";
  }

  #state(): string {
    return `${JSON.stringify(this.#output.status())}, ${JSON.stringify(this.#ledger.books().total)}`;
  }
}
