import { hash } from "node:crypto";
import { expect, it } from "vitest";
import { Verdict } from "../../../../../src/event/event.ts";
import { knownOf } from "../../../../../src/inputs/framing/contract/found.ts";
import { MadeFound } from "../../../../../src/inputs/framing/contract/made-found.ts";

const event_bytes_max = 8;

function foundIn(text: string): MadeFound {
  const bytes = Buffer.from(text);
  const positions = { starts: new Int32Array(4), ends: new Int32Array(4), event_bytes_max };
  return new MadeFound({ bytes, from: 0, is_last: false, state: undefined }, positions);
}

function recordsOf(found: MadeFound, starts: number, ends: number): string {
  return found.made!.bytes.toString("latin1", starts, ends);
}

it("made found - joins pieces, keeps where each record began, and lets go of what is discarded", () => {
  const bytes = Buffer.from("ab.cd.ef");
  const positions = { starts: new Int32Array(4), ends: new Int32Array(4), event_bytes_max };
  const found = new MadeFound({ bytes, from: 0, is_last: false, state: undefined }, positions);
  found.append(bytes, 0, 2);
  found.append(bytes, 3, 5);
  found.finish(0, { fields: { stream: "stdout" } });
  found.append(bytes, 0, 8);
  found.discard();
  found.append(bytes, 6, 8);
  found.finish(6);
  const { starts, ends } = positions;
  const texts = [0, 1].map((n) => recordsOf(found, starts[n]!, ends[n]!));
  expect(texts).toEqual(["abcd", "ef"]);
  expect(found.made!.offsets).toEqual([0, 6]);
  expect(found.headers?.get(0)).toEqual({ fields: { stream: "stdout" } });
  expect(found.headers?.has(1)).toBe(false);
});

it("made found - cuts what is longer than an event by what was made, and not by the window's bytes", () => {
  const found = foundIn("x");
  found.append(Buffer.from("0123456789"), 0, 10);
  found.finish(0);
  expect(found.truncations?.get(0)?.original_bytes).toBe(10);
});

it("made found - grows beyond its first buffer", () => {
  const found = foundIn("x");
  const piece = Buffer.alloc(50_000, "y");
  for (let round = 0; round < 4; round += 1) found.append(piece, 0, piece.length);
  found.finish(0);
  expect(found.made!.bytes.toString("latin1", 0, 200_000)).toBe("y".repeat(200_000));
});

it("made found - gives out nothing but length and hash of what is withheld, and goes on behind it", () => {
  const bytes = Buffer.from("secret\r!");
  const positions = { starts: new Int32Array(4), ends: new Int32Array(4), event_bytes_max };
  const found = new MadeFound({ bytes, from: 0, is_last: false, state: undefined }, positions);
  const verdict = new Verdict("quarantined", "why");
  found.append(bytes, 0, 7);
  found.dropLast(13);
  found.withhold(3, verdict);
  found.append(bytes, 7, 8);
  found.refuseMade(7, verdict);
  const { starts, ends } = positions;
  const texts = [0, 1].map((n) => recordsOf(found, starts[n]!, ends[n]!));
  expect(texts).toEqual(["", "!"]);
  expect(found.truncations).toEqual(
    new Map([[0, { original_bytes: 6, original_sha256: hash("sha256", "secret") }]]),
  );
  expect(found.verdicts?.size).toBe(2);
  const known = knownOf(found);
  expect(known?.map((each) => each?.kept?.text)).toEqual([null, undefined]);
});
