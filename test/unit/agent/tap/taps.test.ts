/** Taps: which events are shown of what is delivered, how many, and that nothing is kept for who does not read. */
import { expect, test } from "vitest";
import type { Client } from "../../../../src/admin/route.ts";
import type { TapMessage, TapRequest } from "../../../../src/admin/tap/tap-messages.ts";
import { TapReader } from "../../../../src/admin/tap/tap-reader.ts";
import { Taps, taps_max } from "../../../../src/agent/tap/taps.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { Batch } from "../../../../src/output/batch/batch.ts";
import { EventEncoder } from "../../../../src/output/batch/envelope.ts";
import { Delivered, type DeliveryWatch } from "../../../../src/output/delivered.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const MiB = 1024 * 1024;
/** Events are gathered for so long. */
const gathering_ms = 100;

class ToyClient implements Client {
  waiting_bytes = 0;
  readonly #messages: TapMessage[] = [];
  readonly #reader = new TapReader();
  readonly #clock: ManualClock;
  writes = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** All that it was given, when what is gathered for a moment has come, too. */
  get messages(): TapMessage[] {
    this.#clock.pass(gathering_ms);
    return this.#messages;
  }
  readonly #gone = new AbortController();

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  write(part: string | Uint8Array): void {
    this.writes += 1;
    this.#messages.push(...this.#reader.take(Buffer.from(part)));
  }

  end(text: string): void {
    this.write(text);
    this.leave();
  }

  leave(): void {
    this.#gone.abort();
  }

  get events() {
    return this.messages.flatMap((message) => ("event" in message ? [message.event] : []));
  }

  get numbers(): number[] {
    return this.events.map(({ sent }) => (JSON.parse(sent) as { event: { n: number } }).event.n);
  }

  get counts() {
    return this.messages.flatMap((message) => ("counts" in message ? [message.counts] : []));
  }
}

function setUp() {
  const clock = new ManualClock();
  const log = new CollectedLog();
  const ledger = new Ledger();
  const watch: DeliveryWatch = { passed: undefined };
  const names = () => ({ inputs: ["one", "two"], outputs: ["splunk", "file"] });
  const taps = new Taps({ watch, clock, log, names });
  const delivered = (output: string) =>
    new Delivered(ledger.account("delivered", output), clock, { watch, output });
  const outputs = new Map(["splunk", "file"].map((name) => [name, delivered(name)]));
  const open = (request: Partial<TapRequest> = {}): ToyClient => {
    const client = new ToyClient(clock);
    taps.open({ rate: 10, ...request }, client);
    return client;
  };
  /** Delivers events that are numbered from `from` on, in one batch. */
  const deliver = (
    parts: readonly (readonly [input: string, from: number, count: number])[],
    { output = "splunk", pad = 0 } = {},
  ): void => {
    const encoder = new EventEncoder();
    const batch = new Batch(encoder.pathOf(), undefined, Buffer.alloc(8 * MiB));
    let events = 0;
    for (const [input, from, count] of parts) {
      const texts = Array.from({ length: count }, (_, at) =>
        JSON.stringify({ n: from + at, pad: "x".repeat(pad) }),
      );
      for (const event of makeEvents(ledger, texts, { input })) batch.add(event, encoder);
      events += count;
    }
    batch.settle(outputs.get(output)!, events);
  };
  return { clock, log, ledger, watch, taps, open, deliver };
}

test("taps - nothing watches while there is no tap, and each is noted in the log", () => {
  const { watch, open, log, deliver, ledger } = setUp();
  expect(watch.passed).toBeUndefined();
  const [first, second] = [open({ input: "one" }), open()];
  expect(watch.passed).toBeDefined();
  first.leave();
  expect(watch.passed).toBeDefined();
  second.leave();
  expect(watch.passed).toBeUndefined();
  deliver([["one", 1, 3]]);
  expect([...first.events, ...second.events]).toEqual([]);
  expect(log.lines.map(({ code, facts }) => [code, facts.taps])).toEqual([
    ["tap_opened", 1],
    ["tap_opened", 2],
    ["tap_closed", 1],
    ["tap_closed", 0],
  ]);
  expect(ledger.books().total.delivered).toBe(3);
});

test("taps - a calm flow is shown whole, with input, output and the very bytes that were sent", () => {
  const { open, deliver } = setUp();
  const client = open();
  deliver([
    ["one", 1, 2],
    ["two", 3, 1],
  ]);
  deliver([["two", 4, 1]], { output: "file" });
  expect(client.numbers).toEqual([1, 2, 3, 4]);
  expect(client.events.map(({ input, output }) => `${input} ${output}`)).toEqual([
    "one splunk",
    "one splunk",
    "two splunk",
    "two file",
  ]);
  expect(client.events[0]!.sent).toMatch(/^\{.*"event":\{"n":1,"pad":""\}\}\n$/);
});

test("taps - of a busy flow an even sample, as many a second as were asked for", () => {
  const { clock, open, deliver } = setUp();
  const client = open({ rate: 10 });
  deliver([["one", 0, 1000]]);
  deliver([["one", 1000, 1000]]);
  expect(client.numbers).toEqual([50, 150, 250, 350, 450, 550, 650, 750, 850, 950]);
  clock.pass(500 - gathering_ms);
  deliver([["one", 2000, 100]]);
  expect(client.numbers.slice(10)).toEqual([2010, 2030, 2050, 2070, 2090]);
  clock.pass(500 - gathering_ms);
  expect(client.counts).toEqual([{ ms: 1000, passed: 2100, given: 15, missed: 0 }]);
  clock.pass(60_000);
  deliver([["one", 0, 1000]]);
  expect(client.numbers.length).toBe(25);
});

test("taps - each is shown its own input and output alone", () => {
  const { open, deliver } = setUp();
  const [of_two, of_file] = [open({ input: "two" }), open({ output: "file" })];
  deliver([
    ["one", 0, 30],
    ["two", 30, 4],
    ["one", 34, 30],
    ["two", 64, 2],
  ]);
  deliver([["one", 100, 1]], { output: "file" });
  expect(of_two.numbers).toEqual([30, 31, 32, 33, 64, 65]);
  expect(of_file.numbers).toEqual([100]);
});

test("taps - nothing is kept for a client that does not read: it misses events, which are counted", () => {
  const { clock, open, deliver } = setUp();
  const client = open();
  client.waiting_bytes = MiB + 1;
  deliver([["one", 1, 5]]);
  expect(client.events).toEqual([]);
  clock.pass(1000);
  expect(client.counts).toMatchObject([{ passed: 5, given: 0, missed: 5 }]);
  client.waiting_bytes = 3 * MiB;
  clock.pass(5000);
  expect(client.messages.length).toBe(1);
  client.waiting_bytes = 0;
  deliver([["one", 6, 1]]);
  expect(client.numbers).toEqual([6]);
});

test("taps - the bytes of a second are bounded, too, and too long an event is left out", () => {
  const { clock, open, deliver } = setUp();
  const client = open();
  deliver([["one", 1, 4]], { pad: 0.75 * MiB });
  expect(client.numbers).toEqual([1, 2]);
  clock.pass(1000);
  expect(client.counts).toMatchObject([{ passed: 4, given: 2, missed: 2 }]);
  deliver([["one", 5, 1]], { pad: 2 * MiB });
  deliver([["one", 6, 1]]);
  expect(client.numbers).toEqual([1, 2, 6]);
});

test("taps - what passes within a moment is one write, and none is larger than it has to be", () => {
  const { clock, open, deliver } = setUp();
  const client = open({ rate: 1000 });
  for (let number = 0; number < 20; number += 1) deliver([["one", number, 1]]);
  expect(client.writes).toBe(0);
  clock.pass(gathering_ms);
  expect(client.writes).toBe(1);
  deliver([["one", 20, 4]], { pad: 40 * 1024 });
  deliver([["one", 24, 1]], { pad: 100 * 1024 });
  deliver([["one", 25, 1]]);
  expect(client.numbers).toEqual(Array.from({ length: 26 }, (_, number) => number));
  expect(client.writes).toBe(1 + 4 + 1 + 1);
  // What is gathered goes with who has left.
  deliver([["one", 26, 1]]);
  client.leave();
  clock.pass(gathering_ms);
  expect(client.writes).toBe(7);
});

test("taps - there are a few at most, of inputs and outputs that there are", () => {
  const { taps, open } = setUp();
  expect(taps.refusal({ rate: 1, input: "onee" })).toBe(
    'there is no input "onee"; did you mean "one"?',
  );
  expect(taps.refusal({ rate: 1, output: "x" })).toBe(
    'there is no output "x"; known here: splunk, file',
  );
  const clients = Array.from({ length: taps_max }, () => open());
  expect(taps.refusal({ rate: 1 })).toBe("there are 4 taps, which is the most; end one");
  const late = open();
  expect(late.messages).toEqual([{ end: "there are 4 taps, which is the most; end one" }]);
  expect(late.gone.aborted).toBe(true);
  clients[2]!.leave();
  expect(taps.refusal({ rate: 1 })).toBeUndefined();
});

test("taps - the agent's end is said to each, after what has passed", () => {
  const { taps, watch, open, deliver } = setUp();
  const clients = [open(), open()];
  deliver([["one", 1, 1]]);
  taps.end("the agent has stopped");
  for (const client of clients) {
    expect(client.messages.at(-2)).toMatchObject({ counts: { passed: 1, given: 1 } });
    expect(client.messages.at(-1)).toEqual({ end: "the agent has stopped" });
  }
  expect(watch.passed).toBeUndefined();
});

test("taps - a bug in one costs the flow nothing", () => {
  const { clock, open, deliver, log, ledger, watch } = setUp();
  const client = open();
  client.write = () => {
    client.write = () => undefined;
    throw new Error("broken");
  };
  deliver([["one", 1, 3]]);
  clock.pass(gathering_ms);
  expect(ledger.books().total.delivered).toBe(3);
  expect(log.at("error").map(({ code }) => code)).toEqual(["tap_failed"]);
  expect(watch.passed).toBeUndefined();
});
