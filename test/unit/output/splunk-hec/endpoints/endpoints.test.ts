/** Several endpoints: a dead, hanging, slow or refusing one costs the others nothing, and comes back by itself. */
import { describe, expect, test } from "vitest";
import type { Clock } from "../../../../../src/platform/clock.ts";
import { eventually } from "../../../../support/eventually.ts";
import { fastClock } from "../../../../support/clocks/fast-clock.ts";
import { never, OutputRig } from "../../../../support/events/output-rig.ts";
import { busy, Splunk, type Behaviour } from "../../../../support/splunk.ts";
import { startWebServer } from "../../../../support/servers/web-server.ts";

/** Where nobody listens. */
const closed = "http://127.0.0.1:1";

interface Pair {
  rig: OutputRig;
  good: Splunk;
  other: Splunk;
}

async function startPair(
  options: object = {},
  prepare: (other: Splunk) => unknown = () => undefined,
  clock: Clock = fastClock(20),
): Promise<Pair> {
  const [good, other] = [await Splunk.start(), await Splunk.start()];
  await prepare(other);
  const endpoints = [other.url, good.url];
  const batch = { max_bytes: "8KiB" };
  const all = { url: undefined, endpoints, timeout: "1h", batch, ...options };
  return { rig: new OutputRig(good, all, clock), good, other };
}

function eventRequests({ requests }: Splunk): number {
  return requests.filter(({ path }) => path === "/services/collector/event").length;
}

const indexedBoth = ({ good, other }: Pair): string[] => [...good.events, ...other.events];

describe("sharing", () => {
  test("endpoints - both that work get their share, and everything arrives once", async () => {
    const pair = await startPair();
    pair.good.always({ kind: "normal", delay_ms: 5 });
    pair.other.always({ kind: "normal", delay_ms: 5 });
    const records = await pair.rig.addBlocks(60, { events: 20, size: 300 });
    await pair.rig.output.drain(never);
    expect(indexedBoth(pair).toSorted()).toEqual(records.toSorted());
    expect(pair.good.events.length).toBeGreaterThan(records.length / 4);
    expect(pair.other.events.length).toBeGreaterThan(records.length / 4);
    const { endpoints, state } = pair.rig.output.status();
    expect(state).toBe("sending");
    expect(endpoints.map((each) => each.state)).toEqual(["sending", "sending"]);
  });

  test("endpoints - a channel of its own goes to each, with every request", async () => {
    const pair = await startPair();
    pair.good.always({ kind: "normal", delay_ms: 5 });
    pair.other.always({ kind: "normal", delay_ms: 5 });
    await pair.rig.addBlocks(20, { events: 20, size: 300 });
    await pair.rig.output.drain(never);
    const channels = (splunk: Splunk): Set<unknown> =>
      new Set(
        splunk.requests
          .filter(({ method }) => method === "POST")
          .map(({ headers }) => headers["x-splunk-request-channel"]),
      );
    expect(channels(pair.good).isDisjointFrom(channels(pair.other))).toBe(true);
    expect(channels(pair.good)).not.toContain(undefined);
  });
});

describe("an endpoint in trouble", () => {
  const troubles: [string, (other: Splunk) => unknown][] = [
    ["refuses connections", (other) => other.refuse()],
    ["hangs", (other) => other.always({ kind: "hang" })],
    ["is busy", (other) => other.always({ kind: "answer", status: 503, body: busy })],
    ["shows a page", (other) => other.always({ kind: "answer", status: 200, body: "<html>" })],
  ];

  test.each(troubles)(
    "endpoints - one that %s gets no events, and everything arrives once",
    async (_, prepare) => {
      const pair = await startPair({}, prepare);
      const records = await pair.rig.addBlocks(40, { events: 20, size: 300 });
      await pair.rig.output.drain(never);
      expect(pair.good.events.toSorted()).toEqual(records.toSorted());
      expect(eventRequests(pair.other)).toBe(0);
      expect(pair.rig.output.status().state).toBe("sending");
    },
  );

  const failures: [string, Behaviour][] = [
    ["answers 503", { kind: "answer", status: 503, body: busy }],
    ["breaks connections", { kind: "reset", when: "before_body" }],
    ["refuses the token", { kind: "answer", status: 403, body: '{"text":"Invalid","code":4}' }],
    ["is another server", { kind: "answer", status: 404, body: "<html>" }],
  ];

  test.each(failures)(
    "endpoints - one that begins to fail is left alone, and comes back: %s",
    async (_, failure) => {
      const pair = await startPair();
      const { rig, good, other } = pair;
      good.always({ kind: "normal", delay_ms: 5 });
      other.always({ kind: "normal", delay_ms: 5 });
      const records = await rig.addBlocks(20, { events: 20, size: 300 });
      other.always(failure);
      records.push(...(await rig.addBlocks(40, { events: 20, size: 300 })));
      await eventually(() => rig.delivered === records.length);
      const [status] = rig.output.status().endpoints;
      expect(status!.url).toBe(other.url);
      expect(status!.state).not.toBe("sending");
      expect(rig.output.status().state).toBe("sending");
      other.always({ kind: "normal", delay_ms: 5 });
      const before = other.events.length;
      while (other.events.length === before) {
        records.push(...(await rig.addBlocks(5, { events: 20, size: 300 })));
        await eventually(() => rig.delivered === records.length);
      }
      await rig.output.drain(never);
      expect(indexedBoth(pair).toSorted()).toEqual(records.toSorted());
      expect(rig.log.at("info").at(-1)?.facts).toMatchObject({ url: other.url });
    },
  );

  test("endpoints - where none works everything waits, and goes on with the first that does", async () => {
    const pair = await startPair({}, (other) => other.refuse());
    const { rig, good, other } = pair;
    await good.refuse();
    const records = rig.add(100);
    rig.output.idle();
    await eventually(() => rig.output.status().state === "retrying");
    expect(rig.delivered).toBe(0);
    await other.listen();
    await rig.output.drain(never);
    expect(other.events).toEqual(records);
  });

  test("endpoints - where none works, one whose health endpoint alone is refused gets events", async () => {
    const web = await startWebServer(undefined, ({ method }, response) => {
      if (method === "GET") response.writeHead(503).end("<html>");
      else response.end('{"text":"Success","code":0}');
    });
    const pair = await startPair({ endpoints: [`http://127.0.0.1:${web.port}`, closed] });
    pair.rig.add(10);
    await pair.rig.output.drain(never);
    expect(pair.rig.delivered).toBe(10);
  });

  test("endpoints - one that becomes slow is left alone while the other is quick", async () => {
    const pair = await startPair({ max_in_flight: 1 }, undefined, fastClock(1));
    const { rig, good, other } = pair;
    const records: string[] = [];
    let longest_ms = 0;
    while (eventRequests(other) === 0) {
      const began_ms = performance.now();
      records.push(...(await rig.addBlocks(20, { events: 20, size: 300 })));
      await eventually(() => rig.delivered === records.length);
      longest_ms = Math.max(longest_ms, performance.now() - began_ms);
    }
    // Slow beside the other one, however busy the machine is.
    other.always({ kind: "normal", delay_ms: Math.max(300, 4 * longest_ms) });
    const before = eventRequests(other);
    records.push(...(await rig.addBlocks(200, { events: 20, size: 300 })));
    await rig.output.drain(never);
    expect(indexedBoth(pair).toSorted()).toEqual(records.toSorted());
    expect(eventRequests(other) - before).toBeLessThanOrEqual(3);
    expect(good.events.length).toBeGreaterThan(records.length / 2);
  });

  test("endpoints - requests that hang at one that rests take no place from the other", async () => {
    const { rig, good, other } = await startPair();
    good.always({ kind: "normal", delay_ms: 5 });
    other.always({ kind: "normal", delay_ms: 5 });
    while (rig.output.status().concurrency < 8) await rig.addBlocks(5, { events: 20, size: 300 });
    const hang: Behaviour = { kind: "hang" };
    const refused: Behaviour = { kind: "answer", status: 503, body: busy };
    other.next(hang, hang, hang);
    other.always(refused);
    while (rig.output.status().endpoints[0]!.concurrency > 0) {
      await rig.addBlocks(5, { events: 20, size: 300 });
    }
    expect(other.open).toBe(3);
    good.open_max = 0;
    // Never, where the three that hang take a place from it.
    while (good.open_max < 4) await rig.addBlocks(5, { events: 20, size: 300 });
    expect(good.open_max).toBe(4);
  });

  test("endpoints - a slow one is better than none", async () => {
    const pair = await startPair({}, undefined, fastClock(2));
    const { rig, good, other } = pair;
    other.always({ kind: "normal", delay_ms: 200 });
    const records = await rig.addBlocks(50, { events: 20, size: 300 });
    await eventually(() => rig.delivered === records.length);
    await good.refuse();
    const more = rig.add(10);
    await rig.output.drain(never);
    expect(other.events).toEqual(expect.arrayContaining(more));
  });
});

test("endpoints - close while one rests and one hangs leaves no connection", async () => {
  const pair = await startPair({}, (other) => other.always({ kind: "hang" }));
  pair.rig.add(10);
  pair.rig.output.idle();
  await pair.other.until(({ requests }) => requests.length > 0);
  await pair.rig.output.close();
  await eventually(async () => (await pair.other.connections()) === 0);
});
