/**
 * The main promise, event by event: many events arrive once, in order, and byte for byte as they were
 * written, but for the masked value.
 */
import { join } from "node:path";
import { expect } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { redact, writeConfig } from "../../support/agent-config.ts";
import { readNumbered, writeEvents } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** What parse-and-stringify would alter: each event carries one of these in front of its other members. */
const oddities = [
  String.raw`"id":9223372036854775807,`,
  String.raw`"ratio":1.0,"small":1E-7,"big":1.5e+300,`,
  String.raw`"name":"caf\u00e9","path":"a\/b","emoji":"\ud83d\ude00",`,
  `"raw":"café 😀",`,
  `"twice":1,"twice":2,"":null,`,
  `"spaced" : [ 1 ,2,\t3 ] , `,
  `"lone":"\\ud800","control":"\\u0000\\b",`,
  `"__proto__":{"a":1},"constructor":{},`,
];

function line(number: number): string {
  return `{${oddities[number % oddities.length]!}${wekaEvent(number).slice(1)}`;
}

const authorization = /"Authorization":"[^"]*"/;

const name = (events: number): string =>
  `exact bytes - ${events} events arrive once, in order, and unaltered but for the masked value`;

sampled(name, { sample: 2000, all: 500_000 }, async (events) => {
  const directory = temporaryDirectory();
  let next = 0;
  const wrong: string[] = [];
  const read = readNumbered((number, envelope) => {
    const expected = `,"event":${line(number).replace(authorization, '"Authorization":"[REDACTED]"')}}`;
    const event = envelope.subarray(envelope.length - Buffer.byteLength(expected));
    const exact = event.equals(Buffer.from(expected));
    if ((number !== next || !exact) && wrong.length < 5)
      wrong.push(`${next}: ${envelope.toString()}`);
    next += 1;
  });
  const splunk = await Splunk.start({ read });
  const path = join(directory, "audit.log");
  writeEvents(path, 0, events, line);
  const config = writeConfig({
    directory,
    url: splunk.url,
    paths: [path],
    chain: [redact],
    // Strict order whatever the receiver's pace; see docs/delivery.md.
    output: ["max_in_flight: 1"],
  });
  const daemon = await Daemon.start(config);
  await splunk.until(() => next >= events);
  expect(await daemon.stop()).toBe(0);
  expect(wrong).toEqual([]);
  expect(next).toBe(events);
  const { total, balanced } = daemon.books;
  expect(balanced).toBe(true);
  expect(total).toMatchObject({ received: events, delivered: events, in_flight: 0, dropped: 0 });
});
