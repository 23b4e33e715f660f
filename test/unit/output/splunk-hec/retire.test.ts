/** A Splunk output that is retired while events are under way: none is missing, and none comes twice. */
import { describe, expect, test } from "vitest";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import type { Successor, Output } from "../../../../src/output/output.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../support/clocks/fast-clock.ts";
import { never, OutputRig } from "../../../support/events/output-rig.ts";
import { busy, Splunk, valid_token, type Behaviour } from "../../../support/splunk.ts";

/** Gives all to the output, and knows what that was. */
class Following implements Successor {
  readonly texts: string[] = [];
  readonly #output: Output | undefined;

  constructor(output?: Output) {
    this.#output = output;
  }

  add(event: LogEvent): void {
    this.texts.push(event.text);
    this.#output?.inherit(event);
  }
}

const nothing = { events: 0, bytes: 0 };

function expectAllOnce(rig: OutputRig, records: readonly string[]): void {
  expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
  const { total, balanced } = rig.ledger.books();
  expect(total).toMatchObject({ delivered: records.length, in_flight: 0 });
  expect(balanced).toBe(true);
}

/** Four batches of it are on their way, waiting or open. */
const small = { batch: { max_bytes: "4KiB" }, max_in_flight: 1, timeout: "1h" };

describe("at once", () => {
  test("retire - an idle output has finished, and has no timer left", async () => {
    const clock = new CountingClock();
    const rig = await OutputRig.start({}, clock);
    const records = rig.add(10);
    await rig.output.drain(never);
    const successor = new Following();
    await rig.output.retire(successor);
    expect(successor.texts).toEqual([]);
    expect(rig.output.held).toEqual(nothing);
    await rig.output.close();
    expect(clock.waiting).toBe(0);
    expectAllOnce(rig, records);
  });

  test("retire - what is not under way goes to the successor within the call, in its order", async () => {
    const rig = await OutputRig.start(small);
    rig.splunk.always({ kind: "hang" });
    const records = rig.add(60, { size: 200 });
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const successor = new Following();
    void rig.output.retire(successor);
    const { events, bytes } = rig.output.held;
    expect(successor.texts.length).toBeGreaterThan(20);
    expect(successor.texts).toEqual(records.slice(events));
    expect(rig.output.status().batches_waiting).toBe(0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(4096);
  });

  test("retire - a batch that was just allowed to go is not sent", async () => {
    const rig = await OutputRig.start();
    const records = rig.add(3);
    rig.output.idle();
    const successor = new Following();
    const through = rig.output.retire(successor);
    expect(successor.texts).toEqual(records);
    await through;
    await rig.output.close();
    expect(rig.splunk.requests).toEqual([]);
    expect(rig.inFlight).toBe(3);
  });

  test("retire - a request that is under way may end, and is booked where it began", async () => {
    const rig = await OutputRig.start(small);
    rig.splunk.next({ kind: "normal", delay_ms: 100 });
    const records = rig.add(60, { size: 200 });
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const next = rig.another(small);
    const successor = new Following(next);
    const through = rig.output.retire(successor);
    const under_way = rig.output.held.events;
    await through;
    expect(rig.output.held).toEqual(nothing);
    expect(successor.texts).toHaveLength(records.length - under_way);
    expect(rig.output.status().events).toBe(under_way);
    await next.drain(never);
    expectAllOnce(rig, records);
  });

  test("retire - those who wait for room are let go", async () => {
    const rig = await OutputRig.start(small);
    rig.splunk.always({ kind: "hang" });
    rig.add(100, { size: 200 });
    const room = rig.output.room("audit");
    expect(room).toBeDefined();
    void rig.output.retire(new Following());
    await room;
    expect(rig.output.room("audit")).toBeUndefined();
  });

  test("retire - nothing is handed over or settled once it is closed", async () => {
    const rig = await OutputRig.start(small);
    rig.splunk.always({ kind: "hang" });
    const records = rig.add(60, { size: 200 });
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const successor = new Following();
    const through = rig.output.retire(successor);
    const before = successor.texts.length;
    await rig.output.close();
    await through;
    expect(successor.texts).toHaveLength(before);
    expect(rig.inFlight).toBe(records.length);
  });
});

describe("in an outage", () => {
  const outages: [string, Behaviour][] = [
    ["hangs", { kind: "hang" }],
    ["is busy", { kind: "answer", status: 503, body: busy }],
    ["breaks connections", { kind: "reset", when: "before_body" }],
    [
      "refuses the token",
      { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' },
    ],
    ["answers with a page", { kind: "answer", status: 404, body: "<html>" }],
  ];

  test.each(outages)("retire - where Splunk %s nothing is lost", async (_, behaviour) => {
    for (const compression of ["none", "gzip"]) {
      const options = { batch: { max_bytes: "4KiB" }, compression, timeout: "2s" };
      const rig = await OutputRig.start(options);
      rig.splunk.always(behaviour);
      const records = rig.add(60, { size: 200 });
      await rig.splunk.until(({ requests }) => requests.length > 0);
      const next = rig.another({ ...options, timeout: "1h" });
      const successor = new Following(next);
      await rig.output.retire(successor);
      await rig.output.close();
      expect(successor.texts.toSorted()).toEqual(records.toSorted());
      expect(rig.inFlight).toBe(60);
      // Ends what hangs.
      await rig.splunk.refuse();
      rig.splunk.always({ kind: "normal" });
      await rig.splunk.listen();
      await next.drain(never);
      expectAllOnce(rig, records);
    }
  });

  test("retire - where nobody listens nothing is lost, and no timer is left", async () => {
    const clock = new CountingClock();
    const rig = await OutputRig.start(small, clock);
    await rig.splunk.refuse();
    const records = rig.add(60, { size: 200 });
    await eventually(() => rig.output.status().state === "retrying");
    const successor = new Following();
    await rig.output.retire(successor);
    await rig.output.close();
    expect(clock.waiting).toBe(0);
    expect(successor.texts).toEqual(records);
  });

  test("retire - with several endpoints down no health check goes on", async () => {
    const clock = new CountingClock();
    const splunk = await Splunk.start();
    await splunk.refuse();
    const endpoints = [splunk.url, "http://127.0.0.1:9"];
    const rig = new OutputRig(splunk, { url: undefined, endpoints }, clock);
    const records = rig.add(5);
    rig.output.idle();
    await eventually(() => rig.output.status().state === "retrying");
    const successor = new Following();
    await rig.output.retire(successor);
    await rig.output.close();
    expect(successor.texts).toEqual(records);
    expect(clock.waiting).toBe(0);
  });

  test("retire - batches that stand aside for a wrong index go, too", async () => {
    const clock = new CountingClock();
    const splunk = await Splunk.start({ indexes: ["good"] });
    const rig = new OutputRig(splunk, { batch: { max_bytes: "4KiB" } }, clock);
    const wrong = rig.add(60, { size: 200, metadata: { index: "bad" } });
    const right = rig.add(3, { metadata: { index: "good" } });
    rig.output.idle();
    await eventually(() => rig.delivered === 3);
    const next = rig.another({ timeout: "1h" });
    const successor = new Following(next);
    await rig.output.retire(successor);
    await rig.output.close();
    expect(successor.texts.toSorted()).toEqual(wrong.toSorted());
    splunk.tokens.add(valid_token, { ack: false });
    await next.drain(never);
    expectAllOnce(rig, [...wrong, ...right]);
    await next.close();
    expect(clock.waiting).toBe(0);
  });

  test("retire - a batch that is refused for its index only now goes, and is not put aside", async () => {
    const splunk = await Splunk.start({ indexes: ["good"] });
    const rig = new OutputRig(splunk, small, fastClock(20));
    const records = rig.add(60, { size: 200, metadata: { index: "bad" } });
    await splunk.until(({ requests }) => requests.length === 1);
    const successor = new Following();
    await rig.output.retire(successor);
    await rig.output.close();
    expect(successor.texts.toSorted()).toEqual(records.toSorted());
  });
});

describe("parts", () => {
  test("retire - of a batch that Splunk took a part of only the rest goes", async () => {
    const rig = await OutputRig.start();
    rig.splunk.next({ kind: "busy", code: 9, taken: 3, named: true });
    const records = rig.add(10);
    rig.output.idle();
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const next = rig.another({ timeout: "1h" });
    const successor = new Following(next);
    await rig.output.retire(successor);
    expect(successor.texts).toEqual(records.slice(3));
    expect(rig.delivered).toBe(3);
    await next.drain(never);
    expectAllOnce(rig, records);
  });

  test("retire - an event that is refused meanwhile is in quarantine, and the others go", async () => {
    const rig = await OutputRig.start();
    const records = ["1", "2", "null", "4"];
    const refusal = '{"text":"Event field is required","code":12,"invalid-event-number":2}';
    rig.splunk.next({ kind: "answer", status: 400, body: refusal });
    rig.addRecords(records);
    rig.output.idle();
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const successor = new Following();
    await rig.output.retire(successor);
    // Splunk has taken the two before it, and the one that it names is to be sent alone.
    expect(successor.texts).toEqual(['"null"', "4"]);
    expect(rig.delivered).toBe(2);
  });
});

describe("acknowledgement", () => {
  const acknowledged = async (options: object = {}): Promise<OutputRig> => {
    const clock = fastClock(200);
    const splunk = await Splunk.start({ ack: true, now: () => clock.monotonic() });
    return new OutputRig(splunk, { timeout: "10m", ...options }, clock);
  };

  test("retire - what waits for its acknowledgement is still asked after, and booked where it was sent", async () => {
    const rig = await acknowledged();
    rig.splunk.index_after_ms = 60_000;
    const records = rig.add(100);
    rig.output.idle();
    await eventually(() => rig.output.status().events_unacknowledged === 100);
    const successor = new Following();
    const through = rig.output.retire(successor);
    expect(rig.output.held.events).toBe(100);
    expect(rig.delivered).toBe(0);
    await through;
    expect(successor.texts).toEqual([]);
    expect(rig.output.held).toEqual(nothing);
    expectAllOnce(rig, records);
  });

  test("retire - what is not acknowledged in time goes to the successor", async () => {
    const rig = await acknowledged({ ack_timeout: "1m" });
    rig.splunk.index_after_ms = Infinity;
    const records = rig.add(100);
    rig.output.idle();
    await eventually(() => rig.output.status().events_unacknowledged === 100);
    const next = rig.another({ timeout: "1h" });
    const successor = new Following(next);
    await rig.output.retire(successor);
    expect(successor.texts).toEqual(records);
    expect(rig.output.held).toEqual(nothing);
    rig.splunk.index_after_ms = 0;
    await next.drain(never);
    expect(rig.delivered).toBe(100);
    expect(rig.inFlight).toBe(0);
  });

  test("retire - part promised and part not: each goes its own way", async () => {
    const rig = await acknowledged();
    rig.splunk.index_after_ms = 30_000;
    rig.splunk.next({ kind: "busy", code: 9, taken: 4, named: true });
    const records = rig.add(10);
    rig.output.idle();
    await rig.splunk.until(({ requests }) => requests.length === 1);
    const next = rig.another({ timeout: "1h" });
    const successor = new Following(next);
    const through = rig.output.retire(successor);
    await Promise.all([through, eventually(() => successor.texts.length > 0)]);
    await next.drain(never);
    expect(successor.texts).toEqual(records.slice(4));
    expectAllOnce(rig, records);
  });
});

describe("heirs", () => {
  test("retire - from raw to event mode and back the records are the same", async () => {
    const rig = await OutputRig.start({ mode: "raw" });
    await rig.splunk.refuse();
    const metadata = { host: "a b", index: "main" };
    const records = rig.add(20, { metadata });
    rig.addRecords(["plain text"], { metadata });
    rig.output.idle();
    const event_mode = rig.another({ timeout: "1h" });
    await rig.output.retire(new Following(event_mode));
    const raw_mode = rig.another({ mode: "raw", timeout: "1h" });
    await event_mode.retire(new Following(raw_mode));
    await rig.splunk.listen();
    await raw_mode.drain(never);
    const path = "/services/collector/raw?host=a%20b&index=main";
    expect(rig.splunk.raw).toEqual([...records, "plain text"].map((line) => ({ path, line })));
    expect(rig.inFlight).toBe(0);
  });

  test("retire - a successor takes nothing else before it has tried what it was given", async () => {
    const rig = await OutputRig.start(small, systemClock);
    rig.splunk.next({ kind: "normal", delay_ms: 200 });
    const [event] = makeEvents(rig.ledger, ["{}"]);
    expect(rig.output.room("audit")).toBeUndefined();
    rig.output.inherit(event!);
    const room = rig.output.room("audit");
    expect(room).toBeDefined();
    await rig.splunk.until(({ requests }) => requests.length === 1);
    expect(rig.output.room("audit")).toBeDefined();
    await eventually(() => rig.output.room("audit") === undefined);
    await room;
    expect(rig.delivered).toBe(1);
  });

  test("retire - what a successor is given goes at once, however long a batch may wait", async () => {
    const options = { batch: { max_wait: "60s" } };
    const rig = await OutputRig.start(options, systemClock);
    const records = rig.add(3);
    const next = rig.another(options);
    // It does not know that nothing else is at hand.
    for (const event of makeEvents(rig.ledger, ["1"])) next.add(event);
    await rig.output.retire(new Following(next));
    await eventually(() => rig.delivered === 4);
    expect(rig.splunk.events).toEqual(["1", ...records]);
    expect(rig.splunk.requests).toHaveLength(1);
  });
});
