/** `throttle`: how many events pass in a time, and that its memory is bounded. */
import { expect, test } from "vitest";
import { complaintsAbout, makeChain, runChain } from "../../support/events/chains.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";

async function throttled(options: object): Promise<{
  outcome: (record: string) => string;
  pass: (ms: number) => void;
}> {
  const clock = new ManualClock();
  const chain = await makeChain([{ throttle: options }], { clock });
  return { outcome: (record) => runChain(chain, record).outcome, pass: (ms) => clock.pass(ms) };
}

test("throttle - lets so many events of a key pass, until its time is over", async () => {
  const { outcome, pass } = await throttled({ events: 2, per: "10s", by: "user" });
  const [bob, eve] = ['{"user":"bob"}', '{"user":"eve"}'];
  expect([bob, bob, bob, eve].map(outcome)).toEqual(["kept", "kept", "filtered throttle", "kept"]);
  pass(9999);
  expect(outcome(bob)).toBe("filtered throttle");
  pass(1);
  expect([bob, bob, bob].map(outcome)).toEqual(["kept", "kept", "filtered throttle"]);
});

test("throttle - without a key all events are counted together, those that are text, too", async () => {
  const { outcome } = await throttled({ events: 2, per: "1m" });
  expect(["{}", "text", '{"a":1}'].map(outcome)).toEqual(["kept", "kept", "filtered throttle"]);
  const by_user = await throttled({ events: 1, per: "1m", by: ["user"] });
  expect(["{}", "text", '{"user":1}'].map(by_user.outcome)).toEqual([
    "kept",
    "filtered throttle",
    "kept",
  ]);
});

test("throttle - keeps no more keys than it may, and forgets the oldest", async () => {
  const { outcome } = await throttled({ events: 1, per: "1h", by: "id", keys_max: 2 });
  expect(['{"id":1}', '{"id":2}', '{"id":3}'].map(outcome)).toEqual(["kept", "kept", "kept"]);
  expect(outcome('{"id":3}')).toBe("filtered throttle");
  expect(outcome('{"id":1}')).toBe("kept");
});

test.each([
  [{ per: "1s" }, ["events"], /./],
  [{ events: 0, per: "1s" }, ["events"], /./],
  [{ events: 1.5, per: "1s" }, ["events"], /./],
  [{ events: 1, per: 10 }, ["per"], /10s/],
  [{ events: 1, per: "0s" }, ["per"], /more than 0/],
  [{ events: 1, per: "1s", by: "$.a" }, ["by"], /write a/],
  [{ events: 1, per: "1s", keys_max: 10_000_000 }, ["keys_max"], /./],
])("throttle - %j is refused at its place", async (options, place, message) => {
  const [complaint] = await complaintsAbout([{ throttle: options }]);
  expect(complaint?.path).toEqual(["chain", 0, "throttle", ...place]);
  expect(complaint?.message).toMatch(message);
});
