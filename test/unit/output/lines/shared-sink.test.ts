/** Several outputs that write lines to the same place: one at a time. */
import PQueue from "p-queue";
import { expect, test } from "vitest";
import type { LineSink } from "../../../../src/output/lines/line-output.ts";
import { SharedSink } from "../../../../src/output/lines/shared-sink.ts";
import { eventually } from "../../../support/eventually.ts";

const never = new AbortController().signal;

class SlowSink implements LineSink {
  readonly writes: { lines: string; end: PromiseWithResolvers<void> }[] = [];
  state: "open" | "closed" = "open";

  write(lines: Buffer): Promise<void> {
    const end = Promise.withResolvers<void>();
    this.writes.push({ lines: lines.toString(), end });
    return end.promise;
  }

  async close(): Promise<void> {
    this.state = "closed";
  }
}

function twoOf(): { sinks: SlowSink[]; shared: SharedSink[] } {
  const turns = new PQueue({ concurrency: 1 });
  const sinks = [new SlowSink(), new SlowSink()];
  return { sinks, shared: sinks.map((sink) => new SharedSink(sink, turns)) };
}

test("shared sink - a write, and a close, begin when the one before is over, however it ends", async () => {
  const { sinks, shared } = twoOf();
  const first = shared[0]!.write(Buffer.from("one\n"), never);
  const second = shared[1]!.write(Buffer.from("two\n"), never);
  const closed = shared[0]!.close();
  await new Promise(setImmediate);
  expect(sinks.map(({ writes }) => writes.length)).toEqual([1, 0]);
  sinks[0]!.writes[0]!.end.reject(new Error("EIO"));
  await expect(first).rejects.toThrow("EIO");
  await eventually(() => sinks[1]!.writes.length === 1);
  expect(sinks[0]!.state).toBe("open");
  sinks[1]!.writes[0]!.end.resolve();
  await Promise.all([second, closed]);
  expect(sinks[0]!.state).toBe("closed");
});

test("shared sink - what is given up while it waits for its turn is never written", async () => {
  const { sinks, shared } = twoOf();
  const first = shared[0]!.write(Buffer.from("one\n"), never);
  const stop = new AbortController();
  const second = shared[1]!.write(Buffer.from("two\n"), stop.signal);
  stop.abort(new Error("stopped"));
  sinks[0]!.writes[0]!.end.resolve();
  await first;
  await expect(second).rejects.toThrow("stopped");
  expect(sinks[1]!.writes).toEqual([]);
});
