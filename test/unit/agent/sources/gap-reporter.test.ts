/** Gap events: what was dropped or lost is told once, whatever starts and stops come between. */
import { expect, test } from "vitest";
import { own_input } from "../../../../src/config/config.ts";
import { GapReporter } from "../../../../src/agent/sources/gap-reporter.ts";
import type { Block } from "../../../../src/event/block.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { systemClock } from "../../../../src/platform/clock.ts";

/** A reporter on a ledger, and the blocks that it gave. Each is delivered at once. */
function reporting(ledger: Ledger): { reporter: GapReporter; told: unknown[] } {
  const told: unknown[] = [];
  const accept = ({ bytes, starts, ends, count, receipt }: Block): undefined => {
    for (let number = 0; number < count; number += 1) {
      told.push(JSON.parse(bytes.toString("utf8", starts[number], ends[number])));
    }
    receipt.settle(ledger.account("delivered", "splunk"), count);
  };
  const intake = { accept, room: () => undefined, idle: () => undefined };
  const indexOf = (): undefined => undefined;
  return { reporter: new GapReporter({ ledger, clock: systemClock, intake, indexOf }), told };
}

function drop(ledger: Ledger, count: number): void {
  ledger.book("weka", ledger.account("dropped", "journal_full"), count, 0);
}

test("gap reporter - tells at the stop what was not told", async () => {
  const ledger = new Ledger();
  const { reporter, told } = reporting(ledger);
  await reporter.start();
  drop(ledger, 3);
  await reporter.stop();
  expect(told).toMatchObject([{ input: "weka", reason: "journal_full", count: 3 }]);
});

test("gap reporter - tells nothing again after a restart", async () => {
  const ledger = new Ledger();
  const first = reporting(ledger);
  await first.reporter.start();
  drop(ledger, 3);
  await first.reporter.stop();
  const restarted = new Ledger(ledger.snapshot().state);
  const second = reporting(restarted);
  await second.reporter.start();
  drop(restarted, 2);
  await second.reporter.stop();
  expect(second.told).toMatchObject([{ count: 2 }]);
});

test("gap reporter - tells nothing when it is stopped before it was started, as where an input cannot start", async () => {
  const ledger = new Ledger();
  drop(ledger, 3);
  const { reporter, told } = reporting(ledger);
  await reporter.stop();
  expect(told).toEqual([]);
  expect(ledger.streamsOf(own_input)).toEqual([]);
});
