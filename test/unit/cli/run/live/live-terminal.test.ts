/** The terminal of a running agent that takes nothing for a while, or has gone away: nobody waits for it. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { LiveTerminal } from "../../../../../src/cli/run/live/live-terminal.ts";
import { TerminalWriter } from "../../../../../src/cli/terminal/screen/terminal-writer.ts";
import { ManualClock } from "../../../../support/clocks/manual-clock.ts";
import { ScreenModel } from "../../../../support/terminal/screen-model.ts";

/** A terminal that takes so many bytes; `broken` fails as one that has gone away. */
function setUp() {
  const screen = new ScreenModel(80, 24);
  const state = { room: Infinity, broken: false, attempts: 0, released: 0 };
  const writer = new TerminalWriter(
    (bytes) => {
      state.attempts += 1;
      if (state.broken) throw Object.assign(new Error("gone"), { code: "EIO" });
      if (state.room === 0) throw Object.assign(new Error("full"), { code: "EAGAIN" });
      const taken = Math.min(bytes.length, state.room);
      state.room -= taken;
      screen.write(bytes.subarray(0, taken).toString("latin1"));
      return taken;
    },
    () => (state.released += 1),
  );
  const clock = new ManualClock();
  const look = { colour: false, unicode: false };
  const terminal = new LiveTerminal({
    writer,
    look,
    clock,
    size: () => ({ width: 80, height: 24 }),
  });
  const log = (msg: string): void =>
    terminal.line(
      JSON.stringify({ level: "info", time: "2026-01-02T06:37:27.1Z", code: "books", msg }),
    );
  return { screen, state, clock, terminal, log };
}

const texts = ({ lines }: ScreenModel): string[] =>
  lines.filter((line) => line !== "").map((line) => line.replace("06:37:27 I ", ""));

test("live terminal - a terminal that is stopped gets the log later, and only the last view", () => {
  const { screen, state, terminal, log } = setUp();
  terminal.show(() => [["view 0"]]);
  state.room = 4;
  for (let round = 1; round < 10; round += 1) {
    log(`line ${round}`);
    terminal.show(() => [[`view ${round}`]]);
  }
  const stuck = state.attempts;
  state.room = Infinity;
  terminal.show(() => [["view 10"]]);
  const lines = Array.from({ length: 9 }, (_, at) => `line ${at + 1}`);
  expect(texts(screen)).toEqual([...lines, "view 10"]);
  // It tries once for each view, and not again and again.
  expect(stuck).toBeLessThan(25);
});

test("live terminal - lines that come together are painted once, soon after", () => {
  const { screen, state, clock, log } = setUp();
  for (let number = 0; number < 100; number += 1) log(`line ${number}`);
  expect(state.attempts).toBe(0);
  clock.pass(100);
  expect(state.attempts).toBe(1);
  expect(texts(screen)).toHaveLength(100);
});

test("live terminal - where too many lines wait, it says how many it has left out", () => {
  const { screen, state, terminal, log } = setUp();
  state.room = 0;
  for (let number = 0; number < 5000; number += 1) log("line");
  state.room = Infinity;
  terminal.flush();
  expect(texts(screen)).toHaveLength(1001);
  expect(texts(screen).at(-1)).toBe("4000 lines of the log left out");
});

test("live terminal - a terminal that has gone away is not written to any more, and nothing fails", async () => {
  const { state, terminal, log } = setUp();
  terminal.show(() => [["view"]]);
  state.broken = true;
  terminal.show(() => [["view"]]);
  const before = state.attempts;
  log("line");
  terminal.show(() => [["view"]]);
  await terminal.end();
  expect(state).toMatchObject({ attempts: before, released: 1 });
});

test("live terminal - at the end the view is gone and the log is whole; a stuck terminal holds it up for 2 s", async () => {
  const ends = setUp();
  ends.terminal.show(() => [["view"]]);
  ends.log("last");
  await ends.terminal.end();
  ends.log("too late");
  ends.terminal.show(() => [["view"]]);
  expect([texts(ends.screen), ends.state.released]).toEqual([["last"], 1]);

  const stuck = setUp();
  stuck.state.room = 0;
  stuck.log("last");
  const end = { is_over: false };
  const ended = stuck.terminal.end().then(() => (end.is_over = true));
  for (let looks = 0; !end.is_over; looks += 1) {
    expect(looks).toBeLessThanOrEqual(40);
    stuck.clock.pass(50);
    await setImmediate();
  }
  await ended;
  expect(stuck.state.released).toBe(1);
});
