/**
 * What a file ends with that has no end: it is shipped once when the file has been unchanged for long enough, and never
 * while a writer may be in the middle of it.
 */
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../support/files/file-following.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const minute_ms = 60_000;
const whole = '{"time":"2025-03-21T06:37:27Z","n":1}';

interface Followed {
  readonly path: string;
  readonly following: FileFollowing;
  /** Lets so much time pass, and waits until the files were looked at then. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Waits until so many records came, while time passes. */
  readonly count: (records: number) => Promise<void>;
}

/** Follows a file of these bytes on a clock that stands still. */
async function followed(
  bytes: Buffer | string,
  options: { state?: LedgerState; path?: string; [option: string]: unknown } = {},
): Promise<Followed> {
  const { path = join(temporaryDirectory(), "audit.log"), ...rest } = options;
  writeFileSync(path, bytes);
  const clock = new ManualClock();
  const following = await follow({ paths: [path], clock, poll_interval: "1s", ...rest });
  const status = () => following.input.status().files.files[0];
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  await eventually(() => status()?.size_bytes === Buffer.byteLength(bytes));
  await turns();
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 1000) {
      clock.pass(Math.min(1000, milliseconds - passed));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let look = 0; look < 3; look += 1) {
      await turns();
      clock.pass(1000);
    }
    await turns();
  };
  const count = (records: number): Promise<void> =>
    eventually(() => {
      clock.pass(500);
      return following.records.length >= records;
    });
  return { path, following, pass, count };
}

function recordsOf({ following }: Followed): [string, boolean][] {
  return following.records.map(({ bytes, is_unfinished }) => [bytes.toString(), is_unfinished]);
}

test("quiet ends - a whole document without a line end is shipped after a minute, once, as unfinished", async () => {
  const file = await followed(whole);
  await file.pass(minute_ms - 10_000);
  expect(recordsOf(file)).toEqual([]);
  const [waiting] = file.following.input.status().files.files;
  expect(waiting).toMatchObject({ unfinished_bytes: whole.length });
  expect(waiting!.unfinished_at_ms).toBeTypeOf("number");
  await file.pass(10_000);
  await file.count(1);
  expect(recordsOf(file)).toEqual([[whole, true]]);
  expect(file.following.input.status().files.files[0]).toMatchObject({
    lag_bytes: 0,
    unfinished_bytes: 0,
    state: "live",
  });
  await file.pass(2 * minute_ms);
  appendFileSync(file.path, `\n{"n":2}\n`);
  await file.count(2);
  expect(recordsOf(file)).toEqual([
    [whole, true],
    ['{"n":2}', false],
  ]);
});

test.each([
  ["a part of a document", '{"n":1},{"n":2'],
  ["more than one document", '{"n":1} {"n":2}'],
  ["text", "03:12:44 sshd: session opened for us"],
  ["a number, which may have more digits", "12"],
  ["an array, whose closing bracket may be written over", '[{"n":1}]'],
  ["a text, which nobody needs to end", '"done"'],
  ["brackets that do not match", '{"n":[1}'],
])("quiet ends - by default %s is not shipped, however long it waits", async (_, text) => {
  const file = await followed(`first\n${text}`);
  await file.pass(3 * minute_ms);
  expect(recordsOf(file)).toEqual([["first", false]]);
  expect(file.following.input.status().files.files[0]).toMatchObject({
    unfinished_bytes: text.length,
  });
  appendFileSync(file.path, " end\n");
  await file.count(2);
  expect(recordsOf(file).at(-1)).toEqual([`${text} end`, false]);
});

test("quiet ends - with flush_after anything is shipped, and what comes after it is a record of its own", async () => {
  const file = await followed("first\nsecond, a pa", { flush_after: "10s" });
  await file.pass(5000);
  expect(recordsOf(file)).toEqual([["first", false]]);
  await file.count(2);
  expect(recordsOf(file).slice(1)).toEqual([["second, a pa", true]]);
  appendFileSync(file.path, "rt of it\nthird\n");
  await file.count(4);
  expect(recordsOf(file).slice(2)).toEqual([
    ["rt of it", false],
    ["third", false],
  ]);
});

test("quiet ends - a file that grows is not quiet", async () => {
  const file = await followed("slow", { flush_after: "10s" });
  for (const text of [" and", " slower", " to its end"]) {
    await file.pass(5000);
    appendFileSync(file.path, text);
  }
  await file.pass(1000);
  appendFileSync(file.path, "\n");
  await file.count(1);
  expect(recordsOf(file)).toEqual([["slow and slower to its end", false]]);
});

test("quiet ends - NUL bytes that a writer has allocated behind it are left to be filled", async () => {
  const file = await followed(`${whole}${"\0".repeat(1000)}`);
  await file.count(1);
  expect(recordsOf(file)).toEqual([[whole, true]]);
  truncateSync(file.path, whole.length);
  appendFileSync(file.path, `\n{"n":2}\n${"\0".repeat(991)}`);
  await file.count(2);
  expect(recordsOf(file).map(([text]) => text)).toEqual([whole, '{"n":2}']);
  expect(file.following.lost_bytes).toBe(0);
});

test.each([
  ["", 0],
  ["NUL bytes behind it", 600 * 1024],
])("quiet ends - a document longer than what is read at once, %s", async (_, nuls) => {
  const long = `{"n":"${"x".repeat(700 * 1024)}"}`;
  const file = await followed(long + "\0".repeat(nuls));
  await file.count(1);
  expect(recordsOf(file).map(([text, unfinished]) => [text.length, unfinished])).toEqual([
    [long.length, true],
  ]);
  const cut = await followed(long.slice(0, -1) + "\0".repeat(nuls));
  await cut.pass(minute_ms);
  expect(recordsOf(cut)).toEqual([]);
});

test("quiet ends - after a restart what was shipped is not shipped again, and what waits is", async () => {
  const first = await followed(whole);
  await first.count(1);
  const state = await first.following.stop();
  const second = await followed(`${whole}{"n":2}`, { state, path: first.path });
  await second.count(1);
  expect(recordsOf(second)).toEqual([['{"n":2}', true]]);
});

test("quiet ends - the rest of a document that was shipped unfinished is never a record of its own", async () => {
  const file = await followed('{"n":1}\n{"outer": ', { flush_after: "10s", framing: "json" });
  await file.count(2);
  appendFileSync(file.path, '{"inner":1}}\n{"n":2}\n');
  await file.count(4);
  expect(recordsOf(file).map(([text]) => text)).toEqual([
    '{"n":1}',
    '{"outer": ',
    '{"inner":1}}\n',
    '{"n":2}',
  ]);
});
