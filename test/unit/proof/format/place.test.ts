/** Lanes and their ids. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { isLane, laneId, laneOf, laneParts } from "../../../../src/proof/format/place.ts";

test("place - a lane's id is the first 40 bits of a digest, in base32", () => {
  const parts = { agent: "host-a", stream: "s-1", output: "splunk", index: "main" };
  const digest = createHash("sha256").update('["host-a","s-1","splunk","main"]').digest();
  const bits = [...digest.subarray(0, 5)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const id = bits
    .match(/.{5}/g)!
    .map((five) => "abcdefghijklmnopqrstuvwxyz234567"[parseInt(five, 2)]);
  expect(laneId(parts)).toBe(id.join(""));
  expect(laneId(parts)).toBe("w4nguvnt");
  const { index: _, ...without } = parts;
  expect(laneId(without)).toBe(laneId({ ...parts, index: "" }));
  expect(laneId(without)).not.toBe(laneId(parts));
});

test("place - a lane has its epoch behind a point", () => {
  expect(laneParts(laneOf("k7q2m5xa", 12))).toEqual({ id: "k7q2m5xa", epoch: 12 });
  expect(isLane("k7q2m5xa.1")).toBe(true);
  for (const other of ["k7q2m5xa", "k7q2m5xa.0", "k7q2m5x.1", "k7q2m5x1.1", "k7q2m5xa.1 ", ""]) {
    expect(isLane(other), other).toBe(false);
  }
});
