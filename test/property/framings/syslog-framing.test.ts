/**
 * Property: hostile headers of syslog give the same in any chunks, and as datagrams; a record is the bytes that came in, or
 * the JSON at their end; and what a header says is clean text.
 */
import fc from "fast-check";
import { describe, expect } from "vitest";
import { Records } from "../../../src/event/block.ts";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { takeSyslogHeader } from "../../../src/inputs/framing/syslog/syslog-header.ts";
import { recordsOf } from "../../../src/inputs/socket/datagram/datagram-records.ts";
import { sampled } from "../../support/effort.ts";
import { gathererOf } from "../../support/framing/gathering.ts";

const bytes_max = 200;
const part = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "<13>",
      "<191>",
      "<999>",
      "1 ",
      "- ",
      "Nov 28 20:00:00 ",
      "2026-11-28T20:00:00.5Z ",
      "host ",
      "app[7]: ",
      "su: ",
      '[a@1 b="c"]',
      '[a@1 b="\\"\\]',
      "@cee: ",
      '{"a":1}',
      '{"a":',
      "}",
      "\ufeff",
      "\x1b[31m",
      "\u2028",
      " ",
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 190, max: 210 }).map((length) => "x".repeat(length)) },
);
const message = fc
  .array(part, { maxLength: 8 })
  .map((parts) => Buffer.concat(parts.map((each) => Buffer.from(each as string))))
  // Each is one record, over a stream as well as by itself, and none begins with a mark, which a stream may.
  .filter(
    (bytes) =>
      !/[\n\0]|\r$|^[ \t\r]*$|^\d+ <|^\xef\xbb\xbf|^[\xfe\xff]/.test(bytes.toString("latin1")),
  );
const messages = fc.array(message, { minLength: 1, maxLength: 6 });
const splits = fc.array(fc.nat(1500), { maxLength: 8 });

/** Of each record its bytes, what is known of it beside them, and whether it was cut. */
function found({ bytes, starts, ends, count, known, truncations }: Records): unknown[] {
  return Array.from({ length: count }, (_, number) => [
    bytes.toString("latin1", starts[number], ends[number]),
    known?.[number]?.header,
    truncations?.get(number),
  ]);
}

function overAStream(sent: Buffer, places: readonly number[]): unknown[] {
  const gathering = gathererOf(framings.syslog.framer({}, "stream"), bytes_max);
  const all: unknown[] = [];
  const take = (): void => {
    for (let records = gathering.take(); records !== undefined; records = gathering.take())
      all.push(...found(records));
  };
  let from = 0;
  for (const at of [...places.toSorted((a, b) => a - b), sent.length]) {
    const to = Math.min(at, sent.length);
    if (to > from) gathering.push(Buffer.from(sent.subarray(from, to)), 0);
    from = Math.max(from, to);
    take();
  }
  gathering.end();
  take();
  return all;
}

function asDatagrams(all: readonly Buffer[]): unknown[] {
  let end = 0;
  const ends = Int32Array.from(all, ({ length }) => (end += length));
  const batch = { bytes: Buffer.concat(all), ends, read_at_ms: 0 };
  const origin = { input: "a", stream: "b", metadata: {} };
  const options = { origin, event_bytes_max: bytes_max, offset: 0, take: takeSyslogHeader };
  return found(recordsOf(batch, options).records!);
}

describe("syslog framing", () => {
  sampled(
    (runs) =>
      `syslog framing - ${runs} streams of hostile headers are read alike, in any chunks and as datagrams`,
    { sample: 200, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(messages, splits, (all, places) => {
          const sent = Buffer.concat(all.flatMap((each) => [each, Buffer.from("\n")]));
          const records = asDatagrams(all);
          expect(overAStream(sent, places)).toEqual(records);
          expect(records).toHaveLength(all.length);
          for (const [number, [text, header]] of (
            records as [string, object | undefined][]
          ).entries()) {
            const whole = all[number]!.toString("latin1");
            const is_taken_off = whole.endsWith(text) && text.startsWith("{");
            expect(is_taken_off || whole.startsWith(text)).toBe(true);
            expect(JSON.stringify(header) ?? "").not.toMatch(/\\u00[01]|[\p{Cc}\u2028\ufffd]/u);
          }
        }),
        { numRuns: runs },
      ),
  );
});
