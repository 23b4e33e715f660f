/**
 * Makes seals: what is delivered and not sealed yet, as many bytes of it as one seal may have, chained to the seal before and
 * signed. A seal is in the state file, in one batch with what it takes out of there, before anybody sees it: after a crash the
 * same seal goes out, and never another one of its number.
 */
import { randomBytes } from "node:crypto";
import {
  bodyHash,
  sealBody,
  seal_version,
  type Hole,
  type Seal,
  type SealedBooks,
  type SealedLane,
  type SealedPiece,
} from "../format/seal.ts";
import { chain_name, nameOf, type ChainState, type Keeper, type WrittenSeal } from "./kept.ts";
import { lengthInSeal, type LanePieces } from "./lane-pieces.ts";
import type { Unsealed } from "./unsealed.ts";

const KiB = 1024;
/** What a body may be long, but for one lane or piece, and where all else that a seal says leaves less than `rest_min` of it. */
const body_length_max = 256 * KiB;
/** What is to be sealed always gets so much: else seals would be made without end, and none of it would be in any. */
const rest_min = 32 * KiB;
/**
 * Certificates in one seal, of about 330 bytes each: those of more days are left to the next ones. A body that has those of some years
 * would have no room for anything else.
 */
const certificates_max = 300;
/** Holes of one lane in one seal. More are left to the next one. */
const holes_max = 1000;

/** Who signs. */
export interface Signer {
  readonly agent: string;
  readonly entry: Seal["key"];
  readonly keys: NonNullable<Seal["keys"]>;
  /** From when on the current key signs. */
  readonly from_ms: number;
  /** Whether a seal of this time needs a new key. */
  isDue(time_ms: number): boolean;
  rotate(time_ms: number): Promise<void>;
  sign(body: string): string;
}

/** What a seal says beside what is sealed. */
export interface Occasion {
  readonly why: Seal["why"];
  readonly now_ms: number;
  /** Of the configuration in force. */
  readonly config: string | undefined;
  readonly version: string;
  readonly books: SealedBooks;
}

export class SealMaker {
  readonly #keeper: Keeper;
  readonly #unsealed: Unsealed;
  readonly #signer: Signer;
  #chain: ChainState | undefined;
  /** The key whose certificates are shown, and how many seals of this run have shown, from the latest on. */
  #shown = { key: "", certificates: 0 };

  constructor(
    keeper: Keeper,
    unsealed: Unsealed,
    { signer, chain }: { signer: Signer; chain: ChainState | undefined },
  ) {
    this.#keeper = keeper;
    this.#unsealed = unsealed;
    this.#signer = signer;
    this.#chain = chain;
  }

  /** The time that the next seal says: it never runs backwards. */
  timeOf(now_ms: number): number {
    return Math.max(now_ms, this.#chain?.to_ms ?? 0, this.#signer.from_ms);
  }

  /** Whether more is ready to be sealed than the last seal could take. */
  get has_more(): boolean {
    if (this.#unsealed.has_tails) return true;
    let length = 0;
    for (const pieces of this.#unsealed.ready) {
      // One lane may have more than a seal takes, and is not looked through for much more than that.
      for (const piece of pieces.sealable(2 * body_length_max)) length += lengthInSeal(piece);
      if (length > body_length_max) return true;
    }
    return false;
  }

  /** Makes the next seal and keeps it. The key must not be due. */
  make(occasion: Occasion): WrittenSeal {
    const chain = this.#chain ?? this.#newChain(occasion.now_ms);
    const to_ms = this.timeOf(occasion.now_ms);
    const { entry } = this.#signer;
    const keys = this.#keysToShow();
    const seal: Seal = {
      ...this.#head(occasion, { chain, to_ms }),
      ...(keys && { keys }),
      books: occasion.books,
    };
    const length_max = Math.max(body_length_max - sealBody(seal).length, rest_min);
    const tails = this.#unsealed.takeTails(length_max);
    const rest = length_max - JSON.stringify(tails).length;
    const body = sealBody({ ...seal, ...this.#contents(rest), tails });
    const written = { seal: chain.next, at_ms: to_ms, body, sig: this.#signer.sign(body) };
    const next = { ...chain, next: chain.next + 1, prev: bodyHash(body), to_ms, key: entry.name };
    this.#chain = next;
    this.#keeper.set(chain_name, next);
    this.#keeper.set(nameOf.seal(written.seal), written);
    return written;
  }

  /** The root, and the certificates that are next; undefined where seals have shown all. */
  #keysToShow(): Seal["keys"] {
    const { entry, keys } = this.#signer;
    const [root, ...certificates] = keys;
    if (this.#shown.key !== entry.name) this.#shown = { key: entry.name, certificates: 0 };
    const end = certificates.length - this.#shown.certificates;
    if (end === 0) return undefined;
    const part = certificates.slice(Math.max(0, end - certificates_max), end);
    this.#shown.certificates += part.length;
    return [root, ...part];
  }

  #head(
    { why, config, version }: Occasion,
    { chain, to_ms }: { chain: ChainState; to_ms: number },
  ): Seal {
    const { agent, entry: key } = this.#signer;
    return {
      v: seal_version,
      agent,
      chain: chain.chain,
      seal: chain.next,
      from: new Date(Math.min(chain.to_ms, to_ms)).toISOString(),
      to: new Date(to_ms).toISOString(),
      prev: chain.prev,
      why,
      config,
      version,
      key,
    };
  }

  #newChain(now_ms: number): ChainState {
    const chain = randomBytes(8).toString("hex");
    return { chain, next: 0, prev: "", to_ms: this.timeOf(now_ms), key: "" };
  }

  #contents(length_max: number): { lanes: SealedLane[]; holes: Hole[]; blocks: SealedPiece[] } {
    const contents = {
      lanes: [] as SealedLane[],
      holes: [] as Hole[],
      blocks: [] as SealedPiece[],
    };
    let length = 0;
    for (const pieces of this.#unsealed.ready) {
      if (length >= length_max) break;
      const blocks = pieces.sealable(length_max - length);
      const to = pieces.sealableTo(blocks);
      const holes = holesOf(pieces, to);
      const next = holes.length > holes_max ? holes[holes_max]!.first : to;
      if (next <= pieces.sealed && blocks.length === 0) {
        this.#unsealed.nothingReady(pieces);
        continue;
      }
      const lane = laneOf(pieces, next);
      contents.lanes.push(lane);
      contents.blocks.push(...blocks);
      contents.holes.push(...holes.slice(0, holes_max));
      length += JSON.stringify([lane, holes.slice(0, holes_max), blocks]).length;
      pieces.take(next, blocks);
    }
    return contents;
  }
}

function laneOf({ lane, sealed }: LanePieces, next: number): SealedLane {
  const { id, epoch, input, stream, source, output, index } = lane;
  return {
    lane: id,
    epoch,
    input,
    stream,
    ...(source !== "" && { source }),
    output,
    ...(index !== undefined && { index }),
    first: sealed,
    next,
  };
}

/** Those below a number; those that follow one another for the same reason are one. */
function holesOf({ lane, holes }: LanePieces, next: number): Hole[] {
  const found: Hole[] = [];
  const below = holes.filter(({ number }) => number < next);
  for (const { number, reason } of below.toSorted((one, other) => one.number - other.number)) {
    const last = found.at(-1);
    if (last?.reason === reason && last.first + last.count === number) last.count += 1;
    else if (last === undefined || last.first + last.count <= number)
      found.push({ lane: lane.name, first: number, count: 1, reason });
  }
  return found;
}
