/** The body of a seal: the exact bytes, and what is no seal. */
import { expect, test } from "vitest";
import { pieceOfEvents } from "../../../../src/proof/format/piece-builder.ts";
import {
  bodyHash,
  parseSeal,
  sealBody,
  sealedPiece,
  type Seal,
} from "../../../../src/proof/format/seal.ts";

const end = Number.MAX_SAFE_INTEGER;

const seal: Seal = {
  blocks: [sealedPiece("k7q2m5xa.1", pieceOfEvents(0, [Buffer.from("a")]))],
  tails: [],
  holes: [{ lane: "k7q2m5xa.1", first: 5, count: 1, reason: "too_large" }],
  lanes: [{ lane: "k7q2m5xa", epoch: 1, input: "i", stream: "s", output: "o", first: 0, next: 6 }],
  key: { name: "host-a/2026-11-29", key: Buffer.alloc(32, 7).toString("base64") },
  v: 1,
  agent: "host-a",
  chain: "0123456789abcdef",
  seal: 0,
  from: "2026-11-29T10:00:00.000Z",
  to: "2026-11-29T10:01:00.000Z",
  prev: "",
  why: "start",
  config: "ab12",
};

test("seal - the body is one line with its keys in order, without what is empty", () => {
  const body = sealBody(seal);
  expect(body).toBe(
    '{"v":1,"agent":"host-a","chain":"0123456789abcdef","seal":0,"from":"2026-11-29T10:00:00.000Z",' +
      '"to":"2026-11-29T10:01:00.000Z","prev":"","why":"start","config":"ab12",' +
      '"key":{"name":"host-a/2026-11-29","key":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="},' +
      '"lanes":[{"lane":"k7q2m5xa","epoch":1,"input":"i","stream":"s","output":"o","first":0,"next":6}],' +
      '"holes":[{"lane":"k7q2m5xa.1","first":5,"count":1,"reason":"too_large"}],' +
      '"blocks":[{"lane":"k7q2m5xa.1","first":0,"count":1,"sum":"QFt5nHlu53VpYFgNU1JFnJjYavFZxCP3UNZmcl3gdT4=","leaves":"XODDZylXXtg="}]}',
  );
  const { tails: _, ...rest } = seal;
  expect(parseSeal(body)).toEqual(rest);
  expect(sealBody(parseSeal(body) as Seal)).toBe(body);
  expect(bodyHash(body)).toBe("4G5czQ3R3F63c+PZ8k0IosztRwoS5HSZdvZVRJbDrBE=");
});

test.each<[string, object]>([
  ["another version", { v: 2 }],
  ["a number below zero", { seal: -1 }],
  ["no time", { to: "yesterday" }],
  ["a digest of another length", { prev: "AAAA" }],
  ["a key of another length", { key: { name: "k", key: "AAAA" } }],
  ["a line feed in a name", { agent: "a\nb" }],
  ["a piece beyond a block", { blocks: [{ ...seal.blocks![0], first: 1023, count: 2 }] }],
  ["a piece behind the last number", { blocks: [{ ...seal.blocks![0], first: end }] }],
  ["a number that is not exact", { seal: 2 ** 53 }],
  ["a time that not every language reads", { from: "0000-01-01T00:00:00.000Z" }],
  ["a lane that ends before it begins", { lanes: [{ ...seal.lanes![0], first: 7 }] }],
  ["an epoch that no event can have", { lanes: [{ ...seal.lanes![0], epoch: 10 ** 15 }] }],
  ["a hole that its lane has not reached", { holes: [{ ...seal.holes![0], count: 2 }] }],
  ["a hole of a lane that has not moved", { holes: [{ ...seal.holes![0], lane: "k7q2m5xa.2" }] }],
  ["a hole behind the last number", { holes: [{ ...seal.holes![0], count: end }] }],
  ["a tail that ends before it begins", { tails: [{ lane: "k7q2m5xa.1", from: 2, to: 1 }] }],
  ["more events than leaves", { blocks: [{ ...seal.blocks![0], count: 17 }] }],
  ["more events than locators", { blocks: [{ ...seal.blocks![0], events: "AAAA" }] }],
])("seal - %s is refused", (_, change) => {
  expect(parseSeal(JSON.stringify({ ...seal, ...change }))).toHaveProperty("fault");
});

test("seal - a hole of any size is one, where its lane has gone so far", () => {
  const lanes = [{ ...seal.lanes![0]!, next: end }];
  const holes = [{ ...seal.holes![0]!, count: end - 5 }];
  expect(parseSeal(sealBody({ ...seal, lanes, holes }))).toMatchObject({ holes });
});

test("seal - what is longer than any seal is none", () => {
  const body = sealBody({ ...seal, config: "x".repeat(17_000_000) });
  expect(parseSeal(body)).toEqual({ fault: "it is longer than any seal" });
});

test("seal - text that is no JSON is refused", () => {
  expect(parseSeal("{")).toEqual({ fault: "it is no JSON" });
});
