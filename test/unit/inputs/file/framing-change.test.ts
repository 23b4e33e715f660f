/** A file whose checkpoint is of another framing, or has a state that is damaged: nothing is passed over, and it is logged. */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { markOf, usableCheckpoint } from "../../../../src/inputs/file/files/framing-marks.ts";
import { fileCheckpoint, fingerprintOf } from "../../../../src/inputs/file/files/identity.ts";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { follow } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";
import { toyFraming } from "../../../support/framing/toy-framing.ts";

const place = { offset: 7, tail: fingerprintOf(Buffer.from("one\ntwo")) };

/** What is left of a checkpoint with this mark, and what was logged. */
function taken(framing: unknown, framer = toyFraming) {
  const log = new CollectedLog();
  const written = fileCheckpoint.parse(JSON.parse(JSON.stringify({ ...place, framing })));
  const checkpoint = usableCheckpoint({ framer, log, input: "files" }, written, "/a.log");
  return { checkpoint, codes: [...log.codesAt("info"), ...log.codesAt("warn")] };
}

/** The state after the first line of the file, with this mark in the checkpoint. */
async function stateWith(path: string, framing: unknown): Promise<LedgerState> {
  const following = await follow({ paths: [path] });
  await following.lineCount(1);
  const { streams, ...rest } = await following.stop();
  const marked = streams.map((stream) => ({
    ...stream,
    checkpoint: { ...(stream.checkpoint as object), framing },
  }));
  return { ...rest, streams: marked };
}

describe("framing change", () => {
  it("framing change - a state is used by the framing that made it", () => {
    const mark = markOf(toyFraming, { separator: 59 });
    expect(taken(mark)).toEqual({ checkpoint: { ...place, framing: mark }, codes: [] });
    const boundary = markOf(toyFraming, undefined);
    expect(taken(boundary)).toEqual({ checkpoint: { ...place, framing: boundary }, codes: [] });
  });

  it("framing change - the default leaves no mark, as in states of older versions", () => {
    const lines = { ...toyFraming, id: "lines" };
    expect(markOf(lines, undefined)).toBeUndefined();
    expect(taken(undefined, lines)).toEqual({ checkpoint: place, codes: [] });
  });

  it.each([
    ["of another framing", { id: "json", state: { separator: 59 } }],
    ["of the same one with other options", { id: 'documents {"a":1}', state: { separator: 59 } }],
    ["of another framing that has no state there", { id: "json" }],
    ["of the default", undefined],
    ["of no framing, as it is damaged", 5],
    ["of no framing, as its id is none", { id: 5, state: { separator: 59 } }],
  ])("framing change - a mark %s is not used, and said", (_, mark) => {
    const checkpoint = { ...place, framing: { id: "documents" } };
    expect(taken(mark)).toEqual({ checkpoint, codes: ["file_framing_changed"] });
  });

  it.each([null, 5, "59", [], { separator: "59" }, { separator: null }])(
    "framing change - the damaged state %j is not used, and said",
    (state) => {
      const damaged = taken({ id: "documents", state });
      const checkpoint = { ...place, framing: { id: "documents" } };
      expect(damaged).toEqual({ checkpoint, codes: ["file_framing_state_invalid"] });
    },
  );

  it("framing change - at the beginning of a file there is nothing to say", () => {
    const log = new CollectedLog();
    const start = { offset: 0, tail: fingerprintOf(Buffer.alloc(0)), framing: { id: "json" } };
    usableCheckpoint({ framer: toyFraming, log, input: "files" }, start, "/a.log");
    expect(log.codesAt("info")).toEqual([]);
  });

  it.each([{ id: "documents", state: { separator: 59 } }, "damaged", { id: "lines", state: 5 }])(
    "framing change - a file goes on at its offset after the mark %j",
    async (mark) => {
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, "one\n");
      const state = await stateWith(path, mark);
      appendFileSync(path, "two\nthree\n");
      const following = await follow({ paths: [path], state });
      await following.lineCount(2);
      const after = await following.stop();
      expect(following.lines).toEqual(["two", "three"]);
      expect(following.log.codesAt("error")).toEqual([]);
      expect(after.streams).toHaveLength(1);
      expect(after.streams[0]!.checkpoint).not.toHaveProperty("framing");
    },
  );
});
