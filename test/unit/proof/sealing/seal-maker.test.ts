/** Seals are a chain over restarts, hold as much as they may, say each piece once, and are kept before anybody sees them. */
import { describe, expect, test } from "vitest";
import { KeptValues } from "../../../../src/ledger/lanes/kept-values.ts";
import { Lane } from "../../../../src/ledger/lanes/lane.ts";
import { bodyHash, parseSeal, type Seal } from "../../../../src/proof/format/seal.ts";
import { writeKeyFile } from "../../../../src/proof/keys/key-file.ts";
import { newKeys, ProofKeys } from "../../../../src/proof/keys/proof-keys.ts";
import { readKept, type WrittenSeal } from "../../../../src/proof/sealing/kept.ts";
import { SealMaker, type Signer } from "../../../../src/proof/sealing/seal-maker.ts";
import { Unsealed } from "../../../../src/proof/sealing/unsealed.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const start_ms = Date.UTC(2026, 10, 29, 12);
const books = { received: 0, made: 0, replayed: 0, in_flight: 0 };

async function keysOf(directory = temporaryDirectory()): Promise<ProofKeys> {
  await writeKeyFile(directory, newKeys("host-a", start_ms).file);
  return ProofKeys.load(directory);
}

/** As after a restart: with all that was kept. */
function restarted(keeper: KeptValues, signer: Signer) {
  const kept = readKept(keeper);
  const unsealed = new Unsealed({ keeper, granularity: () => "leaf" });
  unsealed.restore(kept, { goesOn: () => true, ended: [] });
  const maker = new SealMaker(keeper, unsealed, { signer, chain: kept.chain });
  const make = (now_ms = start_ms): WrittenSeal => {
    const seal = maker.make({ why: "interval", now_ms, config: "c0ffee", version: "1", books });
    unsealed.keep();
    return seal;
  };
  const deliver = (lane: Lane, count: number, holes: number[] = []): void => {
    const pieces = (lane.recorder ??= unsealed.opened(lane));
    for (let each = 0; each < count; each += 1) {
      pieces.record(lane.take().number, Buffer.from("x"), 0, 1);
    }
    lane.committed = lane.next;
    const spoiled = holes.map((number) => ({ number, reason: "too_large" }));
    unsealed.committed(lane, lane.next - count, spoiled);
    unsealed.cut();
  };
  return { unsealed, maker, make, deliver };
}

function laneOf(id: string): Lane {
  const of = { stream: "s", input: "audit", output: "splunk", index: undefined };
  return new Lane(id, 1, of, 0);
}

function idOf(number: number): string {
  const letter = (value: number): string => String.fromCharCode(97 + value);
  return `aa${letter(Math.floor(number / 26))}${letter(number % 26)}`;
}

function sealIn({ body }: WrittenSeal): Seal {
  const seal = parseSeal(body);
  if ("fault" in seal) throw new Error(seal.fault);
  return seal;
}

describe("seals", () => {
  test("seal maker - are a chain over restarts, and never run backwards", async () => {
    const signer = await keysOf();
    const keeper = new KeptValues();
    const first = restarted(keeper, signer);
    const made = [first.make(), first.make(start_ms + 60_000)];
    made.push(restarted(keeper, signer).make(start_ms));
    const seals = made.map(sealIn);
    expect(seals.map(({ seal }) => seal)).toEqual([0, 1, 2]);
    expect(new Set(seals.map(({ chain }) => chain)).size).toBe(1);
    expect(seals.map(({ prev }) => prev)).toEqual([
      "",
      ...made.slice(0, 2).map((each) => bodyHash(each.body)),
    ]);
    expect(seals[2]!.to).toBe(seals[1]!.to);
    // The certificates are in the first of each run.
    expect(seals.map(({ keys }) => keys !== undefined)).toEqual([true, false, true]);
    // Each is kept, until its journal has it.
    expect(readKept(keeper).seals).toEqual(made);
  });

  test("seal maker - a new key is shown with its first seal", async () => {
    const signer = await keysOf();
    const { make } = restarted(new KeptValues(), signer);
    make();
    const day_later_ms = start_ms + 25 * 60 * 60 * 1000;
    expect(signer.isDue(day_later_ms)).toBe(true);
    await signer.rotate(day_later_ms);
    const seal = sealIn(make(day_later_ms));
    expect(seal.key).toEqual(signer.entry);
    expect(seal.keys).toEqual(signer.keys);
    expect(sealIn(make(day_later_ms)).keys).toBeUndefined();
  });

  test("seal maker - however long the books are, what is delivered is sealed", async () => {
    const { maker, unsealed, deliver } = restarted(new KeptValues(), await keysOf());
    deliver(laneOf("aaaaaaaa"), 3);
    unsealed.left([{ lane: "bbbbbbbb.1", from: 7 }]);
    const reasons = Array.from({ length: 10_000 }, (_, number) => [
      `a plugin's reason ${number}`,
      1,
    ]);
    const filtered = Object.fromEntries(reasons) as Record<string, number>;
    const of = { why: "size", now_ms: start_ms, config: "c0ffee", version: "1" } as const;
    const seal = sealIn(maker.make({ ...of, books: { ...books, filtered } }));
    expect(seal.lanes).toMatchObject([{ lane: "aaaaaaaa", first: 0, next: 3 }]);
    expect(seal.tails).toMatchObject([{ lane: "bbbbbbbb.1", from: 7 }]);
    expect(maker.has_more).toBe(false);
  });

  test.each([
    { of: "one lane", names: ["aaaaaaaa"] },
    { of: "several", names: ["aaaaaaaa", "bbbbbbbb"] },
  ])(
    "seal maker - what is too much of $of for one seal goes into the next ones",
    async ({ names }) => {
      const keeper = new KeptValues();
      const { make, maker, deliver } = restarted(keeper, await keysOf());
      const lanes = names.map(laneOf);
      const count = 900 / lanes.length;
      for (const lane of lanes) for (let piece = 0; piece < count; piece += 1) deliver(lane, 1024);
      const seals: Seal[] = [];
      while (maker.has_more) {
        const written = make();
        expect(written.body.length).toBeLessThan(300 * 1024);
        seals.push(sealIn(written));
      }
      seals.push(sealIn(make()));
      expect(seals.length).toBeGreaterThan(1);
      for (const { name, id } of lanes) {
        const blocks = seals.flatMap((each) =>
          (each.blocks ?? []).filter(({ lane }) => lane === name),
        );
        expect(blocks.map(({ first }) => first)).toEqual(
          Array.from({ length: count }, (_, at) => at * 1024),
        );
        const moved = seals.flatMap((each) => (each.lanes ?? []).filter(({ lane }) => lane === id));
        expect(moved[0]!.first).toBe(0);
        expect(moved.at(-1)!.next).toBe(count * 1024);
        for (const [at, each] of moved.slice(1).entries()) expect(each.first).toBe(moved[at]!.next);
      }
      const { lanes: left, pieces } = readKept(keeper);
      expect([left, pieces]).toEqual([[], []]);
    },
  );

  test("seal maker - the certificates of years are shown by several seals, the latest first", async () => {
    const own = await keysOf();
    const [root, certificate] = own.keys;
    const certificates = Array.from({ length: 1826 }, (_, day) => {
      return { ...certificate!, name: `host-a/${day}`, by: `host-a/${day - 1}` };
    });
    const signer: Signer = {
      agent: "host-a",
      entry: { name: "host-a/1825", key: certificate!.key },
      keys: [root, ...certificates],
      from_ms: start_ms,
      isDue: () => false,
      rotate: () => Promise.resolve(),
      sign: () => "x",
    };
    const { make, deliver } = restarted(new KeptValues(), signer);
    const seals = Array.from({ length: 9 }, (_, minute) => {
      deliver(laneOf(`aaaa${idOf(minute)}`), 20);
      return make(start_ms + minute * 60_000);
    });
    for (const { body } of seals) expect(body.length).toBeLessThan(128 * 1024);
    const shown = seals.map(sealIn).map(({ keys = [] }) => keys.slice(1));
    expect(shown.map(({ length }) => length)).toEqual([300, 300, 300, 300, 300, 300, 26, 0, 0]);
    expect(shown.toReversed().flat()).toEqual(certificates);
    expect(seals.map(sealIn).map(({ blocks = [] }) => blocks.length)).toEqual(
      Array.from({ length: 9 }, () => 1),
    );
  });

  test("seal maker - an idle day takes less than 2 MB, and data a thousandth of itself more", async () => {
    const { make, deliver } = restarted(new KeptValues(), await keysOf());
    const of = { stream: "f".repeat(36), input: "s3_audit", output: "splunk", index: "s3_audit" };
    const lane = new Lane("aaaaaaaa", 1, of, 0);
    lane.source = "/var/log/weka/audit/s3-audit.log";
    deliver(lane, 1024);
    // What each of them is beside its body: signature, envelope and fields.
    const length = ({ body, sig }: WrittenSeal): number =>
      JSON.stringify(body).length + sig.length + 200;
    make();
    const idle = length(make(start_ms + 60_000));
    expect(idle * 24 * 60).toBeLessThan(2e6);
    for (let block = 0; block < 50; block += 1) deliver(lane, 1024);
    const data = length(make(start_ms + 120_000)) - idle;
    // Events of an audit log have about 1,060 bytes.
    expect(data / (50 * 1024 * 1060)).toBeLessThan(0.001);
  });

  test("seal maker - too many holes are left to the next seal, and those of one reason are one range", async () => {
    const { make, deliver } = restarted(new KeptValues(), await keysOf());
    const lane = laneOf("aaaaaaaa");
    deliver(lane, 6000, [10, 11, 12, ...Array.from({ length: 1500 }, (_, at) => 100 + 2 * at)]);
    const seals = [sealIn(make()), sealIn(make())];
    expect(seals[0]!.holes![0]).toMatchObject({ first: 10, count: 3, reason: "too_large" });
    expect(seals.map(({ holes = [] }) => holes.length)).toEqual([1000, 501]);
    expect(seals[0]!.lanes![0]!.next).toBe(seals[1]!.lanes![0]!.first);
    expect(seals[1]!.lanes![0]!.next).toBe(6000);
  });

  test("seal maker - looks only at lanes of which something is new", async () => {
    const { make, deliver, unsealed } = restarted(new KeptValues(), await keysOf());
    const lanes = Array.from({ length: 50 }, (_, at) => laneOf(`lane${idOf(at)}`));
    for (const lane of lanes) deliver(lane, 10);
    make();
    make();
    expect([...unsealed.ready]).toEqual([]);
    deliver(lanes[1]!, 1);
    // It waits for its delivery, and nobody looks at it.
    unsealed.opened(lanes[0]!).record(lanes[0]!.take().number, Buffer.from("x"), 0, 1);
    expect([...unsealed.ready].map(({ lane }) => lane.id)).toEqual(["laneaaab"]);
    expect(sealIn(make()).blocks).toMatchObject([{ lane: "laneaaab.1", first: 10, count: 1 }]);
  });
});
