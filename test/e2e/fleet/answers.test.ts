/**
 * Every answer of Splunk's, a proxy's or the network's to a batch that an aggregator posts, as it came or event by event: each event is
 * delivered, the agent gets one receipt, and nothing is counted twice.
 */
import { describe, expect, test } from "vitest";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { BatchClient, batchBody } from "../../support/nats/batch-client.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { answers } from "../../support/splunk/answers.ts";

const count = 150;
const filler = "x".repeat(300);

interface Rig {
  readonly splunk: Splunk;
  readonly client: BatchClient;
  readonly aggregator: Awaited<ReturnType<Fleet["aggregator"]>>;
  /** Publishes the next batch, and gives its id. */
  readonly publish: () => Promise<string>;
}

async function start(
  splunk: Splunk,
  more: { output?: string[]; input?: string[] } = {},
): Promise<Rig> {
  const fleet = await Fleet.start({ servers: 1, wait_ms: 600_000 });
  const client = new BatchClient(await fleet.cluster.connect());
  const output = ["compression: gzip", "timeout: 2s", ...(more.output ?? [])];
  const aggregator = await fleet.aggregator("ag-1", splunk.url, { ...more, output });
  let published = 0;
  const publish = (): Promise<string> => {
    const first = published * count;
    published += 1;
    return client.publish(first, count, { text: batchBody(first, count, filler) });
  };
  return { splunk, client, aggregator, publish };
}

/** How often each number is at Splunk. */
function timesOf({ splunk }: Rig): Map<number, number> {
  const times = new Map<number, number>();
  for (const event of splunk.events) {
    const { number } = JSON.parse(event) as { number: number };
    times.set(number, (times.get(number) ?? 0) + 1);
  }
  return times;
}

describe.runIf(has_nats)("answers to an aggregator", () => {
  const ways = [
    ["as they came", []],
    ["event by event", ["pass_through: false"]],
  ] as const;
  test.each(sampledCases(ways, 2))("of batches that go %s", long, async (_, input) => {
    const rig = await start(await Splunk.start(), { input: [...input] });
    const { splunk, client, aggregator, publish } = rig;
    const ids = [await publish()];
    await eventually(() => client.receipts.length === 1);
    const rows = sampledCases(answers, 20);
    for (const [name, behaviour, { indexed }] of rows) {
      splunk.next(behaviour);
      const id = await publish();
      ids.push(id);
      await eventually(() => client.receipts.length === ids.length);
      expect(client.receipts.at(-1), name).toBe(id);
      // The last batch alone may be there twice, where nobody could know that it was taken.
      const times = timesOf(rig);
      const own = Array.from({ length: count }, (__, at) => (ids.length - 1) * count + at);
      for (const number of own) expect([indexed, 1], name).toContain(times.get(number));
      expect(times.size, name).toBe(ids.length * count);
    }
    expect(await aggregator.stop()).toBe(0);
    const events = ids.length * count;
    expect(aggregator.books).toMatchObject({
      balanced: true,
      total: { received: events, delivered: events, quarantined: 0, in_flight: 0 },
    });
    expect(aggregator.lines.join("\n")).not.toContain(valid_token);
  });

  longTest("acknowledged by indexers later", async () => {
    const splunk = await Splunk.start({ ack: true });
    const rig = await start(splunk, { output: ["ack_timeout: 10s"] });
    const { client, aggregator, publish } = rig;
    splunk.index_after_ms = Infinity;
    const ids = [await publish(), await publish(), await publish()];
    await splunk.until(() => splunk.requests.some(({ path }) => path.includes("/ack")));
    expect(client.receipts).toEqual([]);
    splunk.index_after_ms = 0;
    await eventually(() => client.receipts.length === ids.length);
    expect(timesOf(rig).size).toBe(3 * count);
    expect(await aggregator.stop()).toBe(0);
    expect(aggregator.books.total).toMatchObject({ received: 3 * count, delivered: 3 * count });
  });

  longTest("an outage, and a body that is too large", async () => {
    const splunk = await Splunk.start({ body_bytes_max: 30_000 });
    const rig = await start(splunk);
    const { client, aggregator, publish } = rig;
    await splunk.refuse();
    const ids = [await publish(), await publish()];
    await aggregator.logged("splunk_unavailable");
    expect(client.receipts).toEqual([]);
    await splunk.listen();
    await eventually(() => client.receipts.length === ids.length);
    expect([...timesOf(rig).values()].every((times) => times === 1)).toBe(true);
    expect(timesOf(rig).size).toBe(2 * count);
    expect(await aggregator.stop()).toBe(0);
    expect(aggregator.books.total).toMatchObject({ received: 2 * count, delivered: 2 * count });
  });
});
