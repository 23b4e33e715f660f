/** An hour in which Splunk refuses the token, on a clock that jumps: when it is tried again, and that nothing is lost. */
import { expect, onTestFinished, test } from "vitest";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { splunkHecOptions } from "../../../../src/output/splunk-hec/options.ts";
import { Quarantine } from "../../../../src/output/quarantine/quarantine.ts";
import { SplunkHecOutput } from "../../../../src/output/splunk-hec/splunk-hec.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { readEnvelopes, type IndexedEvent } from "../../../support/events/envelopes.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { JumpingClock } from "../../../support/clocks/jumping-clock.ts";
import { never } from "../../../support/events/output-rig.ts";
import { MemoryTransport } from "../../../support/splunk/memory-transport.ts";
import type { Token } from "../../../support/splunk/call.ts";
import { SplunkNode } from "../../../support/splunk/node.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const token = "6d15a8e4-0000-4000-8000-c0ffee123456";
const began_ms = 1_742_539_000_000;
const hour_ms = 3_600_000;

test.each(["unknown", "disabled"])(
  "refused token - %s for an hour: probes back off from a second to a minute, and nothing is lost",
  async (how) => {
    const clock = new JumpingClock(began_ms);
    const ledger = new Ledger();
    const log = new CollectedLog();
    const mask = (text: string): string => text;
    const quarantine = new Quarantine(temporaryDirectory(), { ledger, clock, log, mask });
    const tokens = new Map<string, Token>();
    if (how === "disabled") tokens.set(token, { ack: false, disabled: true });
    const indexed: IndexedEvent[] = [];
    const node = new SplunkNode<IndexedEvent>({
      now: () => clock.now(),
      tokens,
      read: readEnvelopes,
      readRaw: () => [],
      onIndexed: ({ events }) => void indexed.push(...events),
      indexAfterMs: () => 0,
    });
    const probes_ms: number[] = [];
    const options = splunkHecOptions.parse({ url: "http://splunk.test:8088", token });
    const output = new SplunkHecOutput("splunk", options, {
      ledger,
      quarantine,
      clock,
      log,
      connect: (client) =>
        new MemoryTransport({
          client,
          pass: (call) => {
            probes_ms.push(clock.now());
            return { kind: "served", served: node.serve(call, { kind: "normal" }), after_ms: 1 };
          },
          onTold: () => undefined,
          onPromised: () => undefined,
        }),
    });
    onTestFinished(() => output.close());
    const records = Array.from({ length: 1000 }, (_, number) => JSON.stringify({ number }));
    for (const event of makeEvents(ledger, records)) output.add(event);
    const drained = output.drain(never).then(() => "drained");
    const jump = async (): Promise<boolean> => {
      // Once the microtasks are done, nothing goes on but by the clock.
      await new Promise(setImmediate);
      return clock.jump();
    };
    while (clock.now() < began_ms + hour_ms) {
      expect(await jump()).toBe(true);
      expect(ledger.books().total).toMatchObject({ delivered: 0, in_flight: 1000 });
    }
    expect(output.status()).toMatchObject({ state: "paused" });
    const waits_ms = probes_ms.slice(1).map((at_ms, number) => at_ms - probes_ms[number]!);
    expect(Math.max(...waits_ms.slice(0, 3))).toBeLessThanOrEqual(1300);
    expect(Math.max(...waits_ms)).toBeLessThanOrEqual(60_000 + 1);
    for (const wait_ms of waits_ms.slice(-10)) expect(wait_ms).toBeGreaterThanOrEqual(45_000);
    // Loud at once, and then about once a minute.
    const outages_ms = log
      .of("splunk_token_refused")
      .map(({ facts }) => facts["outage_ms"] as number);
    expect(outages_ms.length).toBeGreaterThan(40);
    expect(outages_ms.length).toBeLessThan(62);
    tokens.set(token, { ack: false });
    while (await jump());
    expect(clock.now()).toBeLessThan(began_ms + hour_ms + 61_000);
    expect(await drained).toBe("drained");
    expect(indexed.map(({ event }) => event.toString())).toEqual(records);
    expect(log.codesAt("info").at(-1)).toBe("splunk_available");
    expect(JSON.stringify(log.lines)).not.toContain(token);
  },
);
