/** A turn of the event loop ends after some time, and looks at the clock once for many bytes. */
import { expect, test } from "vitest";
import { Turn } from "../../../../src/agent/flow/turn.ts";
import { systemClock } from "../../../../src/platform/clock.ts";

/** A turn in which each event takes so long, and how often it looks at the clock. */
function turnOf(event_ms: number) {
  const seen = { looks: 0 };
  let now_ms = 0;
  const monotonic = (): number => {
    seen.looks += 1;
    return now_ms;
  };
  const turn = new Turn({ ...systemClock, monotonic });
  const count = (bytes: number): void => {
    now_ms += event_ms;
    turn.count(bytes);
  };
  return { turn, count, seen };
}

test("turn - ordinary events do not end it, and hardly ask for the time", () => {
  const { turn, count, seen } = turnOf(0.005);
  for (let event = 0; event < 1000; event += 1) count(1000);
  expect(turn.end).toBeUndefined();
  expect(seen.looks).toBeLessThan(100);
});

test("turn - slow events end it, however small, after 16 KiB of them at most", async () => {
  const { turn, count } = turnOf(1);
  let events = 0;
  for (; turn.end === undefined; events += 1) count(1000);
  expect(events).toBeLessThan(20);
  await turn.end;
  turn.begin();
  expect(turn.end).toBeUndefined();
  count(1000);
  expect(turn.end).toBeUndefined();
});
