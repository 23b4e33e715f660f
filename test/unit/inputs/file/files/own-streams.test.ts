/** What is left of a file input whose place another has taken: nothing that it finds out later is booked. */
import { expect, test } from "vitest";
import { OwnStreams } from "../../../../../src/inputs/file/files/own-streams.ts";
import { Ledger } from "../../../../../src/ledger/ledger.ts";

test("own streams - nothing reaches the ledger after the hand-over", () => {
  const ledger = new Ledger();
  const former = new OwnStreams("files", ledger);
  const stream = former.open({ kind: "file" }, { offset: 0 });
  former.lose("deleted", 10);
  former.handOver();
  const state = JSON.stringify(ledger.snapshot().state);
  for (const call of [
    () => former.all(),
    () => former.open({}, {}),
    () => former.forget(stream),
    () => former.lose("truncated", 10),
  ]) {
    expect(call).toThrow("handed over");
  }
  expect(JSON.stringify(ledger.snapshot().state)).toBe(state);
  expect(new OwnStreams("files", ledger).all()).toEqual([stream]);
});
