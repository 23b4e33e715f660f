/** The writer of the log: nobody waits for its reader, and what its reader missed is counted where it is missing. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LogWriter, placeOf, type LogPlace } from "../../../../src/platform/process/log-writer.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const leftOut = (lines: number): string => `${lines} left out\n`;

/** A pipe of the file system, opened so that nobody waits. Its reader takes what it is asked to. */
function pipe(): { place: LogPlace; read: () => string } {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  // Both ends, so that opening the other waits for nobody.
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const fd = openSync(path, "w");
  onTestFinished(() => [reader, fd].forEach(closeSync));
  const buffer = Buffer.alloc(64 * 1024);
  const read = (): string => {
    try {
      return buffer.toString("utf8", 0, readSync(reader, buffer));
    } catch {
      // EAGAIN: there is nothing in it.
      return "";
    }
  };
  return { place: placeOf(fd, false), read };
}

const linesOf = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${from + at} ${"x".repeat(1000)}\n`);

test("log writer - a pipe that nobody reads holds up nobody; the newest lines are kept, the others counted in their place", () => {
  const clock = new ManualClock();
  const { place, read } = pipe();
  const writer = new LogWriter({ place, clock, leftOut });
  const count = 5000;
  for (const line of linesOf(0, count)) writer.write(line);
  let text = read();
  for (let turns = 0; turns < 1000 && !text.endsWith(linesOf(count - 1, 1)[0]!); turns += 1) {
    clock.pass(50);
    text += read();
  }
  const lines = text.split("\n").slice(0, -1);
  const at = lines.findIndex((line) => line.endsWith("left out"));
  const left_out = Number.parseInt(lines[at]!, 10);
  expect(lines.filter((line) => line.endsWith("left out"))).toHaveLength(1);
  expect(left_out).toBeGreaterThan(3000);
  const numbers = lines.toSpliced(at, 1).map((line) => Number.parseInt(line, 10));
  const all = Array.from({ length: count }, (_, number) => number);
  expect(numbers).toEqual(all.toSpliced(at, left_out));
  writer.close();
});

test("log writer - its flush waits for its reader, but not for long, and its end for what is read at last", async () => {
  const { place, read } = pipe();
  const writer = new LogWriter({ place, clock: systemClock, leftOut });
  for (const line of linesOf(0, 100)) writer.write(line);
  writer.flush(20);
  const ended = writer.end();
  let text = read();
  while (!text.endsWith(linesOf(99, 1)[0]!)) text += read() + (await later());
  await ended;
  expect(text).toBe(linesOf(0, 100).join(""));
});

/** Lets the writer try once more. */
async function later(): Promise<string> {
  await systemClock.sleep(1);
  return "";
}

test("log writer - a full disk costs lines, which are counted once there is room; a reader that is gone costs them all", async () => {
  const clock = new ManualClock();
  const written: string[] = [];
  let fault: string | undefined = "ENOSPC";
  const writeSome = (bytes: Buffer): number => {
    if (fault !== undefined) throw Object.assign(new Error(fault), { code: fault });
    written.push(bytes.toString());
    return bytes.length;
  };
  let released = 0;
  const place = { writeSome, release: () => void (released += 1) };
  const writer = new LogWriter({ place, clock, leftOut });
  writer.write("one\n");
  writer.write("two\n");
  clock.pass(50);
  fault = undefined;
  writer.write("three\n");
  clock.pass(50);
  expect(written.join("")).toBe("2 left out\nthree\n");
  fault = "EPIPE";
  writer.write("four\n");
  writer.write("five\n");
  await writer.end();
  expect([written.length, released]).toEqual([1, 1]);
});

test("log writer - what a file got before a flush is there after it, and the rest at the end, in order", async () => {
  const path = join(temporaryDirectory(), "log");
  const fd = openSync(path, "a");
  onTestFinished(() => closeSync(fd));
  const writer = new LogWriter({ place: placeOf(fd, false), clock: systemClock, leftOut });
  writer.write("one\n");
  writer.write("two\n");
  writer.flush(1000);
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  writer.write("three\n");
  await writer.end();
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
});
