/** Indexer acknowledgement: nothing is booked as delivered before Splunk says that it has indexed it. */
import { describe, expect, test } from "vitest";
import { eventually } from "../../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../../support/clocks/fast-clock.ts";
import { ManualClock } from "../../../../support/clocks/manual-clock.ts";
import { never, OutputRig } from "../../../../support/events/output-rig.ts";
import {
  busy,
  Splunk,
  valid_token,
  type Behaviour,
  type SplunkFacts,
} from "../../../../support/splunk.ts";

const batch = { max_bytes: "8KiB" };

interface Started {
  rig: OutputRig;
  splunk: Splunk;
}

async function start(facts: SplunkFacts = {}, options: object = {}): Promise<Started> {
  const clock = fastClock(200);
  const splunk = await Splunk.start({ ack: true, now: () => clock.monotonic(), ...facts });
  return { splunk, rig: new OutputRig(splunk, { timeout: "10m", ...options }, clock) };
}

function posts({ requests }: Splunk): number {
  return requests.filter(({ path }) => path === "/services/collector/event").length;
}

describe("modes", () => {
  test("ack - auto waits where the token promises, and books what is indexed", async () => {
    const { rig, splunk } = await start();
    splunk.index_after_ms = 20_000;
    const records = rig.add(100);
    rig.output.idle();
    await splunk.until((each) => posts(each) > 0);
    await eventually(() => rig.output.status().events_unacknowledged === 100);
    expect(rig.delivered).toBe(0);
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
    expect(rig.delivered).toBe(100);
    expect(posts(splunk)).toBe(1);
  });

  test("ack - off books what is taken, whatever it promises", async () => {
    const { rig, splunk } = await start({}, { ack: "off" });
    splunk.index_after_ms = Infinity;
    rig.add(100);
    await rig.output.drain(never);
    expect(rig.delivered).toBe(100);
    expect(splunk.requests).toHaveLength(1);
  });

  test("ack - on sends nothing to a token without it, and says why", async () => {
    const { rig, splunk } = await start({ ack: false }, { ack: "on" });
    const records = rig.add(10);
    rig.output.idle();
    await eventually(() => rig.output.status().state === "blocked");
    expect(rig.output.status().reason).toBe("ack_disabled");
    expect(posts(splunk)).toBe(0);
    splunk.tokens.add(valid_token, { ack: true });
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
    expect(rig.delivered).toBe(10);
  });

  test("ack - on does not believe a 200 without a promise", async () => {
    const { rig, splunk } = await start({}, { ack: "on" });
    rig.add(10);
    await rig.output.drain(never);
    splunk.always({ kind: "answer", status: 200, body: '{"text":"Success","code":0}' });
    splunk.pollsAlways({ kind: "normal" });
    rig.add(10);
    rig.output.idle();
    await eventually(() => rig.output.status().reason === "ack_missing");
    expect(rig.delivered).toBe(10);
  });
});

describe("answers", () => {
  const silent: [string, Behaviour][] = [
    ["an error", { kind: "answer", status: 500 }],
    ["400", { kind: "answer", status: 400, body: '{"text":"ACK is disabled","code":14}' }],
    ["404", { kind: "answer", status: 404, body: "<html>" }],
    ["a page", { kind: "answer", status: 200, body: "<html>acks true</html>" }],
    ["another number", { kind: "answer", status: 200, body: '{"acks":{"17":true}}' }],
    ["no truth", { kind: "answer", status: 200, body: '{"acks":{"0":"true"}}' }],
    ["yes for all", { kind: "answer", status: 200, body: '{"acks":true}' }],
    ["a break", { kind: "reset", when: "before_body" }],
  ];

  test.each(silent)("ack - %s to a query is no yes, and no no either", async (_, behaviour) => {
    const { rig, splunk } = await start();
    splunk.pollsAlways(behaviour);
    const records = rig.add(20);
    rig.output.idle();
    await splunk.until(({ requests }) => requests.length > 4);
    expect(splunk.events).toEqual(records);
    expect(rig.delivered).toBe(0);
    splunk.pollsAlways(undefined);
    await rig.output.drain(never);
    expect(posts(splunk)).toBe(1);
    expect(rig.delivered).toBe(20);
    expect(splunk.events).toEqual(records);
  });

  test("ack - a yes that was cut short is not said again, so the events are sent again", async () => {
    const { rig, splunk } = await start();
    splunk.nextPolls({ kind: "half_answer" });
    const records = rig.add(20);
    await rig.output.drain(never);
    expect(splunk.events).toEqual([...records, ...records]);
    expect(rig.delivered).toBe(20);
    expect(rig.output.status().events_repeated).toBe(20);
  });

  test("ack - one that comes after 150 s is waited for, and nothing is sent again", async () => {
    const { rig, splunk } = await start();
    splunk.index_after_ms = 150_000;
    const records = await rig.addBlocks(10, { events: 20, size: 100 });
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
    expect(rig.delivered).toBe(records.length);
    expect(rig.output.status().events_repeated).toBe(0);
  });

  test("ack - one that never comes has the events sent again, said and counted", async () => {
    const { rig, splunk } = await start({}, { ack_timeout: "30s" });
    splunk.index_after_ms = Infinity;
    const records = rig.add(20);
    rig.output.idle();
    await splunk.until((each) => posts(each) > 1);
    splunk.index_after_ms = 0;
    await rig.output.drain(never);
    expect(new Set(splunk.events)).toEqual(new Set(records));
    expect(rig.delivered).toBe(20);
    expect(rig.output.status().events_repeated).toBeGreaterThanOrEqual(20);
    expect(rig.log.codesAt("error").at(-1)).toBe("splunk_ack_missing");
  });

  test("ack - what a dead indexer had taken and not indexed is sent again", async () => {
    const { rig, splunk } = await start({}, { ack_timeout: "60s" });
    splunk.index_after_ms = 20_000;
    const records = rig.add(20);
    rig.output.idle();
    await splunk.until((each) => posts(each) === 1);
    splunk.nodes[0]!.restart("crash");
    expect(splunk.events).toEqual([]);
    await rig.output.drain(never);
    expect(splunk.events).toEqual(records);
    expect(rig.delivered).toBe(20);
  });

  test("ack - a channel that Splunk has forgotten never says yes, so the events are sent again", async () => {
    const { rig, splunk } = await start(
      { acknowledgements: { idle_ms_max: 3000, pending_max: 1000 } },
      { ack_timeout: "30s" },
    );
    splunk.index_after_ms = 20_000;
    const records = rig.add(20);
    rig.output.idle();
    await splunk.until((each) => posts(each) > 1);
    splunk.index_after_ms = 0;
    await rig.output.drain(never);
    expect(rig.delivered).toBe(20);
    expect(new Set(splunk.events)).toEqual(new Set(records));
  });
});

describe("balancers", () => {
  test.each(["none", "cookie", "renewed_cookie"] as const)(
    "ack - several indexers with the same numbers, stickiness %s: no batch is taken for another",
    async (stickiness) => {
      const { rig, splunk } = await start({ nodes: 3, stickiness }, { batch });
      splunk.index_after_ms = 3000;
      const adding = rig.addBlocks(60, { events: 20, size: 100 });
      // What the dead one had taken must not be confirmed by the others' numbers.
      await splunk.until((each) => posts(each) > 5);
      splunk.nodes[1]!.restart("crash");
      const records = await adding;
      await rig.output.drain(never);
      expect(rig.delivered).toBe(records.length);
      expect(new Set(splunk.events)).toEqual(new Set(records));
    },
  );
});

describe("bounds", () => {
  test("ack - while nothing is acknowledged, only so much is sent, and the inputs wait", async () => {
    const clock = new ManualClock();
    const splunk = await Splunk.start({ ack: true, now: () => clock.monotonic() });
    const rig = new OutputRig(splunk, { batch }, clock);
    splunk.index_after_ms = 20_000;
    for (let block = 0; block < 200; block += 1) rig.add(20, { size: 300 });
    rig.output.idle();
    await splunk.until((each) => posts(each) >= 64);
    await eventually(() => {
      clock.pass(50);
      return splunk.requests.length >= posts(splunk) + 64;
    });
    // Those in flight come on top.
    expect(posts(splunk)).toBeLessThanOrEqual(64 + 4);
    expect(rig.output.room("audit")).toBeInstanceOf(Promise);
    await eventually(() => {
      clock.pass(500);
      return rig.inFlight === 0;
    });
  });

  test("ack - while many are outstanding, requests are filled rather than sent at once", async () => {
    const clock = new ManualClock();
    const splunk = await Splunk.start({ ack: true });
    splunk.index_after_ms = Infinity;
    const rig = new OutputRig(splunk, {}, clock);
    for (let events = 1; events <= 40; events += 1) {
      rig.add(1);
      rig.output.idle();
      await eventually(() => rig.output.status().requests_in_flight === 0);
    }
    expect(posts(splunk)).toBe(16);
    clock.pass(200);
    await eventually(() => rig.output.status().events_unacknowledged === 40);
    expect(posts(splunk)).toBe(17);
  });

  test("ack - a partial answer without a promise is not believed where acknowledgements are given", async () => {
    const { rig, splunk } = await start({}, { ack: "on" });
    rig.add(10);
    await rig.output.drain(never);
    splunk.next({
      kind: "answer",
      status: 503,
      body: '{"text":"Server is busy","code":9,"invalid-event-number":5}',
    });
    const records = rig.add(10);
    await rig.output.drain(never);
    expect(splunk.events.slice(10)).toEqual(records);
    expect(rig.delivered).toBe(20);
  });

  test("ack - close with acknowledgements outstanding leaves no timer", async () => {
    const clock = new CountingClock();
    const splunk = await Splunk.start({ ack: true });
    const rig = new OutputRig(splunk, {}, clock);
    splunk.index_after_ms = Infinity;
    rig.add(10);
    rig.output.idle();
    await eventually(() => rig.output.status().events_unacknowledged === 10);
    await rig.output.close();
    expect(clock.waiting).toBe(0);
    expect(rig.inFlight).toBe(10);
  });
});

test("ack - what an endpoint takes in its first answer without a promise is not believed where another has promised", async () => {
  const [good, other] = [await Splunk.start({ ack: true }), await Splunk.start({ ack: true })];
  await other.refuse();
  const endpoints = [good.url, other.url];
  const rig = new OutputRig(good, { url: undefined, endpoints, timeout: "1h" }, fastClock(20));
  const records = rig.add(10);
  await rig.output.drain(never);
  // It dies with what it took.
  other.index_after_ms = Infinity;
  other.next(
    { kind: "normal" },
    { kind: "busy", code: 9, taken: 5, named: true, unpromised: true },
  );
  other.always({ kind: "answer", status: 503, body: busy });
  await other.listen();
  while (!other.requests.some(({ path }) => path.endsWith("/event"))) {
    records.push(...rig.add(10));
    rig.output.idle();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await rig.output.drain(never);
  expect(new Set(good.events)).toEqual(new Set(records));
  expect(rig.delivered).toBe(records.length);
});
