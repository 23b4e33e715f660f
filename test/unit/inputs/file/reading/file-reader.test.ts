/** Single turns of reading, where a read fails in the middle of one. */
import { closeSync, openSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { FileFramers } from "../../../../../src/inputs/framing/decoding/file-framers.ts";
import { framings } from "../../../../../src/inputs/framing/framings.ts";
import { BlockPool } from "../../../../../src/inputs/file/files/block-pool.ts";
import { lookAt } from "../../../../../src/inputs/file/discovery/file-access.ts";
import { FileReader } from "../../../../../src/inputs/file/reading/file-reader.ts";
import { fingerprintOf } from "../../../../../src/inputs/file/files/identity.ts";
import { Roster } from "../../../../../src/inputs/file/files/roster.ts";
import { OwnStreams } from "../../../../../src/inputs/file/files/own-streams.ts";
import { Ledger } from "../../../../../src/ledger/ledger.ts";
import { systemClock } from "../../../../../src/platform/clock.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

it("file reader - a long line whose end was found before a read failed does not take in the next", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "audit.log");
  const line = "x".repeat(600 * 1024);
  writeFileSync(path, `${line}\nnext\n`);
  const descriptor = openSync(path, "r");
  onTestFinished(() => closeSync(descriptor));
  const roster = new Roster("files", new OwnStreams("files", new Ledger()), systemClock, {
    metadata: {},
  });
  const found = { path, directory, name: "audit.log", look: await lookAt(path) };
  const checkpoint = { offset: 0, tail: fingerprintOf(Buffer.alloc(0)) };
  const file = roster.create(found, "audit.log", { head: Buffer.alloc(0), checkpoint });
  const max_event_bytes = 1024 * 1024;
  const pool = new BlockPool(max_event_bytes);
  const reader = new FileReader(
    new FileFramers(framings.lines.framer({}, "file"), "auto"),
    pool,
    systemClock,
    max_event_bytes,
  );
  await reader.turn(file, descriptor);
  // What is left of a turn that found the line's end and could not read the line.
  file.long!.push(Buffer.from(`${line.slice(file.long!.scanned_bytes)}\nnext\n`));
  const { portion } = await reader.turn(file, descriptor);
  expect(portion!.bytes).toBe(line.length + 1);
  expect(Object.keys(portion!.checkpoint)).toEqual(["offset", "tail"]);
  const { bytes, starts, ends } = portion!.records!;
  expect(bytes.toString("latin1", starts[0], ends[0])).toBe(line);
  const rest = await reader.turn(file, descriptor);
  expect(portion!.bytes + rest.portion!.bytes).toBe(statSync(path).size);
});
