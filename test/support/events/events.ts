/** Events as an input and a chain make them: records in a block, with a receipt of a real ledger. */
import type { Truncation } from "../../../src/event/block.ts";
import { Block } from "../../../src/event/block.ts";
import type { Metadata } from "../../../src/event/event.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import { timeRule } from "./time-rules.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";

export interface EventsFacts {
  /** Default: `audit`. */
  input?: string;
  metadata?: Metadata;
  truncations?: ReadonlyMap<number, Truncation>;
}

const time = timeRule(["time"]);
/** That of all events, as a chain has one. A new one costs more than some tests do with it. */
const scanner = new Scanner([], { time });

const line_feed = Buffer.from("\n");

/** One block of these records, as events. Each call is a stream of its own. */
export function makeEvents(
  ledger: Ledger,
  records: readonly (string | Buffer)[],
  facts: EventsFacts = {},
): LogEvent[] {
  const parts = records.map((each) => Buffer.from(each));
  const bytes = Buffer.concat(parts.flatMap((each) => [each, line_feed]));
  const starts = new Int32Array(records.length);
  const ends = new Int32Array(records.length);
  let at = 0;
  parts.forEach(({ length }, number) => {
    starts[number] = at;
    ends[number] = at + length;
    at += length + 1;
  });
  const { input = "audit" } = facts;
  const receipt = ledger
    .openStream(input, undefined, 0)
    .open(records.length, bytes.length, bytes.length);
  const { metadata = { host: "web-1", sourcetype: "weka:s3:audit" }, truncations } = facts;
  const block = new Block({
    origin: { input, stream: "/var/log/audit.log", metadata, time },
    receipt,
    bytes,
    starts,
    ends,
    count: records.length,
    offset: 0,
    read_at_ms: 1_742_539_047_915,
    ...(truncations === undefined ? {} : { truncations }),
  });
  return records.map((_, number) => new LogEvent(block, number, scanner));
}
