/** What a header says of a record: its metadata, without what is secret in the header's text. */
import { expect, it } from "vitest";
import { Records, type RecordHeader } from "../../../src/event/block.ts";
import { headerMask } from "../../../src/event/header-mask.ts";

const mask = headerMask((text) => text.replace("hunter2", "[REDACTED]"));

function metadataOf(...headers: RecordHeader[]) {
  const records = new Records({
    origin: { input: "a", stream: "b", metadata: { host: "here" } },
    bytes: Buffer.from("x"),
    starts: Int32Array.of(...headers.map(() => 0)),
    ends: Int32Array.of(...headers.map(() => 1)),
    count: headers.length,
    offset: 0,
    read_at_ms: 0,
    known: headers.map((header) => ({ header })),
  });
  return headers.map((_, number) => records.metadataOf(number, mask));
}

const from = { text: "web hunter2", parts: [{ field: "a", names: [], values: ["hunter2"] }] };

it("header - with nothing but a time leaves the metadata of the input", () => {
  expect(metadataOf({ timestamp: "1" }, { timestamp: "2" })).toEqual([
    { host: "here" },
    { host: "here" },
  ]);
});

it("header - what of it is secret is masked, and a flag that is added to it stays", () => {
  const fields = { a: "hunter2", b: 1 };
  expect(
    metadataOf(
      { host: "web", fields, from },
      { host: "hunter2", fields: { ...fields, flag: true }, from },
    ),
  ).toEqual([
    { host: "web", fields: { a: "[REDACTED]", b: 1 } },
    { host: "here", fields: { a: "[REDACTED]", b: 1, flag: true } },
  ]);
});
