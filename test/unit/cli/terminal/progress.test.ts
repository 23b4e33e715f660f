/** What is shown of the progress of a command, and that it is shown late, on a terminal only, and taken away. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clearProgress, Progress } from "../../../../src/cli/terminal/progress.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";

const MiB = 1024 * 1024;
const clear_line = "\r\u001b[K";
let written: string[] = [];
const had_terminal = process.stdout.isTTY;

beforeEach(() => {
  written = [];
  process.stdout.isTTY = true;
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});

afterEach(() => {
  clearProgress();
  vi.restoreAllMocks();
  process.stdout.isTTY = had_terminal;
});

test("progress - nothing for a second, then percent, sizes, rate and what is left, and it is taken away", () => {
  const clock = new ManualClock();
  const progress = new Progress(clock);
  progress.expect(60 * MiB);
  progress.expect(40 * MiB);
  clock.pass(900);
  progress.add(10 * MiB);
  expect(written).toEqual([]);
  clock.pass(100);
  progress.add(10 * MiB);
  // Too soon to draw again.
  progress.add(10 * MiB);
  const line = `  reading: 20 %, 20.0 MiB of 100.0 MiB, 20.0 MiB/s, 4 s left`;
  expect(written).toEqual([`${clear_line}${line}`]);
  clearProgress();
  clearProgress();
  expect(written.slice(1)).toEqual([clear_line]);
});

test.each([
  ["whose size nobody knows", undefined, "reading: 5.0 MiB, 2.5 MiB/s"],
  ["that has grown", MiB, "reading: 100 %, 5.0 MiB of 5.0 MiB, 2.5 MiB/s, 0 s left"],
  ["that is long", 100_000 * MiB, "reading: 0 %, 5.0 MiB of 97.7 GiB, 2.5 MiB/s, 11 h 7 min left"],
])("progress - of what %s", (_, expected, line) => {
  const clock = new ManualClock();
  const progress = new Progress(clock);
  progress.expect(expected);
  clock.pass(2000);
  progress.add(5 * MiB);
  expect(written).toEqual([`${clear_line}  ${line}`]);
});

test("progress - none where there is no terminal", () => {
  process.stdout.isTTY = false;
  const clock = new ManualClock();
  const progress = new Progress(clock, { what: "arrived", unit: "events" });
  clock.pass(2000);
  progress.set(5, 10);
  clearProgress();
  expect(written).toEqual([]);
});
