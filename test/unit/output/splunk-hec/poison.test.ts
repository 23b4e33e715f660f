/** What one event that Splunk refuses costs the 999 that go with it: a few requests, and nothing else. */
import { describe, expect, test } from "vitest";
import { readEnvelopes, type Reading } from "../../../support/events/envelopes.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { never, OutputRig } from "../../../support/events/output-rig.ts";

const events = 1000;
const requests_more_max = 11;
const code = 12;

type Refusal = "names it" | "takes nothing and names none" | "names none";

/** Reads a body as Splunk does up to the poison, or takes nothing of a body with poison in it. */
function reader(refusal: Refusal): (body: Buffer) => Reading {
  return (body) => {
    const reading = readEnvelopes(body);
    const number = reading.events.findIndex(({ event }) => event.includes("poison"));
    if (number === -1) return reading;
    const taken = refusal === "takes nothing and names none" ? [] : reading.events.slice(0, number);
    return { events: taken, code, invalid_event_number: number };
  };
}

async function send(refusal: Refusal, at: number, ack: boolean) {
  const rig = await OutputRig.start({ ack: ack ? "on" : "off" }, fastClock(100), {
    ack,
    read: reader(refusal),
  });
  if (refusal !== "names it") rig.splunk.always({ kind: "normal", number: "missing" });
  rig.splunk.index_after_ms = ack ? 20 : 0;
  const records = Array.from({ length: events }, (_, number) => {
    return JSON.stringify(number === at ? { number, poison: true } : { number });
  });
  rig.addRecords(records);
  await rig.output.drain(never);
  await rig.quarantine.drain(never);
  const posts = rig.splunk.requests.filter(({ path }) => path === "/services/collector/event");
  return { rig, records, requests_more: posts.length - 1 };
}

describe.each([false, true])("acknowledgement %s", (ack) => {
  describe.each(["names it", "takes nothing and names none"] as const)("Splunk %s", (refusal) => {
    test.each([0, 1, 499, 500, 998, 999])(
      "poison - event %d of 1000 is in quarantine with its code, and the others arrive once",
      async (at) => {
        const { rig, records, requests_more } = await send(refusal, at, ack);
        expect(rig.splunk.events.toSorted()).toEqual(records.toSpliced(at, 1).toSorted());
        expect(rig.quarantined).toMatchObject([
          { reason: "splunk_event_required", code, text: records[at] },
        ]);
        expect(rig.ledger.books()).toMatchObject({
          balanced: true,
          total: { received: events, delivered: events - 1, quarantined: 1, in_flight: 0 },
        });
        expect(requests_more).toBeLessThanOrEqual(requests_more_max);
      },
    );
  });

  test("poison - where Splunk takes what stands before it without a word, the others arrive all the same", async () => {
    const { rig, records, requests_more } = await send("names none", 700, ack);
    expect(new Set(rig.splunk.events)).toEqual(new Set(records.toSpliced(700, 1)));
    expect(rig.ledger.books().total).toMatchObject({ delivered: events - 1, quarantined: 1 });
    expect(requests_more).toBeLessThanOrEqual(requests_more_max);
  });
});

test("poison - many in a row hold up no event behind them for ever, where order is kept", async () => {
  const facts = { read: reader("names it") };
  const rig = await OutputRig.start({ max_in_flight: 1 }, fastClock(100), facts);
  const poison = Array.from({ length: 100 }, (_, number) => `{"number":${number},"poison":true}`);
  rig.addRecords(poison);
  rig.output.idle();
  await eventually(() => rig.output.status().state === "blocked");
  const records = rig.add(10);
  rig.output.idle();
  await eventually(() => rig.delivered === 10);
  expect(rig.splunk.events).toEqual(records);
  // Each time that others are taken, some more of them are believed to be the cause.
  while (rig.ledger.books().total.quarantined < poison.length) {
    records.push(...rig.add(1));
    rig.output.idle();
    await eventually(() => rig.delivered === records.length);
    await rig.quarantine.drain(never);
  }
  expect(rig.splunk.events).toEqual(records);
  expect(rig.quarantined.map(({ text }) => text)).toEqual(poison);
});
