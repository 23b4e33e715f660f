import { expect, test } from "vitest";
import { Silence } from "../../../../src/platform/nats/silence.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

/** Asks once a second, and says after how many seconds it was too long, each time. */
function secondsOf(silence: Silence, clock: ManualClock, times: number): number[] {
  const found: number[] = [];
  for (let seconds = 0; found.length < times; seconds += 1) {
    if (silence.unanswered()) {
      found.push(seconds);
      seconds = 0;
    }
    clock.pass(1000);
  }
  return found;
}

test("a server is left after twenty seconds, the next ones after longer, and an answer begins that again", () => {
  const clock = new ManualClock();
  const silence = new Silence(clock);
  expect(secondsOf(silence, clock, 6)).toEqual([20, 41, 81, 161, 301, 301]);
  silence.answered();
  expect(secondsOf(silence, clock, 2)).toEqual([20, 41]);
});

test("an answer in between is an answer", () => {
  const clock = new ManualClock();
  const silence = new Silence(clock);
  for (let seconds = 0; seconds < 100; seconds += 1) {
    expect(silence.unanswered()).toBe(false);
    if (seconds % 10 === 0) silence.answered();
    clock.pass(1000);
  }
});
