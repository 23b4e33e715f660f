/**
 * Numbers that an attacker chooses, in seals that are signed and in the rows of the export, cost what their bytes cost, however large
 * they are, and what cannot be is named. Both verifiers come to the same end.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, vi } from "vitest";
import { TallymanError } from "../../src/platform/errors.ts";
import { pieceOfEvents } from "../../src/proof/format/piece-builder.ts";
import { parseSeal, sealedPiece, type Seal } from "../../src/proof/format/seal.ts";
import { ScratchFile } from "../../src/proof/verify/spilling/scratch.ts";
import { verifyExport, type Verified } from "../../src/proof/verify/verify.ts";
import { isInstalled } from "../support/commands.ts";
import { sampled } from "../support/effort.ts";
import { splunkJson } from "../support/proof/exports.ts";
import { ModelAgent, type Row } from "../support/proof/model-agent.ts";
import { comparable, lines, PythonVerifier } from "../support/proof/python-verifier.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const python = isInstalled("python3") ? new PythonVerifier() : undefined;
afterAll(() => python?.stop());

const end = Number.MAX_SAFE_INTEGER;
const powers = [31, 32, 43, 50, 63, 1000].map((exponent) => 2 ** exponent);
const extremes = [
  0,
  1,
  15,
  16,
  1023,
  1024,
  ...powers,
  end - 1024,
  end - 1,
  end,
  end + 1,
  -1,
  -end,
  0.5,
];
const extreme = fc.constantFrom(...extremes);
const number = fc.oneof(extreme, fc.nat(100), fc.nat({ max: end }));
/** From one number to a later one, nearly always: so that it is not refused, and has to be borne. */
const range = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(number, number) },
  {
    weight: 20,
    arbitrary: fc
      .tuple(
        fc.constantFrom(0, 5, 1000, 2 ** 43, end - 2000),
        fc.constantFrom(1, 40, 9000, 2 ** 40, end),
      )
      .map(([from, length]) => [from, Math.min(end, from + length)] as const),
  },
);
const time = fc.constantFrom(
  "0000-01-01T00:00:00.000Z",
  "0001-01-01T00:00:00.000Z",
  "1970-01-01T00:00:00.000Z",
  "2026-11-01T20:00:00.000000001Z",
  "2026-11-01T20:00Z",
  "9999-12-31T23:59:59.999Z",
);
/** One number of a seal, whichever comes at that place, or one of its times. */
const change = fc.record({ at: fc.nat(200), number, time: fc.option(time, { freq: 6 }) });
const lane = fc.constantFrom("known.1", "known.2", "aaaaaaaa.1", "aaaaaaaa.999999999999999");
const span = fc.record({ lane, range, raises: fc.nat(20).map((each) => each > 0) });
const first = fc.constantFrom(0, 7, 1000, 5000, 2 ** 43, end - 1024, end - 1, end);
const field = fc.oneof(extreme.map(String), fc.stringMatching(/^[0-9]{1,14}$/), fc.constant(""));
const value = fc.oneof({ weight: 4, arbitrary: field }, fc.array(field, { maxLength: 40 }));
const row = fc.record({ lane, block: value, at: fc.oneof(value, fc.nat(1023).map(String)) });
const attack = fc.record({
  changes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(change, { maxLength: 2 })),
  holes: fc.array(span, { maxLength: 4 }),
  tails: fc.array(span, { maxLength: 4 }),
  pieces: fc.array(fc.record({ lane, first }), { maxLength: 4 }),
  rows: fc.array(row, { maxLength: 8 }),
});
type Attack = typeof attack extends fc.Arbitrary<infer Each> ? Each : never;

/** Sets the numbers in a seal, one after the other as they come. */
function changed(seal: Seal, changes: Attack["changes"]): Seal {
  let text = JSON.stringify(seal);
  for (const { at, number: to, time: moment } of changes) {
    const pattern = moment === null ? /(?<=":)\d+/g : /(?<="(?:from|to)":)"[^"]+"/g;
    const found = [...text.matchAll(pattern)];
    const { index, 0: old } = found[at % found.length]!;
    const fresh = moment === null ? String(to) : JSON.stringify(moment);
    text = text.slice(0, index) + fresh + text.slice(index + old.length);
  }
  return JSON.parse(text) as Seal;
}

/** The export of an agent whose last seal was made by an attacker who has its key, with rows that he has put in. */
function attacked(agent: ModelAgent, { changes, holes, tails, pieces, rows }: Attack): Row[] {
  const last = agent.seals.at(-1)!;
  const seal = JSON.parse(last["_raw"]!) as Seal;
  const id = agent.rows[0]!["tally_lane"]!.slice(0, 8);
  const named = (of: string): string => of.replace("known", id);
  const moved = holes.flatMap(({ lane: of, range: [, to], raises }) => {
    const [part, epoch] = [named(of).slice(0, 8), Number(of.split(".")[1])];
    const about = { input: "i", stream: "s", output: "o", index: "main", first: 0 };
    return raises ? [{ lane: part, epoch, ...about, next: to }] : [];
  });
  const text = [Buffer.from("x")];
  const forged = agent.forge(
    changed(
      {
        ...seal,
        lanes: [...(seal.lanes ?? []), ...moved],
        holes: [
          ...(seal.holes ?? []),
          ...holes.map(({ lane: of, range: [from, to] }) => {
            return { lane: named(of), first: from, count: to - from, reason: "x" };
          }),
        ],
        tails: tails.map(({ lane: of, range: [from, to] }) => ({ lane: named(of), from, to })),
        blocks: [
          ...(seal.blocks ?? []),
          ...pieces.map(({ lane: of, first: at }) =>
            sealedPiece(named(of), { ...pieceOfEvents(0, text), first: at }),
          ),
        ],
      },
      changes,
    ),
    last,
  );
  const more = rows.map(({ lane: of, block, at }) => {
    const fields = { tally_lane: named(of), tally_block: block, tally_i: at };
    return { ...agent.rows[0]!, _time: "1", ...fields } as Row;
  });
  return [...agent.all.slice(0, -1), ...more, forged];
}

/** What ours says; undecided without findings where it cannot say anything. */
async function verified(file: string, root: string): Promise<Verified | undefined> {
  try {
    return await verifyExport({
      files: [file],
      roots: [root],
      is_json_equal: false,
      is_strict: false,
      progress: { expect: () => undefined, add: () => undefined },
    });
  } catch (cause) {
    if (cause instanceof TallymanError && cause.code === "verify_impossible") return undefined;
    throw cause;
  }
}

describe("extremes", () => {
  const agent = new ModelAgent({ seed: 3, lanes: 2, largest: 40 });
  agent.live(4);
  agent.seal("stop");

  sampled("extremes - cost what their bytes cost", { sample: 15, all: 100 }, async (numRuns) => {
    const file = join(temporaryDirectory(), "export.json");
    const append = vi.spyOn(ScratchFile.prototype, "append");
    const read = vi.spyOn(ScratchFile.prototype, "read");
    const property = fc.asyncProperty(attack, async (each) => {
      const rows = attacked(agent, each);
      writeFileSync(file, splunkJson(rows));
      append.mockClear();
      read.mockClear();
      const ours = await verified(file, agent.fingerprint);
      expect(append.mock.calls.length + read.mock.calls.length).toBeLessThan(20 * rows.length);
      const seal = parseSeal(rows.at(-1)!["_raw"]!);
      if ("fault" in seal) expect(ours?.classes["SEAL ALTERED"]).toBeDefined();
      const other = await python?.verdict(file, agent.fingerprint, false);
      if (other === undefined) return;
      expect(other.verdict).toBe(ours?.verdict ?? "undecided");
      const said = ours && comparable(ours);
      if (said !== undefined) expect(lines(other.findings)).toEqual(said);
    });
    await fc.assert(property, { numRuns });
    vi.restoreAllMocks();
  });
});
