/**
 * A simulated hour of one seed: numbered events through the real output, ledger and quarantine, to a model of Splunk in
 * random trouble, on a clock that jumps. It throws the first thing that does not hold: see witness.ts, and that
 * everything is delivered soon after the last trouble, and nothing waits for ever.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outputs } from "../../../src/agent/outputs/outputs.ts";
import { outputOptions, type NamedOutput } from "../../../src/config/outputs.ts";
import type { Origin } from "../../../src/event/block.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { StreamLedger } from "../../../src/ledger/stream-ledger.ts";
import type { SplunkHecStatus } from "../../../src/output/splunk-hec/delivery/status.ts";
import { Quarantine } from "../../../src/output/quarantine/quarantine.ts";
import { CollectedLog } from "../collected-log.ts";
import { JumpingClock } from "../clocks/jumping-clock.ts";
import { RandomSource } from "../random/random-source.ts";
import { Balancer } from "../splunk/balancer.ts";
import { MemoryTransport } from "../splunk/memory-transport.ts";
import type { Token } from "../splunk/call.ts";
import { SplunkNode } from "../splunk/node.ts";
import { BlockMaker, readNumbers } from "./numbered-events.ts";
import type { Trouble } from "./troubles.ts";
import { hour_ms, Weather } from "./weather.ts";
import { Witness } from "./witness.ts";

const block_events = 1000;
const began_ms = 1_742_539_000_000;
const token = "6d15a8e4-0000-4000-8000-c0ffee123456";
const poison_codes = [6, 12, 13, 15] as const;
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
  /** For want of an acknowledgement. */
  events_repeated: number;
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
}

export class Hour {
  readonly #random: RandomSource;
  readonly #clock = new JumpingClock(began_ms);
  readonly #ledger = new Ledger();
  readonly #log = new CollectedLog();
  readonly #events: number;
  readonly #poison: Uint8Array;
  readonly #index_of: Uint8Array;
  readonly #witness: Witness;
  readonly #inputs: readonly Input[];
  /** Whether the token has acknowledgement, and when an event is to be sent again for want of one. */
  readonly #ack: boolean;
  readonly #ack_timeout_ms: number;
  /** By endpoint. */
  readonly #weathers: ReadonlyMap<string, Weather>;
  readonly #quarantine: Quarantine;
  readonly #quarantine_directory: string;
  readonly #outputs: Outputs;
  /** What the options of the output are drawn from, each time that it is replaced. */
  readonly #makeNamed: (random: RandomSource) => NamedOutput;
  /** How often the output is replaced by one with other options; 0 for never. */
  readonly #replacements: number;
  /** Of its own, so that what else befalls a seed does not depend on the replacements. */
  readonly #replacing: RandomSource;

  constructor(seed: number, events: number) {
    const random = new RandomSource(seed);
    this.#random = random;
    this.#events = events;
    this.#poison = new Uint8Array(events);
    this.#index_of = new Uint8Array(events);
    this.#plantPoison();
    this.#inputs = ["a", "b"].map((index) => ({
      stream: this.#ledger.openStream(`input_${index}`, undefined, 0),
      origin: {
        input: `input_${index}`,
        stream: `${index}.log`,
        metadata: { index },
      },
      blocks: [],
      checked: 0,
    }));
    const clock = this.#clock;
    this.#ack = random.chance(0.5);
    this.#ack_timeout_ms = random.one([60_000, 300_000]);
    const urls = ["http://a.test:8088", "http://b.test:8088", "http://c.test:8088"];
    urls.length = random.one([1, 1, 2, 3]);
    const max_in_flight = random.one([1, 1, 2, 4, 8]);
    this.#replacing = new RandomSource(~seed);
    this.#replacements = this.#replacing.one([0, 0, 5, 100]);
    this.#witness = new Witness({
      events,
      poison: this.#poison,
      index_of: this.#index_of,
      in_order: max_in_flight === 1 && urls.length === 1 && !this.#ack && this.#replacements === 0,
      ack: this.#ack,
      ack_timeout_ms: this.#ack_timeout_ms,
      now: () => clock.now(),
    });
    this.#weathers = new Map(
      urls.map((url, number) => [url, this.#makeWeather(number > 0 && random.chance(0.2))]),
    );
    const [ledger, log] = [this.#ledger, this.#log];
    this.#quarantine_directory = mkdtempSync(join(tmpdir(), "tallyman-hour-"));
    const mask = (text: string): string => text;
    this.#quarantine = new Quarantine(this.#quarantine_directory, { ledger, clock, log, mask });
    const fixed = {
      type: "splunk_hec",
      ...(urls.length === 1 ? { url: urls[0] } : { endpoints: urls }),
      token,
      ack: this.#ack ? random.one(["auto", "on"]) : random.one(["auto", "off"]),
      ack_timeout: `${this.#ack_timeout_ms}ms`,
      max_in_flight,
    };
    this.#makeNamed = (source) => {
      const batch = {
        max_bytes: source.one(["8KiB", "32KiB", "64KiB", "256KiB"]),
        max_wait: "200ms",
      };
      const timeout = source.one(["2s", "10s", "30s"]);
      const options = outputOptions.parse({ ...fixed, batch, timeout });
      return { name: "splunk", options, at: ["output"] };
    };
    this.#outputs = new Outputs([this.#makeNamed(random)], {
      ledger,
      quarantine: this.#quarantine,
      clock,
      log,
      random: () => random.next(),
      connect: (client) =>
        new MemoryTransport({
          client,
          pass: (call) => {
            this.#witness.look(ledger.books());
            return this.#weathers.get(client.url)!.pass(call);
          },
          onTold: (take) => this.#witness.told(take),
          onPromised: (take) => this.#witness.promised(take),
        }),
    });
    ledger.onChange = () => this.#checkCheckpoints();
  }

  async run(): Promise<HourReport> {
    try {
      const fed = new AbortController();
      const feeding = this.#feed().finally(() => fed.abort());
      const replacing = this.#replaceOften(fed.signal);
      await this.#until(feeding, began_ms + feeding_ms_max);
      await replacing;
      const drained_by_ms = Math.max(this.#clock.now(), calm_from_ms) + this.#recovery_ms_max;
      await this.#until(this.#outputs.drain(never), drained_by_ms);
      await this.#quarantine.drain(never);
      this.#checkEnd();
      return this.#report();
    } finally {
      await this.#outputs.close();
      await this.#quarantine.close();
      rmSync(this.#quarantine_directory, { recursive: true, force: true });
    }
  }

  /** Gives blocks to the output as inputs do, over the most of the hour. */
  async #feed(): Promise<void> {
    const random = this.#random;
    const output = this.#outputs.default;
    const maker = new BlockMaker(block_events);
    const blocks = this.#events / block_events;
    const pause_ms = (hour_ms * 0.9 * 2) / blocks;
    for (let first = 0; first < this.#events; first += block_events) {
      const input = random.one(this.#inputs);
      input.blocks.push(first);
      this.#index_of.fill(input.origin.metadata.index!.charCodeAt(0), first, first + block_events);
      output.begin(this);
      const receipt = input.stream.open(block_events, maker.bytes, input.blocks.length);
      maker.make(first, receipt, input.origin, (event) => output.add(event));
      for (;;) {
        const room = output.room(input.origin.input) ?? this.#quarantine.room();
        if (room === undefined) break;
        await room;
      }
      output.idle(this);
      // Half of the time more is at hand already.
      if (random.chance(0.5)) await this.#clock.sleep(random.next() * 2 * pause_ms);
    }
  }

  /** Replaces the output at random moments, up to some per hour. */
  async #replaceOften(stop: AbortSignal): Promise<void> {
    const random = this.#replacing;
    while (this.#replacements > 0 && !stop.aborted) {
      await this.#clock.sleep((random.next() * 2 * hour_ms) / this.#replacements, stop);
      this.#outputs.extend([this.#makeNamed(random)]);
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
      this.#throwViolation();
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
        onAccepted: (take) => this.#witness.accepted(take),
        onIndexed: (take) => this.#witness.indexed(take),
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
      mayOmitPromise: () => this.#witness.has_promised,
      onLate: (call, sent) => {
        const witness = this.#witness;
        if (!sent.equals(call.body)) witness.violated("a body was changed while it was under way");
        witness.late = true;
        balancer.serve(call, { kind: "normal" });
        witness.late = false;
      },
    });
  }

  #plantPoison(): void {
    const random = this.#random;
    const share = random.one([0, 0.00005, 0.0002, 0.001]);
    if (share === 0) return;
    for (let number = 0; number < this.#events; number += 1) {
      // Skips as far as the next one, by the geometric distribution; some stand side by side.
      if (!random.chance(0.3)) number += Math.floor(Math.log(1 - random.next()) / -share);
      if (number < this.#events) this.#poison[number] = random.one(poison_codes);
    }
  }

  #checkCheckpoints(): void {
    for (const input of this.#inputs) {
      const passed = input.stream.checkpoint as number;
      for (; input.checked < passed; input.checked += 1) {
        this.#witness.passed(input.blocks[input.checked]!, block_events);
      }
    }
  }

  #checkEnd(): void {
    const file = join(this.#quarantine_directory, "quarantine.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
    this.#witness.end(this.#ledger.books(), lines);
    this.#throwViolation();
    const everything_said = JSON.stringify([this.#log.lines, lines, this.#status]);
    if (everything_said.includes(token))
      throw new Error("the token stands in log, quarantine or status");
    if (!this.#sends) throw new Error(this.#state());
  }

  /** What was violated in a callback would only be a failed request to the output, had it been thrown there. */
  #throwViolation(): void {
    const { violation } = this.#witness;
    if (violation !== undefined) throw new Error(violation);
  }

  #report(): HourReport {
    const { requests, events_repeated } = this.#status;
    const { delivered, quarantined } = this.#ledger.books().total;
    const repeats = this.#witness.times_indexed - delivered;
    const troubles = new Set([...this.#weathers.values()].flatMap(({ met }) => [...met]));
    return { requests, repeats, events_repeated, quarantined, troubles };
  }

  /** Also what was never acknowledged must be sent again by then. */
  get #recovery_ms_max(): number {
    return recovery_ms_max + (this.#ack ? 2 * this.#ack_timeout_ms : 0);
  }

  get #status(): SplunkHecStatus {
    return this.#outputs.status().get("splunk") as SplunkHecStatus;
  }

  get #sends(): boolean {
    return this.#status.state === "sending";
  }

  #state(): string {
    return `${JSON.stringify(this.#status)}, ${JSON.stringify(this.#ledger.books().total)}`;
  }
}
