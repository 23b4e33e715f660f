/** Events for tests: one record each, in a block of its own or among others. */
import { Block } from "../../../src/event/block.ts";
import type { Origin } from "../../../src/event/block.ts";
import { LogEvent } from "../../../src/event/log-event.ts";
import { parsePath } from "../../../src/event/scan/path.ts";
import type { Path } from "../../../src/event/scan/path.ts";
import { Scanner } from "../../../src/event/scanner.ts";
import type { TimeRule } from "../../../src/event/time/time-rule.ts";
import type { Receipt } from "../../../src/ledger/receipt.ts";

export interface EventOptions {
  scanner?: Scanner;
  time?: TimeRule;
  read_at_ms?: number;
  origin?: Partial<Origin>;
  offset?: number;
}

/** An event of `record`, which stands between other bytes of its block. */
export function eventOf(record: string | Buffer, options: EventOptions = {}): LogEvent {
  const before = Buffer.from('{"a":"other"}\n');
  const middle = Buffer.from(record);
  const bytes = Buffer.concat([before, middle, Buffer.from('\n"a":"other"}\n')]);
  const block = new Block({
    origin: {
      input: "test",
      stream: "test.log",
      metadata: { host: "h", sourcetype: "t" },
      time: options.time,
      ...options.origin,
    },
    receipt: undefined as unknown as Receipt,
    bytes,
    starts: new Int32Array([0, before.length]),
    ends: new Int32Array([before.length - 1, before.length + middle.length]),
    count: 2,
    offset: options.offset ?? 0,
    read_at_ms: options.read_at_ms ?? 1_700_000_000_123,
  });
  return new LogEvent(
    block,
    1,
    options.scanner ?? new Scanner([], options.time && { time: options.time }),
  );
}

/** What an output would get. */
export function outputOf(event: LogEvent): Buffer {
  const target = Buffer.alloc(event.byteLength + 6, 0x23);
  const end = event.copyTo(target, 3);
  if (end !== event.byteLength + 3) throw new Error("copyTo and byteLength disagree");
  if (target.toString("latin1", 0, 3) !== "###" || target.toString("latin1", end) !== "###") {
    throw new Error("copyTo wrote outside of its range");
  }
  return target.subarray(3, end);
}

export function textOf(event: LogEvent): string {
  return outputOf(event).toString();
}

export function paths(...texts: string[]): Path[] {
  return texts.map((text) => parsePath(text));
}
