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

const seal: Seal = {
  blocks: [sealedPiece("k7q2m5xa.1", pieceOfEvents(0, [Buffer.from("a")]))],
  tails: [],
  holes: [{ lane: "k7q2m5xa.1", first: 5, count: 1, reason: "too_large" }],
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
      '"holes":[{"lane":"k7q2m5xa.1","first":5,"count":1,"reason":"too_large"}],' +
      '"blocks":[{"lane":"k7q2m5xa.1","first":0,"count":1,"sum":"QFt5nHlu53VpYFgNU1JFnJjYavFZxCP3UNZmcl3gdT4=","leaves":"XODDZylXXtg="}]}',
  );
  const { tails: _, ...rest } = seal;
  expect(parseSeal(body)).toEqual(rest);
  expect(sealBody(parseSeal(body) as Seal)).toBe(body);
  expect(bodyHash(body)).toBe("nrgMahjdur/ALrHODomlIU42o7G4GkDVLPcHfKDc5EU=");
});

test.each<[string, object]>([
  ["another version", { v: 2 }],
  ["a number below zero", { seal: -1 }],
  ["no time", { to: "yesterday" }],
  ["a digest of another length", { prev: "AAAA" }],
  ["a key of another length", { key: { name: "k", key: "AAAA" } }],
  ["a line feed in a name", { agent: "a\nb" }],
  ["a piece beyond a block", { blocks: [{ ...seal.blocks![0], first: 1023, count: 2 }] }],
  ["more events than leaves", { blocks: [{ ...seal.blocks![0], count: 17 }] }],
  ["more events than locators", { blocks: [{ ...seal.blocks![0], events: "AAAA" }] }],
])("seal - %s is refused", (_, change) => {
  expect(parseSeal(JSON.stringify({ ...seal, ...change }))).toHaveProperty("fault");
});

test("seal - text that is no JSON is refused", () => {
  expect(parseSeal("{")).toEqual({ fault: "it is no JSON" });
});
