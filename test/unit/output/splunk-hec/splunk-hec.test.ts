/** The output against a server that behaves, and misbehaves, like Splunk. */
import { describe, expect, test } from "vitest";
import { Delivered, type DeliveryWatch } from "../../../../src/output/delivered.ts";
import { systemClock, type Clock } from "../../../../src/platform/clock.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { long, sampledCases } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../support/clocks/fast-clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { never, OutputRig } from "../../../support/events/output-rig.ts";
import { busy, Splunk, valid_token, type Behaviour } from "../../../support/splunk.ts";
import { bufferBytes, buffersSince } from "../../../support/machine/memory.ts";

describe("sending", () => {
  test("output - an idle agent sends one event at once, without waiting for a timer", async () => {
    const stopped: Clock = {
      ...systemClock,
      after: () => ({ cancel: () => undefined }),
      sleep: () => new Promise(() => undefined),
    };
    const rig = await OutputRig.start({}, stopped);
    const records = rig.add(1);
    rig.output.idle();
    await rig.splunk.until(({ indexed }) => indexed.length === 1);
    expect(rig.splunk.events).toEqual(records);
    await eventually(() => rig.delivered === 1);
  });

  test("output - a request carries what Splunk needs, and nothing chunked", async () => {
    const rig = await OutputRig.start();
    rig.add(3);
    await rig.output.drain(never);
    const [request] = rig.splunk.requests;
    expect(request).toMatchObject({
      method: "POST",
      path: "/services/collector/event",
      headers: {
        authorization: `Splunk ${valid_token}`,
        "content-type": "application/json",
        "content-length": String(request!.bytes),
      },
    });
    expect(request!.headers["user-agent"]).toMatch(/^tallyman\/\d/);
    expect(request!.headers["x-splunk-request-channel"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(request!.headers).not.toHaveProperty("transfer-encoding");
    expect(request!.headers).not.toHaveProperty("content-encoding");
    expect(rig.delivered).toBe(3);
  });

  test("output - a part-filled batch of a busy agent goes when it has waited", async () => {
    const rig = await OutputRig.start({ batch: { max_wait: "20ms" } }, systemClock);
    rig.add(3);
    await rig.splunk.until(({ indexed }) => indexed.length === 3);
  });

  test("output - a busy agent fills its batches while a request is under way", async () => {
    const rig = await OutputRig.start({ batch: { max_wait: "60s" } }, systemClock);
    rig.splunk.next({ kind: "normal", delay_ms: 200 });
    rig.add(1);
    rig.output.idle();
    await rig.splunk.until(({ requests }) => requests.length === 1);
    for (let each = 0; each < 50; each += 1) {
      rig.add(1);
      rig.output.idle();
    }
    await eventually(() => rig.delivered === 51);
    expect(rig.splunk.requests).toHaveLength(2);
  });

  test("output - no request is larger than max_bytes, and none is empty", async () => {
    const rig = await OutputRig.start({ batch: { max_bytes: "16KiB" } });
    const records = await rig.addBlocks(20, { events: 50, size: 200 });
    await rig.output.drain(never);
    expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
    for (const { bytes } of rig.splunk.requests) {
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(16 * 1024);
    }
  });

  test("output - an event larger than a batch goes alone, and the others around it too", async () => {
    const rig = await OutputRig.start({ batch: { max_bytes: "4KiB" } });
    const records = [...rig.add(5), ...rig.add(1, { size: 100_000 }), ...rig.add(5)];
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.delivered).toBe(11);
  });

  test("output - gzip arrives whole, and smaller", async () => {
    const rig = await OutputRig.start({ compression: "gzip", batch: { max_bytes: "64KiB" } });
    const records = await rig.addBlocks(10, { events: 100, size: 500 });
    await rig.output.drain(never);
    expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
    for (const request of rig.splunk.requests) {
      expect(request.headers["content-encoding"]).toBe("gzip");
      expect(request.bytes).toBeLessThan(32 * 1024);
    }
  });

  test("output - who begins to watch while a compressed batch is sent is shown its events", async () => {
    const rig = await OutputRig.start();
    const watch: DeliveryWatch = { passed: undefined };
    const account = rig.ledger.account("delivered", "splunk");
    const delivered = new Delivered(account, fastClock(20), { watch, output: "splunk" });
    const output = rig.another({ compression: "gzip", timeout: "1h" }, { delivered });
    const passed: string[] = [];
    rig.splunk.next({ kind: "answer", status: 503, body: busy });
    for (const event of makeEvents(rig.ledger, ['{"a":1}', '{"b":2}'])) output.add(event);
    output.idle();
    await rig.splunk.until(() => rig.splunk.requests.length > 0);
    watch.passed = (_, events, count) => {
      for (let at = 0; at < count; at += 1) passed.push(events.sentAt(at).toString());
    };
    await output.drain(never);
    expect(rig.splunk.events).toEqual(['{"a":1}', '{"b":2}']);
    expect(passed.map((text) => (JSON.parse(text) as { event: object }).event)).toEqual([
      { a: 1 },
      { b: 2 },
    ]);
  });

  test("output - a base path stands before Splunk's own", async () => {
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 200, body: '{"text":"Success","code":0}' });
    const rig = new OutputRig(splunk, { url: `${splunk.url}/gateway/` }, fastClock(20));
    rig.add(1);
    await rig.output.drain(never);
    expect(splunk.requests[0]!.path).toBe("/gateway/services/collector/event");
  });

  test("output - raw mode sends bare records, a batch for each metadata", async () => {
    const rig = await OutputRig.start({ mode: "raw" });
    const expected: { path: string; line: string }[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (let host = 0; host < 7; host += 1) {
        const metadata = { host: `web ${host}&x=ü`, index: "audit" };
        const path = `/services/collector/raw?host=web%20${host}%26x%3D%C3%BC&index=audit`;
        for (const line of rig.add(10, { metadata })) expected.push({ path, line });
      }
    }
    await rig.output.drain(never);
    const key = ({ path, line }: { path: string; line: string }): string => path + line;
    expect(rig.splunk.raw.map(key).toSorted()).toEqual(expected.map(key).toSorted());
    expect(rig.delivered).toBe(210);
  });

  test("output - with one request at a time events arrive strictly in order, also after failures", async () => {
    const rig = await OutputRig.start({ max_in_flight: 1, batch: { max_bytes: "8KiB" } });
    rig.splunk.next(
      { kind: "normal" },
      { kind: "answer", status: 503, body: busy },
      { kind: "reset", when: "before_body" },
      { kind: "normal", delay_ms: 30 },
      { kind: "reset", when: "after_body" },
    );
    const records = await rig.addBlocks(40, { events: 20, size: 100 });
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.splunk.open_max).toBe(1);
  });

  test("output - slow answers raise the requests in flight, up to max_in_flight", async () => {
    const rig = await OutputRig.start(
      { max_in_flight: 3, batch: { max_bytes: "4KiB" } },
      systemClock,
    );
    rig.splunk.always({ kind: "normal", delay_ms: 40 });
    await rig.addBlocks(60, { events: 10, size: 300 });
    await rig.output.drain(never);
    expect(rig.splunk.open_max).toBe(3);
    expect(rig.delivered).toBe(600);
  });
});

describe("misbehaviour", () => {
  const refusals: [string, Behaviour][] = [
    ["503", { kind: "answer", status: 503, body: busy }],
    ["503 with a page", { kind: "answer", status: 503, body: "<html>busy</html>" }],
    ["500", { kind: "answer", status: 500, body: '{"text":"Internal server error","code":8}' }],
    ["429", { kind: "answer", status: 429, body: '{"text":"at capacity","code":26}' }],
    ["408", { kind: "answer", status: 408 }],
    ["404", { kind: "answer", status: 404, body: '{"text":"not found","code":404}' }],
    ["400 code 10", { kind: "answer", status: 400, body: '{"text":"channel","code":10}' }],
    ["400 without a body", { kind: "answer", status: 400 }],
    ["401", { kind: "answer", status: 401, body: '{"text":"Token is required","code":2}' }],
    ["403", { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' }],
    ["a page with 200", { kind: "answer", status: 200, body: "<html>portal</html>" }],
    ["nothing with 200", { kind: "answer", status: 200 }],
    ["no content", { kind: "answer", status: 204 }],
    ["an endless answer", { kind: "drip", status: 503 }],
    ["an endless answer with 200", { kind: "drip", status: 200 }],
    ["a huge answer", { kind: "answer", status: 502, body: "x".repeat(1_000_000) }],
    ["no answer", { kind: "hang" }],
    ["a reset before the body", { kind: "reset", when: "before_body" }],
    ["a reset after the body", { kind: "reset", when: "after_body" }],
    ["a redirect", { kind: "answer", status: 307, headers: { location: "http://127.0.0.1:1/" } }],
  ];

  test.each(sampledCases(refusals, 2))(
    "output - after %s everything arrives once",
    long,
    async (_, behaviour) => {
      const rig = await OutputRig.start({ timeout: "20s", batch: { max_bytes: "8KiB" } });
      const times = behaviour.kind === "hang" || behaviour.kind === "drip" ? 1 : 4;
      rig.splunk.next(...Array.from({ length: times }, () => behaviour));
      const records = await rig.addBlocks(10, { events: 20, size: 100 });
      await rig.output.drain(never);
      expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
      expect(rig.delivered).toBe(records.length);
      expect(rig.inFlight).toBe(0);
      expect(rig.output.status()).toMatchObject({ state: "sending", requests_failed: times });
      expect([...rig.log.at("warn"), ...rig.log.at("error")]).not.toEqual([]);
      expect(rig.log.text).not.toContain(valid_token);
    },
  );

  test.each([
    ["too large", { kind: "answer", status: 413, body: "<html>too large</html>" }],
    ["malformed", { kind: "answer", status: 400, body: '{"text":"Invalid data","code":6}' }],
  ] satisfies [string, Behaviour][])(
    "output - after a request was once said to be %s, everything arrives once",
    async (_, behaviour) => {
      const rig = await OutputRig.start({ batch: { max_bytes: "8KiB" } });
      rig.splunk.next(behaviour);
      const records = await rig.addBlocks(10, { events: 20, size: 100 });
      await rig.output.drain(never);
      expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
      expect(rig.delivered).toBe(records.length);
    },
  );

  test.each([
    ["a lost answer", { kind: "reset", when: "after_body", taken: true }],
    ["an answer that is cut short", { kind: "wrong_length", bytes: 10 }],
    ["an answer that is longer than it says", { kind: "wrong_length", bytes: -10 }],
  ] satisfies [string, Behaviour][])(
    "output - after %s, what may be lost is sent again",
    async (_, behaviour) => {
      const rig = await OutputRig.start({ timeout: "20s" });
      rig.splunk.next(behaviour);
      const records = rig.add(10);
      await rig.output.drain(never);
      expect(rig.splunk.events).toEqual([...records, ...records]);
      expect(rig.delivered).toBe(10);
    },
  );

  test("output - nothing is settled while Splunk has not said that it took it", async () => {
    for (const [, behaviour] of refusals) {
      const rig = await OutputRig.start({ timeout: "2s" });
      rig.splunk.always(behaviour);
      rig.add(10);
      rig.output.idle();
      await rig.splunk.until(({ requests }) => requests.length >= 3);
      expect(rig.delivered).toBe(0);
      expect(rig.inFlight).toBe(10);
      await rig.output.close();
      expect(rig.delivered).toBe(0);
    }
  });

  test("output - codes 24 and 25 count as delivered", async () => {
    const rig = await OutputRig.start();
    rig.splunk.next({ kind: "normal", code: 24 });
    const first = rig.add(5);
    await rig.output.drain(never);
    rig.splunk.next({ kind: "normal", code: 25 });
    const second = rig.add(5);
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual([...first, ...second]);
    expect(rig.delivered).toBe(10);
  });

  test("output - a server that is not there is waited for", async () => {
    const rig = await OutputRig.start();
    await rig.splunk.refuse();
    const records = rig.add(10);
    rig.output.idle();
    await eventually(() => rig.output.status().requests_failed >= 3);
    expect(rig.output.status()).toMatchObject({ state: "retrying", reason: "connection_refused" });
    await rig.splunk.listen();
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.output.status()).toMatchObject({ state: "sending", since: undefined });
  });

  test("output - a server that is restarted under open connections loses nothing", async () => {
    const rig = await OutputRig.start({ batch: { max_bytes: "8KiB" } });
    const records: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      records.push(...(await rig.addBlocks(5, { events: 20, size: 100 })));
      await rig.splunk.refuse();
      await rig.splunk.listen();
    }
    await rig.output.drain(never);
    expect(new Set(rig.splunk.events)).toEqual(new Set(records));
    expect(rig.delivered).toBe(records.length);
  });

  test("output - Retry-After is a minimum", async () => {
    const rig = await OutputRig.start({}, systemClock);
    rig.splunk.next({ kind: "answer", status: 429, headers: { "retry-after": "1" } });
    rig.add(1);
    await rig.output.drain(never);
    const [first, second] = rig.splunk.requests;
    expect(second!.at_ms - first!.at_ms).toBeGreaterThanOrEqual(990);
  });

  test("output - while Splunk is down one batch probes, and recovery wakes them all", async () => {
    const rig = await OutputRig.start({ max_in_flight: 4, batch: { max_bytes: "4KiB" } });
    rig.splunk.always({ kind: "normal", delay_ms: 40 });
    let records = await rig.addBlocks(60, { events: 10, size: 300 });
    await eventually(() => rig.delivered === 600);
    expect(rig.output.status().concurrency).toBe(4);
    rig.splunk.always({ kind: "answer", status: 503, body: busy });
    const adding = rig.addBlocks(60, { events: 10, size: 300 });
    await rig.splunk.until(({ open }) => open === 0);
    const failed = rig.output.status().requests_failed;
    await rig.splunk.until(({ requests }) => requests.length >= 40);
    rig.splunk.open_max = 0;
    await eventually(() => rig.output.status().requests_failed >= failed + 5);
    expect(rig.splunk.open_max).toBe(1);
    rig.splunk.always({ kind: "normal" });
    records = [...records, ...(await adding)];
    await rig.output.drain(never);
    expect(rig.splunk.events.toSorted()).toEqual(records.toSorted());
  });
});

describe("refused events", () => {
  const malformed = '{"text":"Invalid data format","code":6}';

  test.each(["event", "raw"])(
    "output - in %s mode a refused event is kept in quarantine",
    async (mode) => {
      const rig = await OutputRig.start({ mode });
      rig.splunk.next({ kind: "answer", status: 400, body: malformed });
      const metadata = { host: "web-1", sourcetype: "t", index: "a" };
      const events = makeEvents(rig.ledger, ["key hunter2"], { metadata });
      for (const event of events) rig.output.add(event);
      const records = rig.add(3);
      await rig.output.drain(never);
      await rig.quarantine.drain(never);
      const arrived = mode === "raw" ? rig.splunk.raw.map(({ line }) => line) : rig.splunk.events;
      expect(arrived).toEqual(records);
      expect(rig.quarantined).toEqual([
        expect.objectContaining({
          input: "audit",
          stream: "/var/log/audit.log",
          offset: 0,
          reason: "splunk_invalid_data_format",
          code: 6,
          detail: 'HTTP 400, Splunk\'s code 6, "Invalid data format"',
          metadata: expect.objectContaining(metadata) as unknown,
          text: "key ***",
        }),
      ]);
      expect(rig.ledger.books()).toMatchObject({
        balanced: true,
        total: { received: 4, delivered: 3, quarantined: 1, in_flight: 0 },
      });
      expect(rig.log.at("error")).toHaveLength(1);
    },
  );

  test("output - the text is found behind any metadata and fields", async () => {
    const rig = await OutputRig.start();
    rig.splunk.next({ kind: "answer", status: 400, body: malformed });
    const fields = { event: 1, time: 5, 'a"}': ['}"', ',"event":'], on: true };
    const metadata = { host: 'w"\\,"time":1,"event":', fields };
    const record = '{"n":123456789012345678901,"event":{"time":2}}';
    for (const event of makeEvents(rig.ledger, [record], { metadata })) rig.output.add(event);
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(rig.quarantined).toMatchObject([{ text: record, metadata }]);
  });

  test("output - where every event is refused, few go to quarantine and all others are kept", async () => {
    const rig = await OutputRig.start();
    rig.splunk.always({ kind: "answer", status: 400, body: malformed });
    const records = rig.add(200);
    rig.output.idle();
    await eventually(() => rig.output.status().state === "blocked");
    const failed = rig.output.status().requests_failed;
    await eventually(() => rig.output.status().requests_failed > failed + 2);
    await rig.quarantine.drain(never);
    expect(rig.quarantined.map(({ text }) => text)).toEqual(records.slice(0, 16));
    expect(rig.inFlight).toBe(184);
    expect(rig.log.at("error").at(-1)!.facts).toMatchObject({ reason: "invalid_data_format" });
    rig.splunk.always({ kind: "normal" });
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records.slice(16));
  });

  test("output - an index that is not allowed holds up its own events, and none goes to quarantine", async () => {
    const splunk = await Splunk.start({ indexes: ["good"] });
    const rig = new OutputRig(splunk, { timeout: "1h", max_in_flight: 4 }, fastClock(20));
    splunk.always({ kind: "normal", delay_ms: 40 });
    const bad = { index: "bad", sourcetype: "t" };
    const good = { index: "good", sourcetype: "t" };
    const records: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      rig.add(1, { metadata: bad });
      records.push(...rig.add(1, { metadata: good }));
    }
    rig.output.idle();
    await eventually(() => rig.output.status().state === "blocked");
    expect(rig.output.status().reason).toBe("incorrect_index");
    expect(rig.ledger.books().total.quarantined).toBe(0);
    const requests = rig.splunk.requests.length;
    await rig.splunk.until((each) => each.requests.length > requests + 2);
    expect(rig.inFlight).toBeGreaterThanOrEqual(10);
    splunk.always({ kind: "answer", status: 200, body: '{"text":"Success","code":0}' });
    await rig.output.drain(never);
    expect(rig.delivered).toBe(20);
    expect(records).toEqual(expect.arrayContaining(splunk.events));
  });

  test("output - an index that is not allowed holds up only the inputs that fill it", async () => {
    const splunk = await Splunk.start({ indexes: ["good"] });
    const batch = { max_bytes: "8KiB" };
    const rig = new OutputRig(splunk, { timeout: "1h", max_in_flight: 1, batch }, fastClock(20));
    const [bad, good] = [{ index: "bad" }, { index: "good" }];
    const bad_facts = { input: "wrong", metadata: bad, size: 300 };
    const refused: string[] = [];
    while (rig.output.room("wrong") === undefined || rig.output.room("audit") !== undefined) {
      if (rig.output.room("wrong") === undefined) refused.push(...rig.add(20, bad_facts));
      rig.output.idle();
      await new Promise(setImmediate);
      expect(refused.length).toBeLessThan(500);
    }
    const records: string[] = [];
    for (let block = 0; block < 50; block += 1) {
      records.push(...rig.add(20, { metadata: good, size: 300 }));
      await rig.output.room("audit");
    }
    rig.output.idle();
    await eventually(() => rig.delivered === records.length);
    expect(splunk.events).toEqual(records);
    expect(rig.output.room("wrong")).toBeInstanceOf(Promise);
    expect(rig.output.status()).toMatchObject({ state: "blocked", reason: "incorrect_index" });
    splunk.tokens.add(valid_token);
    await rig.output.drain(never);
    expect(splunk.events).toEqual([...records, ...refused]);
    expect(rig.output.room("wrong")).toBeUndefined();
  });

  test("output - where all batches are refused, few of them try again, and all go when that is fixed", async () => {
    const clock = new ManualClock();
    const splunk = await Splunk.start();
    const rig = new OutputRig(splunk, {}, clock);
    splunk.always({ kind: "answer", status: 400, body: "<html>" });
    const records: string[] = [];
    const settled = (): boolean => rig.output.status().requests_in_flight === 0;
    for (let number = 0; number < 100; number += 1) {
      records.push(...rig.add(1));
      rig.output.idle();
      await eventually(settled);
    }
    expect(splunk.requests).toHaveLength(100);
    for (let minute = 1; minute <= 5; minute += 1) {
      clock.pass(60_000);
      await eventually(() => splunk.requests.length === 100 + 9 * minute && settled());
    }
    splunk.always({ kind: "normal" });
    clock.pass(60_000);
    await rig.output.drain(never);
    expect(splunk.events.toSorted()).toEqual(records.toSorted());
  });

  test("output - an event beyond what any Splunk takes is not sent", async () => {
    const rig = await OutputRig.start();
    const records = rig.add(2);
    rig.add(1, { size: 5 * 1024 * 1024 });
    records.push(...rig.add(2));
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.quarantined).toMatchObject([{ reason: "splunk_too_large" }]);
  });
});

describe("log", () => {
  test("output - the same short trouble again and again does not fill the log", async () => {
    const rig = await OutputRig.start({}, fastClock(200));
    for (let round = 0; round < 20; round += 1) {
      rig.splunk.next({ kind: "answer", status: 503, body: busy });
      rig.add(1);
      await rig.output.drain(never);
    }
    expect(rig.output.status().requests_failed).toBe(20);
    expect(rig.log.at("warn")).toHaveLength(1);
    expect(rig.log.at("info")).toHaveLength(1);
    rig.splunk.next({ kind: "answer", status: 500 });
    rig.add(1);
    await rig.output.drain(never);
    expect(rig.log.at("warn").at(-1)?.facts).toMatchObject({ status: 500, also_before: 19 });
  });

  test("output - short troubles of two kinds in turn do not fill the log", async () => {
    const rig = await OutputRig.start({}, fastClock(20));
    const normal: Behaviour = { kind: "normal" };
    for (let round = 0; round < 20; round += 1) {
      rig.splunk.next({ kind: "answer", status: 503, body: busy }, normal);
      rig.splunk.next({ kind: "answer", status: 500 }, normal);
    }
    for (let round = 0; round < 40; round += 1) {
      rig.add(1);
      await rig.output.drain(never);
    }
    expect(rig.output.status().requests_failed).toBe(40);
    expect(rig.log.at("warn").length).toBeLessThan(8);
  });

  test("output - many wrong indexes are one line a minute, which names them", async () => {
    const clock = new ManualClock();
    const splunk = await Splunk.start({ indexes: ["good"] });
    const rig = new OutputRig(splunk, {}, clock);
    for (let number = 0; number < 50; number += 1) {
      rig.add(1, { metadata: { index: `wrong${number}` } });
      rig.output.idle();
      await eventually(() => rig.output.status().requests_in_flight === 0);
    }
    expect(splunk.requests).toHaveLength(50);
    expect(rig.log.at("error").map(({ facts }) => facts)).toMatchObject([
      { reason: "incorrect_index", index: "wrong0", batches_aside: 1 },
    ]);
    clock.pass(60_000);
    await eventually(() => splunk.requests.length === 100);
    await eventually(() => rig.log.at("error").length > 1);
    const also = Array.from({ length: 10 }, (_, number) => `wrong${number + 1}`);
    expect(rig.log.at("error").at(-1)!.facts).toMatchObject({ index: "wrong0", also });
    expect(rig.log.at("error")).toHaveLength(2);
  });

  test("output - an outage that changes its reason says so each time", async () => {
    const rig = await OutputRig.start();
    rig.splunk.next(
      { kind: "answer", status: 503, body: busy },
      { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' },
      { kind: "answer", status: 400, body: '{"text":"Data channel is missing","code":10}' },
    );
    rig.add(1);
    await rig.output.drain(never);
    expect(rig.log.lines.map(({ level, facts }) => [level, facts["reason"]])).toEqual([
      ["warn", "server_busy"],
      ["error", "invalid_token"],
      ["error", "channel_missing"],
      ["info", "channel_missing"],
    ]);
    expect(rig.log.lines[2]!.facts).toMatchObject({
      output: "splunk",
      url: rig.splunk.url,
      status: 400,
      splunk_code: 10,
      detail: `HTTP 400, Splunk's code 10, "Data channel is missing"`,
    });
  });

  test("output - a name with several addresses that refuse is named by its reason", async () => {
    const splunk = await Splunk.start();
    const url = splunk.url.replace("127.0.0.1", "localhost");
    await splunk.refuse();
    const rig = new OutputRig(splunk, { url }, fastClock(20));
    rig.add(1);
    rig.output.idle();
    await eventually(() => rig.log.at("warn").length > 0);
    const { reason, detail } = rig.log.at("warn")[0]!.facts;
    expect(reason).toBe("connection_refused");
    expect(detail).toMatch(/^ECONNREFUSED: connect ECONNREFUSED /);
  });
});

describe("credentials", () => {
  test("output - a refused token pauses for an hour, loses nothing, and goes on by itself", async () => {
    const rig = await OutputRig.start({}, fastClock(2000));
    rig.splunk.tokens.clear();
    const records = rig.add(100);
    rig.output.idle();
    await eventually(() => {
      const { since } = rig.output.status();
      return since !== undefined && rig.log.at("error").length > 50;
    });
    expect(rig.output.status()).toMatchObject({ state: "paused", reason: "invalid_token" });
    // Loud once, and then once a minute.
    const outages = rig.log.at("error").map(({ facts }) => facts["outage_ms"] as number);
    for (const [number, outage_ms] of outages.slice(1).entries()) {
      expect(outage_ms - outages[number]!).toBeGreaterThanOrEqual(60_000);
    }
    expect(rig.splunk.requests.length).toBeLessThan(outages.length + 60);
    expect(rig.delivered).toBe(0);
    rig.splunk.tokens.add(valid_token);
    await rig.output.drain(never);
    expect(rig.splunk.events).toEqual(records);
    expect(rig.log.codesAt("info").at(-1)).toBe("splunk_available");
  });

  test("output - the token is in no log, even where the server gives it back", async () => {
    const rig = await OutputRig.start();
    const text = `no such token: ${valid_token}`;
    rig.splunk.next(
      { kind: "answer", status: 403, body: JSON.stringify({ text, code: 4 }) },
      { kind: "answer", status: 403, body: text, headers: { "content-type": valid_token } },
      {
        kind: "answer",
        status: 400,
        body: JSON.stringify({ text: "x".repeat(100) + text, code: 6 }),
      },
    );
    rig.add(1);
    await rig.output.drain(never);
    expect(rig.log.text).toContain("***");
    expect(rig.log.text).not.toContain(valid_token);
    expect(rig.log.text).not.toContain(valid_token.slice(0, 8));
  });

  test("output - after trouble no cookie goes back, as it may be the cause", async () => {
    const rig = await OutputRig.start();
    const headers = { "set-cookie": "route=dead" };
    rig.splunk.next(
      { kind: "answer", status: 200, body: '{"text":"Success","code":0}', headers },
      { kind: "answer", status: 403, body: "<html>", headers },
    );
    rig.add(1);
    await rig.output.drain(never);
    rig.add(1);
    await rig.output.drain(never);
    expect(rig.splunk.requests.map((request) => request.headers.cookie)).toEqual([
      undefined,
      "route=dead",
      undefined,
    ]);
  });

  test("output - a redirect is not followed, so the token goes nowhere else", async () => {
    const other = await Splunk.start();
    const rig = await OutputRig.start();
    const location = `${other.url}/services/collector/event`;
    rig.splunk.next(
      ...[301, 302, 303, 307, 308].map((status): Behaviour => {
        return { kind: "answer", status, headers: { location } };
      }),
    );
    rig.add(1);
    await rig.output.drain(never);
    expect(other.requests).toEqual([]);
    expect(rig.log.at("error")[0]?.facts).toMatchObject({ reason: "redirect", status: 301 });
  });
});

describe("bounds", () => {
  test("output - while Splunk hangs, memory is bounded, and room waits", async () => {
    const rig = await OutputRig.start({
      timeout: "1h",
      max_in_flight: 4,
      batch: { max_bytes: "64KiB" },
    });
    rig.splunk.always({ kind: "hang" });
    let blocks = 0;
    while (rig.output.room("audit") === undefined) {
      rig.add(100, { size: 500 });
      blocks += 1;
      expect(blocks).toBeLessThan(20);
    }
    const { batches_waiting, requests_in_flight } = rig.output.status();
    expect(batches_waiting + requests_in_flight).toBeLessThanOrEqual(6);
    await rig.output.close();
  });

  test("output - raw mode with ever new metadata does not hold a buffer for each", async () => {
    const rig = await OutputRig.start({ mode: "raw", timeout: "1h" });
    rig.splunk.always({ kind: "hang" });
    const before = bufferBytes();
    for (let number = 0; number < 2000; number += 1) {
      rig.add(1, { metadata: { host: `client-${number}` } });
    }
    // What is garbage goes at once, or a little later.
    await eventually(() => buffersSince(before, 50e6) < 50e6);
    await rig.output.close();
  });

  test("output - room is given again as batches go, and at close", async () => {
    const rig = await OutputRig.start({ batch: { max_bytes: "4KiB" } });
    rig.splunk.next({ kind: "normal", delay_ms: 50 });
    while (rig.output.room("audit") === undefined) rig.add(10, { size: 500 });
    await rig.output.room("audit");
    expect(rig.output.room("audit")).toBeUndefined();
    rig.splunk.always({ kind: "hang" });
    while (rig.output.room("audit") === undefined) rig.add(10, { size: 500 });
    const waiting = rig.output.room("audit");
    await rig.output.close();
    await waiting;
  });
});

describe("end", () => {
  test("output - drain ends when it is stopped, and nothing that was not taken is settled", async () => {
    const rig = await OutputRig.start({ timeout: "1h" });
    rig.splunk.always({ kind: "hang" });
    rig.add(10);
    const stop = new AbortController();
    const draining = rig.output.drain(stop.signal);
    await rig.splunk.until(({ requests }) => requests.length === 1);
    stop.abort();
    await draining;
    await rig.output.close();
    expect(rig.inFlight).toBe(10);
    await rig.output.close();
  });

  test("output - drain with nothing to send resolves at once", async () => {
    const rig = await OutputRig.start();
    await rig.output.drain(never);
    expect(rig.splunk.requests).toEqual([]);
  });

  test.each(["drain", "hang", "outage", "refused"])(
    "output - close after %s leaves no timer and no connection",
    async (how) => {
      const clock = new CountingClock();
      const rig = await OutputRig.start({ timeout: "1h", compression: "gzip" }, clock);
      if (how === "hang") rig.splunk.always({ kind: "hang" });
      if (how === "outage") rig.splunk.always({ kind: "answer", status: 503 });
      if (how === "refused") rig.splunk.always({ kind: "answer", status: 413 });
      rig.add(10);
      if (how === "drain") await rig.output.drain(never);
      else rig.output.idle();
      await rig.splunk.until(({ requests }) => requests.length === 1);
      rig.add(10);
      await rig.output.close();
      expect(clock.waiting).toBe(0);
      await eventually(async () => (await rig.splunk.connections()) === 0);
      expect(rig.splunk.requests).toHaveLength(1);
    },
  );

  test("output - every event is settled exactly once, whatever happens", async () => {
    const rig = await OutputRig.start(
      { timeout: "20s", batch: { max_bytes: "4KiB" } },
      fastClock(100),
    );
    let state = 12345;
    const random = (): number => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    const behaviours: Behaviour[] = [
      { kind: "normal" },
      { kind: "normal", delay_ms: 5 },
      { kind: "normal", code: 24 },
      { kind: "answer", status: 503, body: busy },
      { kind: "answer", status: 400, body: '{"text":"Invalid data format","code":6}' },
      { kind: "answer", status: 200, body: "<html>" },
      { kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' },
      { kind: "reset", when: "before_body" },
      { kind: "reset", when: "after_body", taken: true },
      { kind: "wrong_length", bytes: 5 },
      { kind: "hang" },
    ];
    for (let each = 0; each < 150; each += 1) {
      rig.splunk.next(behaviours[Math.floor(random() * behaviours.length)]!);
    }
    const records = await rig.addBlocks(100, { events: 20, size: 100 });
    await rig.output.drain(never);
    await rig.quarantine.drain(never);
    // An answer that names no event may cost one that was well: it is in quarantine then.
    const quarantined = rig.quarantined.map(({ text }) => text);
    expect(new Set([...rig.splunk.events, ...quarantined])).toEqual(new Set(records));
    const { total, balanced } = rig.ledger.books();
    expect(total).toMatchObject({ received: 2000, quarantined: quarantined.length, in_flight: 0 });
    expect(balanced).toBe(true);
  });
});
