/** Outputs that are made, replaced and let go while events are under way, before real servers and files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Outputs } from "../../../../src/agent/outputs/outputs.ts";
import { outputOptions, type NamedOutput } from "../../../../src/config/outputs.ts";
import type { Books } from "../../../../src/ledger/books.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import {
  HecClient,
  type HecTransport,
} from "../../../../src/output/splunk-hec/endpoints/hec-client.ts";
import type { SplunkHecStatus } from "../../../../src/output/splunk-hec/delivery/status.ts";
import { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import type { Clock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeEvents, type EventsFacts } from "../../../support/events/events.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../support/clocks/fast-clock.ts";
import { busy, Splunk, valid_token } from "../../../support/splunk.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const never = new AbortController().signal;
const KiB = 1024;

type Settings = Record<string, Record<string, unknown>>;

function named(settings: Settings): NamedOutput[] {
  return Object.entries(settings).map(([name, options]) => {
    return { name, options: outputOptions.parse(options), at: ["outputs", name] };
  });
}

function splunkAt({ url }: Splunk, options: object = {}): Record<string, unknown> {
  return { type: "splunk_hec", url, token: valid_token, timeout: "1h", ...options };
}

class Rig {
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly outputs: Outputs;
  /** Those of connections that were made, and of those that were closed. */
  readonly connected: string[] = [];
  readonly closed: string[] = [];
  #added = 0;

  constructor(settings: Settings, clock: Clock = fastClock(20)) {
    const { ledger, log } = this;
    const facts = { ledger, clock, log, mask: (text: string) => text };
    const quarantine = new Quarantine(temporaryDirectory(), facts);
    const connect = (client: ConstructorParameters<typeof HecClient>[0]): HecTransport => {
      if (client.url.includes("impossible")) throw new Error("cannot be made");
      const transport = new HecClient(client);
      this.connected.push(client.url);
      return {
        request: (request) => transport.request(request),
        close: () => {
          this.closed.push(client.url);
          return transport.close();
        },
      };
    };
    this.outputs = new Outputs(named(settings), { ...facts, quarantine, connect });
    onTestFinished(async () => {
      await this.outputs.close();
      await quarantine.close();
    });
  }

  extend(settings: Settings): void {
    this.outputs.extend(named(settings));
  }

  restrict(settings: Settings): void {
    this.outputs.restrict(named(settings));
  }

  /** Adds numbered events to the output, or to the default one, and gives their records. */
  add(count: number, name?: string, facts: EventsFacts & { size?: number } = {}): string[] {
    const destination = name === undefined ? this.outputs.default : this.outputs.get(name)!;
    const records = this.records(count, facts.size);
    for (const event of makeEvents(this.ledger, records, facts)) destination.add(event);
    return records;
  }

  records(count: number, size = 0): string[] {
    return Array.from({ length: count }, () => {
      this.#added += 1;
      return JSON.stringify({ number: this.#added, filler: "x".repeat(size) });
    });
  }

  get books(): Books {
    return this.ledger.books();
  }

  delivered(): Readonly<Record<string, number>> {
    return this.books.inputs["audit"]!.delivered;
  }

  said(): unknown[] {
    return this.log.at("info").map(({ code, facts }) => [code, facts]);
  }
}

/** Lets the event loop turn so many times. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

function recordsIn(...files: string[]): string[] {
  const text = files.map((file) => readFileSync(file, "utf8")).join("");
  const lines = text === "" ? [] : text.trimEnd().split("\n");
  return lines.map((line) => /"event":(.*)\}$/.exec(line)![1]!);
}

describe("extend", () => {
  test("outputs - one that is configured as before stays, whatever its buffer is", async () => {
    const splunk = await Splunk.start();
    const folder = temporaryDirectory();
    const archive = { type: "file", path: join(folder, "a") };
    const rig = new Rig({ main: splunkAt(splunk), archive });
    const before = ["main", "archive"].map((name) => rig.outputs.get(name)!.current!.output);
    rig.extend({ main: splunkAt(splunk), archive: { ...archive, buffer: { max_bytes: "1GiB" } } });
    const after = ["main", "archive"].map((name) => rig.outputs.get(name)!.current!.output);
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    const { options } = rig.outputs.get("archive")!.current!.named;
    expect(options.buffer).toMatchObject({ max_bytes: 1024 ** 3 });
    expect(rig.log.lines).toEqual([]);
  });

  test("outputs - while the former address hangs, all but what is under way goes to the new one at once", async () => {
    const [dead, alive] = [await Splunk.start(), await Splunk.start()];
    dead.always({ kind: "hang" });
    const options = { batch: { max_bytes: "4KiB" }, timeout: "20s" };
    const rig = new Rig({ main: splunkAt(dead, options) });
    const destination = rig.outputs.default;
    const records = rig.add(60, "main", { size: 200 });
    await dead.until(({ requests }) => requests.length === 1);
    rig.extend({ main: splunkAt(alive) });
    expect(rig.outputs.default).toBe(destination);
    const [[said, { events, bytes }]] = rig.said() as [[string, Record<string, number>]];
    expect(said).toBe("output_retired");
    expect(events).toBeGreaterThan(5);
    expect(bytes).toBeLessThanOrEqual(4 * KiB);
    await alive.until(({ indexed }) => indexed.length === 60 - events!);
    await eventually(() => rig.books.total.in_flight === events);
    await rig.outputs.drain(never);
    expect(alive.events.toSorted()).toEqual(records.toSorted());
    expect(rig.books).toMatchObject({ balanced: true, total: { delivered: 60, in_flight: 0 } });
    await eventually(() => rig.said().length === 2);
    expect(rig.said()[1]).toMatchObject(["output_finished", { output: "main" }]);
    expect(rig.closed).toEqual([dead.url]);
  });

  test("outputs - of another type, and back", async () => {
    const splunk = await Splunk.start();
    await splunk.refuse();
    const path = join(temporaryDirectory(), "archive.jsonl");
    const rig = new Rig({ main: splunkAt(splunk) });
    const first = rig.add(20);
    rig.extend({ main: { type: "file", path } });
    await rig.outputs.drain(never);
    const second = rig.add(20);
    await rig.outputs.drain(never);
    expect(recordsIn(path)).toEqual([...first, ...second]);
    await splunk.listen();
    rig.extend({ main: splunkAt(splunk) });
    const third = rig.add(20);
    await rig.outputs.drain(never);
    expect(splunk.events).toEqual(third);
    expect(rig.delivered()).toEqual({ main: 60 });
  });

  test("outputs - what it counts goes on, whatever is under way in the one before", async () => {
    const splunk = await Splunk.start();
    const rig = new Rig({ main: splunkAt(splunk) });
    const status = (): SplunkHecStatus => rig.outputs.status().get("main") as SplunkHecStatus;
    rig.add(10);
    await rig.outputs.drain(never);
    const { events, bytes, requests } = status();
    expect({ events, requests }).toEqual({ events: 10, requests: 1 });
    splunk.next({ kind: "normal", delay_ms: 50 });
    rig.add(7);
    rig.outputs.default.idle(rig);
    await splunk.until((each) => each.requests.length === 2);
    rig.extend({ main: splunkAt(splunk, { max_in_flight: 2 }) });
    expect(status()).toMatchObject({ events, bytes, requests, requests_failed: 0 });
    splunk.next({ kind: "answer", status: 503, body: busy });
    rig.add(1);
    await rig.outputs.drain(never);
    expect(status()).toMatchObject({ events: 18, requests: 4, requests_failed: 1 });
    rig.extend({ main: { type: "file", path: join(temporaryDirectory(), "a") } });
    rig.extend({ main: splunkAt(splunk) });
    expect(status()).toMatchObject({ events: 18, requests: 4, requests_failed: 1 });
  });

  test("outputs - where one cannot be made nothing is changed, and nothing is left open", async () => {
    const splunk = await Splunk.start();
    const rig = new Rig({ main: splunkAt(splunk) });
    const before = rig.outputs.default.current;
    const next = {
      main: splunkAt(splunk, { timeout: "5s" }),
      more: splunkAt(splunk),
      odd: splunkAt(splunk, { url: "http://impossible" }),
    };
    expect(() => rig.extend(next)).toThrow("cannot be made");
    expect(rig.outputs.default.current).toBe(before);
    expect(rig.outputs.get("more")).toBeUndefined();
    expect(rig.connected).toHaveLength(3);
    expect(rig.closed).toHaveLength(2);
    const records = rig.add(5);
    await rig.outputs.drain(never);
    expect(splunk.events).toEqual(records);
    expect(rig.log.lines).toEqual([]);
  });
});

describe("restrict", () => {
  test("outputs - what one that goes has not delivered is the default one's, and what is added to it later, too", async () => {
    const [one, two] = [await Splunk.start(), await Splunk.start()];
    await two.refuse();
    const both = { one: splunkAt(one), two: splunkAt(two) };
    const rig = new Rig(both);
    const first = rig.add(20, "two");
    const held = rig.outputs.get("two")!;
    rig.restrict({ one: both.one });
    expect(rig.outputs.get("two")).toBeUndefined();
    expect([...rig.outputs.status().keys()]).toEqual(["one"]);
    const second = rig.records(5);
    for (const event of makeEvents(rig.ledger, second)) held.add(event);
    await rig.outputs.drain(never);
    expect(one.events).toEqual([...first, ...second]);
    expect(rig.delivered()).toEqual({ one: 25 });

    await two.listen();
    rig.extend(both);
    expect(rig.outputs.get("two")).toBe(held);
    const third = rig.records(5);
    for (const event of makeEvents(rig.ledger, third)) held.add(event);
    await rig.outputs.drain(never);
    expect(two.events).toEqual(third);
    expect(rig.delivered()).toEqual({ one: 25, two: 5 });
  });

  test("outputs - the default one changes, and the former default goes to it", async () => {
    const [one, two] = [await Splunk.start(), await Splunk.start()];
    await one.refuse();
    const rig = new Rig({ one: splunkAt(one) });
    const former = rig.outputs.default;
    const first = rig.add(20);
    rig.extend({ two: splunkAt(two) });
    expect(rig.outputs.default_name).toBe("one");
    rig.restrict({ two: splunkAt(two) });
    expect(rig.outputs.default_name).toBe("two");
    const second = rig.records(5);
    for (const event of makeEvents(rig.ledger, second)) former.add(event);
    await rig.outputs.drain(never);
    expect(two.events).toEqual([...first, ...second]);
  });

  test("outputs - their order is that of the new configuration", async () => {
    const folder = temporaryDirectory();
    const [a, b, c] = ["a", "b", "c"].map((name) => ({ type: "file", path: join(folder, name) }));
    const rig = new Rig({ a: a!, b: b! });
    rig.extend({ c: c!, b: b!, a: a! });
    expect([...rig.outputs.status().keys()]).toEqual(["a", "b", "c"]);
    rig.restrict({ c: c!, b: b!, a: a! });
    expect([...rig.outputs.status().keys()]).toEqual(["c", "b", "a"]);
    expect(rig.log.lines).toEqual([]);
  });

  test("outputs - both steps are undone by the former list", async () => {
    const [one, two] = [await Splunk.start(), await Splunk.start()];
    for (const each of [one, two]) await each.refuse();
    const former = { one: splunkAt(one), two: splunkAt(two) };
    const rig = new Rig(former);
    const records = [...rig.add(10, "one"), ...rig.add(10, "two")];
    const next = { three: splunkAt(two, { compression: "gzip" }), one: splunkAt(two) };
    rig.extend(next);
    rig.restrict(next);
    records.push(...rig.add(10, "three"));
    rig.extend(former);
    rig.restrict(former);
    expect([...rig.outputs.status().keys()]).toEqual(["one", "two"]);
    records.push(...rig.add(10, "one"), ...rig.add(10, "two"));
    for (const each of [one, two]) await each.listen();
    await rig.outputs.drain(never);
    expect([...one.events, ...two.events].toSorted()).toEqual(records.toSorted());
    expect(two.events.slice(-10)).toEqual(records.slice(-10));
    expect(rig.books).toMatchObject({ balanced: true, total: { delivered: 50, in_flight: 0 } });
  });

  test("outputs - who is busy with one that has gone is busy with the default one, until it is idle", async () => {
    const [one, two] = [await Splunk.start(), await Splunk.start()];
    const slow = { batch: { max_wait: "60s" } };
    const both = { one: splunkAt(one, slow), two: splunkAt(two, slow) };
    const rig = new Rig(both, new CountingClock());
    const held = rig.outputs.get("two")!;
    held.begin(rig);
    rig.restrict({ one: both.one });
    rig.add(1);
    rig.outputs.default.idle({});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(one.requests).toEqual([]);
    held.idle(rig);
    await one.until(({ indexed }) => indexed.length === 1);
    // And when it comes back, the default one has not to wait for it.
    held.begin(rig);
    rig.extend(both);
    rig.add(1);
    rig.outputs.default.idle({});
    await one.until(({ indexed }) => indexed.length === 2);
  });

  test("outputs - an archive under another name is written by one at a time", async () => {
    const path = join(temporaryDirectory(), "archive.jsonl");
    const options = { type: "file", path, max_bytes: "64KiB" };
    const rig = new Rig({ former: options });
    const records: string[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const before = turn % 2 === 0 ? "former" : "latter";
      const after = turn % 2 === 0 ? "latter" : "former";
      records.push(...rig.add(100, before, { size: 500 }));
      rig.extend({ [after]: options });
      records.push(...rig.add(100, before, { size: 500 }), ...rig.add(100, after, { size: 500 }));
      rig.restrict({ [after]: options });
    }
    await rig.outputs.drain(never);
    const folder = join(path, "..");
    const files = readdirSync(folder).map((name) => join(folder, name));
    expect(files.length).toBeGreaterThan(20);
    expect(recordsIn(...files).toSorted()).toEqual(records.toSorted());
    expect(rig.books.total).toMatchObject({ delivered: 3000, in_flight: 0 });
  });
});

describe("the end", () => {
  test("outputs - a drain waits for what was retired, and for what comes from there", async () => {
    const [dead, alive] = [await Splunk.start(), await Splunk.start()];
    dead.always({ kind: "hang" });
    const rig = new Rig({ main: splunkAt(dead, { timeout: "10s" }) });
    const records = rig.add(5);
    rig.outputs.default.idle(rig);
    await dead.until(({ requests }) => requests.length === 1);
    rig.extend({ main: splunkAt(alive, { batch: { max_wait: "60s" } }) });
    expect(rig.books.total.in_flight).toBe(5);
    await rig.outputs.drain(never);
    expect(alive.events).toEqual(records);
    expect(rig.books.total.in_flight).toBe(0);
  });

  test("outputs - a drain ends when it is stopped, and then nothing is settled any more", async () => {
    const clock = new CountingClock();
    const [dead, alive] = [await Splunk.start(), await Splunk.start()];
    dead.always({ kind: "hang" });
    const rig = new Rig({ main: splunkAt(dead) }, clock);
    rig.add(5);
    rig.outputs.default.idle(rig);
    await dead.until(({ requests }) => requests.length === 1);
    rig.extend({ main: splunkAt(alive) });
    await rig.outputs.drain(AbortSignal.timeout(50));
    await rig.outputs.close();
    expect(rig.books.total).toMatchObject({ in_flight: 5, delivered: 0 });
    expect(alive.requests).toEqual([]);
    expect(rig.closed.toSorted()).toContain(dead.url);
    expect(clock.waiting).toBe(0);
  });
});

describe("memory", () => {
  /** They fill a batch. */
  const block_events = 20;
  /** What one output can hold: one batch that is sent, two that wait, one that is filled, and a block beyond. */
  const own_max = 5 * block_events;
  /** And what requests of outputs before it may have under way, or give back when they fail. */
  const held_max = 2 * own_max + 4 * block_events;

  test.each([
    ["hangs", { kind: "hang" }],
    ["is busy", { kind: "answer", status: 503, body: busy }],
    ["breaks connections", { kind: "reset", when: "before_body" }],
    [
      "refuses the index",
      { kind: "answer", status: 400, body: '{"text":"Incorrect index","code":7}' },
    ],
  ] as const)(
    "outputs - after 100 replacements while Splunk %s what is held is bounded",
    async (_, behaviour) => {
      const splunk = await Splunk.start();
      splunk.always(behaviour);
      const options = (turn: number): Settings => {
        const batch = { max_bytes: "4KiB", max_wait: `${200 + turn}ms` };
        return { main: splunkAt(splunk, { batch }) };
      };
      const rig = new Rig(options(0));
      const stop = new AbortController();
      const records: string[] = [];
      // As pipelines do.
      const feed = async (): Promise<void> => {
        while (!stop.signal.aborted) {
          rig.outputs.default.begin(rig);
          records.push(...rig.add(block_events, "main", { size: 100 }));
          for (;;) {
            const room = rig.outputs.default.room("audit");
            if (room === undefined || stop.signal.aborted) break;
            await room;
          }
          await new Promise(setImmediate);
        }
      };
      const feeding = feed();
      const isFull = (): boolean => rig.outputs.default.room("audit") !== undefined;
      const held: number[] = [];
      const held_when_full: number[] = [];
      for (let turn = 1; turn <= 100; turn += 1) {
        // Each is replaced when it holds all that it may, and now and then at any other moment.
        if (turn % 4 === 0) await turns(turn / 4);
        else await eventually(isFull);
        const was_full = isFull();
        rig.extend(options(turn));
        held.push(rig.books.total.in_flight);
        if (was_full) held_when_full.push(rig.books.total.in_flight);
      }
      expect(Math.max(...held)).toBeLessThanOrEqual(held_max);
      // Nor did it hold less than one alone.
      expect(held_when_full.length).toBeGreaterThanOrEqual(75);
      expect(Math.min(...held_when_full)).toBeGreaterThanOrEqual(2 * block_events);
      stop.abort();
      // Ends what hangs.
      await splunk.refuse();
      splunk.always({ kind: "normal" });
      await splunk.listen();
      rig.extend(options(0));
      await feeding;
      await rig.outputs.drain(never);
      expect(splunk.events.toSorted()).toEqual(records.toSorted());
      expect(rig.books).toMatchObject({ balanced: true, total: { in_flight: 0 } });
      expect(rig.closed).toHaveLength(rig.connected.length - 1);
    },
  );
});
