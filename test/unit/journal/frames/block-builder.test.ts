/** Blocks out of frames: nothing of a frame that makes no sense gets into them. */
import { expect, test } from "vitest";
import { BlockBuilder, KnownMetadata } from "../../../../src/journal/frames/block-builder.ts";
import {
  entry_kinds,
  metadataEntry,
  redactionEntry,
} from "../../../../src/journal/frames/entries.ts";

const no_time = [0];
const metadata_0 = [0, 0, 0, 0];
const record = [1, 0, 0, 0, 0x31];

const metadata = metadataEntry(Buffer.from('{"host":"weka-1"}'));
const event = Buffer.from([entry_kinds.event, ...metadata_0, ...no_time, ...record]);
const truncated = Buffer.concat([
  Buffer.from([entry_kinds.truncated_event, ...metadata_0, ...no_time]),
  Buffer.alloc(6 + 32, 1),
  Buffer.from(record),
]);
const unknown = Buffer.from([99]);

test("block builder - takes nothing of a frame whose entries make no sense", () => {
  const builder = new BlockBuilder(new KnownMetadata());
  const bad = Buffer.concat([metadata, truncated, unknown]);
  expect(builder.addFrame(bad, 0, bad.length, 1)).toBe(false);
  const good = Buffer.concat([metadata, event]);
  expect(builder.addFrame(good, 0, good.length, 1)).toBe(true);
  expect(builder.known).toEqual([{ metadata: { host: "weka-1" }, time: "" }]);
  expect(builder.truncations.size).toBe(0);
  expect(builder.record_bytes).toBe(1);
});

test("block builder - takes no frame that says another number of events than it has", () => {
  const builder = new BlockBuilder(new KnownMetadata());
  const bytes = Buffer.concat([metadata, event]);
  expect(builder.addFrame(bytes, 0, bytes.length, 2)).toBe(false);
  expect(builder.known).toEqual([]);
});

test("block builder - says from which record on events have been through which redact steps", () => {
  const builder = new BlockBuilder(new KnownMetadata());
  const steps = "0123456789abcdef";
  const without = Buffer.concat([metadata, event]);
  const tagged = Buffer.concat([metadata, event, event, redactionEntry(steps)]);
  const bad = Buffer.concat([redactionEntry("aaaaaaaaaaaaaaaa"), unknown]);
  expect(builder.addFrame(without, 0, without.length, 1)).toBe(true);
  expect(builder.addFrame(tagged, 0, tagged.length, 2)).toBe(true);
  expect(builder.addFrame(bad, 0, bad.length, 1)).toBe(false);
  expect(builder.addFrame(tagged, 0, tagged.length, 2)).toBe(true);
  expect(builder.addFrame(without, 0, without.length, 1)).toBe(true);
  expect(builder.redacted).toEqual([
    { from: 0, steps: "" },
    { from: 1, steps },
    { from: 5, steps: "" },
  ]);
});
