/**
 * Verifies an export: reads its seals, judges them, compares its events with them, and names what does not fit.
 *
 * The export is read twice, since seals and events come in any order; and a third time where events that belong together were
 * too far from each other.
 */
import { TallymanError } from "../../platform/errors.ts";
import { seal_sourcetype, signature_field } from "../format/place.ts";
import type { Seal, SealedBooks } from "../format/seal.ts";
import { Findings, type Finding } from "./findings/finding.ts";
import { RangeRoom } from "./findings/ranges.ts";
import { BlockTable } from "./places/block-table.ts";
import { textsOf } from "./places/cell.ts";
import { Cells } from "./places/cells.ts";
import { FirstLook } from "./places/first-look.ts";
import { LeafDigest } from "./places/leaf-digest.ts";
import { SealedLanes } from "./places/sealed-lanes.ts";
import { readExport, sizeOfExports } from "./reading/read-export.ts";
import { rawOf, type ExportRecord } from "./reading/record.ts";
import { CellJudge } from "./resolving/cell-judge.ts";
import { SecondLook } from "./resolving/gathering.ts";
import { nameFaults, type Counts } from "./resolving/naming.ts";
import { judgeUntouched } from "./resolving/untouched.ts";
import { judgeSeals, type Chain, type Judged } from "./seals/chains.ts";
import { FoundSeals } from "./seals/sealed.ts";
import { Scratch } from "./spilling/scratch.ts";

export interface VerifyOptions {
  readonly files: readonly string[];
  /** The fingerprints of the roots that are trusted. */
  readonly roots: readonly string[];
  /** In milliseconds: events and seals from before may be gone. */
  readonly retained_from?: number | undefined;
  /** In milliseconds: the seals should reach to then. */
  readonly until?: number | undefined;
  readonly is_json_equal: boolean;
  /** Whether repeats, tails and events without a place are findings, too. */
  readonly is_strict: boolean;
  readonly progress: Progress;
}

export interface Progress {
  /** So many bytes more are to be read. */
  expect(bytes: number): void;
  add(bytes: number): void;
}

/** What was verified of one agent's chain. */
export interface VerifiedChain {
  readonly agent: string;
  readonly chain: string;
  readonly root: string;
  readonly seals: number;
  readonly first_seal: number;
  readonly last_seal: number;
  readonly from: string;
  readonly to: string;
  /** The agent's own counts, as its last seal has them. */
  readonly books?: SealedBooks | undefined;
}

export interface Verified {
  /** clean: nothing speaks against the export. findings: something does. undecided: it is not all there. */
  readonly verdict: "clean" | "findings" | "undecided";
  readonly files: readonly string[];
  readonly roots: readonly string[];
  readonly chains: readonly VerifiedChain[];
  readonly counts: Counts;
  /** By class: how many, and how many events they are about. */
  readonly classes: Findings["counts"];
  /** The first thousand of each class. */
  readonly findings: readonly Finding[];
}

/**
 * What a line has in it that may be a seal: the end of a key, and a part of the source type. Short words that begin with a rare byte are
 * found several times as fast as the whole ones, since Node looks for that byte alone.
 */
const seal_words = [
  Buffer.from(`${signature_field.slice("tally".length)}"`),
  Buffer.from(seal_sourcetype.slice("tall".length, "tallyman:s".length)),
];

/** Verifies the files. Rejects with TallymanError verify_impossible where nothing can be said. */
export async function verifyExport(options: VerifyOptions): Promise<Verified> {
  const scratch = new Scratch();
  try {
    return await verify(options, scratch);
  } finally {
    scratch.closeAll();
  }
}

async function verify(options: VerifyOptions, scratch: Scratch): Promise<Verified> {
  const size = await sizeOfExports(options.files);
  options.progress.expect(2 * size);
  const findings = new Findings();
  const lanes = new SealedLanes(new BlockTable(scratch));
  const judged = await judgedSeals({ options, findings, lanes, scratch });
  const digest = new LeafDigest(options.is_json_equal);
  const cells = new Cells(digest);
  const room = new RangeRoom();
  const first = new FirstLook(lanes, cells, room);
  for (const file of options.files) {
    const take = (record: ExportRecord): void => first.take(record);
    const obstacles = await readExport(file, {
      take,
      room: (length) => cells.roomFor(length),
      progress: (bytes) => options.progress.add(bytes),
    });
    for (const detail of obstacles) {
      findings.add({ class: "EXPORT INCOMPLETE", file, detail: `${file}: ${detail}.` });
    }
  }
  const judge = new CellJudge(digest, { ...options, room });
  for (const cell of cells.left()) judge.judge({ ...cell, texts: textsOf(cell) });
  if (cells.again > 0) {
    options.progress.expect(size);
    const expected = { cells: cells.again, bytes: cells.bytes_per_cell };
    await lookAgain(options, {
      first,
      judge,
      lanes,
      look: new SecondLook(lanes, scratch, expected),
    });
  }
  judgeUntouched(lanes, judge);
  const { all, crowded } = lanes;
  const looked = { options, judged, lanes: all, crowded, first, cells, judge, digest, findings };
  const counts = nameFaults(looked);
  return {
    verdict: verdictOf(findings, options),
    files: options.files,
    roots: options.roots,
    chains: judged.chains.map(verifiedChain),
    counts,
    classes: findings.counts,
    findings: findings.kept,
  };
}

interface SealsAndLanes {
  readonly options: VerifyOptions;
  readonly findings: Findings;
  readonly lanes: SealedLanes;
  readonly scratch: Scratch;
}

/** Judges the seals of the export, and has `lanes` take those that hold. */
async function judgedSeals(all: SealsAndLanes): Promise<Judged> {
  const { options, findings, lanes, scratch } = all;
  const found = new FoundSeals(scratch);
  const { files, progress, roots } = options;
  for (const file of files) {
    await readExport(file, {
      take: (record) => {
        const { signature, sourcetype } = record;
        if (signature === undefined && sourcetype !== seal_sourcetype) return;
        found.add(rawOf(record), signature);
      },
      words: seal_words,
      progress: (bytes) => progress.add(bytes),
    });
  }
  if (found.chains.size === 0 && found.broken_count === 0) {
    throw impossible("there are no seals in the export; export the index of the seals, too");
  }
  if (found.has_too_many_keys || found.has_too_many_chains) {
    const what = found.has_too_many_keys ? "keys" : "chains";
    throw impossible(
      `the seals name more ${what} than can be looked at; export fewer agents at once`,
    );
  }
  const take = (seal: Seal, chain: Chain): void => lanes.take(seal, chain);
  const judged = judgeSeals(found, { ...options, take }, findings);
  for (const { agent, roots: others } of judged.strangers) {
    const named = others.length === 0 ? "no certificate" : `the root ${others.join(", ")}`;
    const detail = `There are seals of agent ${agent}, which names ${named}: not a root that was given.`;
    findings.add({ class: "UNKNOWN", agent, detail });
  }
  if (judged.chains.length > 0) return judged;
  const [stranger] = judged.strangers;
  if (stranger === undefined || findings.count("SEAL ALTERED") > 0) {
    throw impossible("no seal of the export holds, so there is nothing to compare its events with");
  }
  throw impossible(
    `no seal comes from ${roots.join(" or ")}; the seals of ${stranger.agent} name ` +
      (stranger.roots.length === 0
        ? "no root; export the seals of at least a day, since only some of them have the certificates"
        : `the root ${stranger.roots.join(", ")}`),
  );
}

interface Looks {
  readonly lanes: SealedLanes;
  readonly first: FirstLook;
  readonly judge: CellJudge;
  readonly look: SecondLook;
}

async function lookAgain(
  { files, progress }: VerifyOptions,
  { lanes, first, judge, look }: Looks,
): Promise<void> {
  const take = (record: ExportRecord): void => {
    const { place } = record;
    if (place === undefined) return;
    const { lane: name, number } = first.likeliest(place);
    const lane = lanes.all.get(name);
    if (lane !== undefined) look.add(lane, number, rawOf(record));
  };
  for (const file of files) {
    await readExport(file, { take, progress: (bytes) => progress.add(bytes) });
  }
  for (const cell of look.cells()) judge.judge(cell);
}

function verifiedChain({ agent, chain, root, seals, first, last, books }: Chain): VerifiedChain {
  return {
    agent,
    chain,
    root,
    seals,
    first_seal: first!.seal,
    last_seal: last!.seal,
    from: first!.from,
    to: last!.to,
    ...(books && { books }),
  };
}

function verdictOf(findings: Findings, { is_strict }: VerifyOptions): Verified["verdict"] {
  if (findings.count("EXPORT INCOMPLETE") > 0) return "undecided";
  return findings.speaksAgainst(is_strict) ? "findings" : "clean";
}

function impossible(message: string): TallymanError {
  return new TallymanError("verify_impossible", message);
}
