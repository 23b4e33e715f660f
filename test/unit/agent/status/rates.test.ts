/** The rates in a status: smoothed, of a single look, and for names that every object has. */
import { expect, onTestFinished, test } from "vitest";
import { RateKeeper, type Waiting } from "../../../../src/agent/status/rates.ts";
import { closeBooks, emptyBooks, type InputBooksNow } from "../../../../src/ledger/books.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const nothing: Waiting = { bytes: 0, events: 0, settled_bytes: 0, size_bytes: 0 };

function keeperOf(name: string) {
  const clock = new ManualClock();
  const books: InputBooksNow = { ...emptyBooks(), in_flight: 0 };
  const keeper = new RateKeeper(clock, () => closeBooks({ [name]: books }));
  onTestFinished(() => keeper.stop());
  const pass = async (seconds: number, events: number, output = "splunk"): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      books.received += events;
      books.received_bytes += events * 100;
      const before = Object.hasOwn(books.delivered, output) ? books.delivered[output]! : 0;
      books.delivered[output] = before + events;
      clock.pass(1000);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { clock, keeper, books, pass };
}

test("rates - nothing moves before there are two looks, then a steady flow is what it is", async () => {
  const { keeper, pass } = keeperOf("audit");
  expect(keeper.input("audit")).toEqual({
    events_per_second: 0,
    bytes_per_second: 0,
    delivered_per_second: 0,
  });
  await pass(2, 50);
  expect(keeper.input("audit").events_per_second).toBeCloseTo(50);
  expect(keeper.input("audit").bytes_per_second).toBeCloseTo(5000);
  expect(keeper.output("splunk").events_per_second).toBeCloseTo(50);
  expect(keeper.input("none").events_per_second).toBe(0);
});

test("rates - a change is followed within seconds, and what stands still comes to nothing", async () => {
  const { keeper, pass } = keeperOf("audit");
  await pass(10, 100);
  await pass(5, 1000);
  const { events_per_second } = keeper.input("audit");
  expect(events_per_second).toBeGreaterThan(600);
  expect(events_per_second).toBeLessThan(1000);
  await pass(90, 0);
  expect(keeper.input("audit").events_per_second).toBe(0);
});

test("rates - an input and an output may have the name of what every object has", async () => {
  const { keeper, pass } = keeperOf("constructor");
  await pass(3, 10, "toString");
  expect(keeper.input("constructor").events_per_second).toBeCloseTo(10);
  expect(keeper.output("toString").events_per_second).toBeCloseTo(10);
});

test("rates - a single look at a backlog says how long it takes at the rate of reading", async () => {
  const { keeper, pass } = keeperOf("audit");
  const waiting = { ...nothing, bytes: 60_000, settled_bytes: 40_000, size_bytes: 100_000 };
  expect(keeper.backlog("audit", waiting).seconds_left).toBeUndefined();
  await pass(70, 10);
  const { done, seconds_left } = keeper.backlog("audit", waiting);
  expect(done).toBeCloseTo(0.4);
  expect(seconds_left).toBeCloseTo(60);
});

test("rates - looks in a row know what comes in meanwhile: a backlog that grows has no end", async () => {
  const { keeper, pass } = keeperOf("audit");
  const at = (bytes: number) => keeper.backlog("audit", { ...nothing, bytes }).seconds_left;
  await pass(5, 10);
  for (const bytes of [50_000, 60_000, 70_000]) {
    at(bytes);
    await pass(1, 10);
  }
  expect(at(80_000)).toBeUndefined();
});

test("rates - a backlog that shrinks by 100 bytes a second takes its size by that; one of events as well", async () => {
  const { keeper, pass } = keeperOf("audit");
  const left: (number | undefined)[] = [];
  for (let bytes = 10_000; bytes > 9000; bytes -= 100) {
    left.push(keeper.backlog("audit", { ...nothing, bytes }).seconds_left);
    await pass(1, 70);
  }
  expect(left.at(-1)).toBeCloseTo(91);
  for (let events = 1000; events > 900; events -= 10) {
    left.push(keeper.backlog("audit", { ...nothing, events }).seconds_left);
    await pass(1, 70);
  }
  expect(left.at(-1)).toBeCloseTo(91);
});
