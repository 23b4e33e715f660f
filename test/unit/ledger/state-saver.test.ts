/** The saver of the state, on a real disk. */
import { existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { StateFile } from "../../../src/ledger/state-file.ts";
import { StateSaver } from "../../../src/ledger/state-saver.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { silentLogger } from "../../../src/platform/log.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

function openSaver(directory: string, bytes_max = 1000) {
  const ledger = new Ledger();
  const file = new StateFile(directory);
  const facts = {
    ledger,
    file,
    clock: systemClock,
    log: silentLogger,
    unsaved_bytes_max: () => bytes_max,
  };
  const saver = new StateSaver(facts);
  onTestFinished(() => saver.close());
  return { ledger, file, saver };
}

test("state saver - writes a checkpoint soon after it moved, for tallyman's user alone", async () => {
  const directory = temporaryDirectory();
  const { ledger, file } = openSaver(directory);
  const stream = ledger.openStream("a", { path: "/x" }, 0);
  stream.open(1, 10, 10).settle(ledger.account("delivered", "splunk"), 1);
  await eventually(async () => (await file.read())?.streams[0]?.checkpoint === 10);
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  await eventually(() => ledger.unsavedBytes("a") === 0);
});

test("state saver - has no room while too much is unsaved, and has again once it is written", async () => {
  const { ledger, saver } = openSaver(temporaryDirectory(), 100);
  const stream = ledger.openStream("a", {}, 0);
  const receipt = stream.open(1, 100, 100);
  const room = saver.room("a");
  expect(room).toBeInstanceOf(Promise);
  expect(saver.room("b")).toBeUndefined();
  receipt.settle(ledger.account("delivered", "splunk"), 1);
  await room;
  expect(saver.room("a")).toBeUndefined();
});

test("state saver - keeps on trying while the file cannot be written, and writes it when it can", async () => {
  const directory = temporaryDirectory();
  // A directory in the place of the temporary file makes every write fail, for root as well.
  mkdirSync(join(directory, "state.json.new", "in-the-way"), { recursive: true });
  const { ledger, file, saver } = openSaver(directory, 100);
  ledger.openStream("a", {}, 0).open(1, 100, 7).settle(ledger.account("delivered", "splunk"), 1);
  const room = saver.room("a");
  expect(room).toBeInstanceOf(Promise);
  await systemClock.sleep(50);
  expect(existsSync(file.path)).toBe(false);
  rmdirSync(join(directory, "state.json.new", "in-the-way"));
  rmdirSync(join(directory, "state.json.new"));
  await room;
  expect((await file.read())?.streams[0]?.checkpoint).toBe(7);
});

test("state saver - says to a stream which of its checkpoints is safely written, and only then", async () => {
  const directory = temporaryDirectory();
  const ledger = new Ledger();
  const file = new StateFile(directory);
  const told: unknown[] = [];
  const facts = {
    ledger,
    file,
    clock: systemClock,
    log: silentLogger,
    unsaved_bytes_max: () => 1000,
  };
  const saver = new StateSaver(facts);
  onTestFinished(() => saver.close());
  mkdirSync(join(directory, "state.json.new", "in-the-way"), { recursive: true });
  const stream = ledger.openStream("a", {}, 0);
  stream.onSaved = (checkpoint) => told.push(checkpoint);
  stream.open(1, 10, 5).settle(ledger.account("delivered", "splunk"), 1);
  await saver.close();
  expect(told).toEqual([]);
  rmdirSync(join(directory, "state.json.new", "in-the-way"));
  rmdirSync(join(directory, "state.json.new"));
  await saver.close();
  expect(told).toEqual([5]);
  expect((await file.read())?.streams[0]?.checkpoint).toBe(5);
});

test("state saver - writes the last change when it is closed", async () => {
  const directory = temporaryDirectory();
  const { ledger, file, saver } = openSaver(directory);
  ledger.openStream("a", {}, 0).open(1, 10, 99).settle(ledger.account("delivered", "splunk"), 1);
  await saver.close();
  expect((await file.read())?.streams[0]?.checkpoint).toBe(99);
});

test("state saver - writes at its end what only waited for another write", async () => {
  const { ledger, file, saver } = openSaver(temporaryDirectory());
  const stream = ledger.openStream("a", { size: 1 }, 0);
  await eventually(async () => (await file.read())?.streams.length === 1);
  stream.identity = { size: 2 };
  stream.identityNoted();
  await saver.close();
  expect((await file.read())?.streams[0]?.identity).toEqual({ size: 2 });
});
