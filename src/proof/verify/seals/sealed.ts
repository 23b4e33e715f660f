/**
 * The seals of an export, as they are collected: each with its hash and whether the key that it names has signed it. Whether
 * that key is to be trusted is known when all are there. What they say waits in a temporary file until then.
 */
import { isSigned, parseSignatureLine } from "../../format/notes.ts";
import { keyEntry, namedKey, type KeyEntry, type Keys } from "../../format/certificates.ts";
import { bodyHash, parseSeal, sealText, type Seal } from "../../format/seal.ts";
import type { Scratch, ScratchFile } from "../spilling/scratch.ts";
import { SortedRecords } from "../spilling/sorted-records.ts";

/** One seal of a chain. */
export interface FoundSeal {
  readonly seal: Seal;
  readonly hash: string;
  /** What is wrong with it by itself; undefined for nothing. */
  readonly fault: string | undefined;
  /** How often it was there. */
  copies: number;
}

/** The seals of one agent's one chain. */
export interface FoundChain {
  readonly at: number;
  readonly agent: string;
  readonly chain: string;
  /** Those that its seals name. */
  readonly keys: Map<string, KeyEntry>;
  /** Whether any of its seals is signed by the key that it names. */
  is_signed: boolean;
}

/** All seals of one number in a chain: more than one where they contradict. */
export interface SealsOfNumber {
  readonly chain: FoundChain;
  readonly number: number;
  readonly rivals: readonly FoundSeal[];
}

const faults_kept_max = 1000;
/** More keys than any export has: of a hundred agents in three years. */
const keys_kept_max = 100_000;
/** More chains than any export has: an agent begins one with its state. */
const chains_max = 20_000;
/** Seals with other contents under one number; more of them say no more. */
const rivals_max = 8;
/** What is kept of a seal to sort it by: chain, number, place and length of its body, its fault, and its hash. */
const record_bytes = 60;
const hash_start = 28;

const no_fault = 0;
/** What can be wrong with one seal by itself. */
const seal_faults = [
  undefined,
  "it has no signature",
  "its signature is none",
  "its signature is of another key than it names",
  "its signature does not hold: it was altered after it was signed",
] as const;
type FaultNumber = 0 | 1 | 2 | 3 | 4;

export class FoundSeals {
  readonly chains = new Map<string, FoundChain>();
  /** The lists of keys that seals had, each key once. */
  readonly keys: { readonly agent: string; readonly keys: Keys }[] = [];
  /** Of events that look like seals and are none: what is wrong with each. */
  readonly broken: string[] = [];
  /** How many there are. */
  broken_count = 0;
  /** Whether there were more chains than are kept. */
  has_too_many_chains = false;
  /** Whether there were more keys than are kept. */
  has_too_many_keys = false;
  readonly #known_keys = new Set<string>();
  #signers = 0;
  readonly #bodies: ScratchFile;
  readonly #sorted: SortedRecords;

  constructor(scratch: Scratch) {
    this.#bodies = scratch.open();
    this.#sorted = new SortedRecords(scratch, record_bytes);
  }

  add(raw: Buffer, signature: string | undefined): void {
    const body = raw.toString();
    const seal = parseSeal(body);
    if ("fault" in seal) {
      this.broken_count += 1;
      if (this.broken.length < faults_kept_max) this.broken.push(seal.fault);
      return;
    }
    const chain = this.#chainOf(seal);
    if (chain === undefined) return;
    const fault = faultOf(body, seal, signature);
    if (fault === no_fault) chain.is_signed = true;
    this.#addSigner(chain, seal.key);
    const record = Buffer.allocUnsafe(record_bytes);
    record.writeUInt32BE(chain.at, 0);
    record.writeDoubleBE(seal.seal, 4);
    record.writeDoubleBE(this.#bodies.append(raw), 12);
    record.writeUInt32BE(raw.length, 20);
    record.writeUInt32BE(fault, 24);
    record.write(bodyHash(body), hash_start, "base64");
    this.#sorted.add(record);
    if (seal.keys !== undefined && fault === no_fault) this.#addKeys(seal.agent, seal.keys);
  }

  /**
   * Of the chains that are asked for, the seals by number, one chain after the other. `isTrusted`: whether the key of a seal may have
   * signed it. However many others there are, one that is trusted is among those of its number.
   */
  *inOrder(
    isAsked: (chain: FoundChain) => boolean,
    isTrusted: (seal: Seal) => boolean,
  ): Iterable<SealsOfNumber> {
    const chains = [...this.chains.values()];
    let open: { chain: FoundChain; number: number; rivals: FoundSeal[] } | undefined;
    for (const record of this.#sorted.all()) {
      const chain = chains[record.readUInt32BE(0)]!;
      if (!isAsked(chain)) continue;
      const number = record.readDoubleBE(4);
      if (open === undefined || open.chain !== chain || open.number !== number) {
        if (open !== undefined) yield open;
        open = { chain, number, rivals: [] };
      }
      this.#addRival(open.rivals, record, isTrusted);
    }
    if (open !== undefined) yield open;
  }

  #addRival(rivals: FoundSeal[], record: Buffer, isTrusted: (seal: Seal) => boolean): void {
    const hash = record.toString("base64", hash_start);
    const fault = seal_faults[record.readUInt32BE(24) as FaultNumber];
    const same = rivals.find((each) => each.hash === hash && each.fault === fault);
    if (same !== undefined) {
      same.copies += 1;
      return;
    }
    const is_full = rivals.length >= rivals_max;
    if (is_full && fault !== undefined) return;
    const body = this.#bodies.read(record.readDoubleBE(12), record.readUInt32BE(20));
    // It was found to be one when it came.
    const seal = JSON.parse(body.toString()) as Seal;
    let at = rivals.length;
    if (is_full) {
      if (!isTrusted(seal)) return;
      at = rivals.findIndex((each) => each.fault !== undefined || !isTrusted(each.seal));
      if (at === -1) return;
    }
    rivals[at] = { seal, hash, fault, copies: 1 };
  }

  #chainOf({ agent, chain }: Seal): FoundChain | undefined {
    const id = JSON.stringify([agent, chain]);
    const known = this.chains.get(id);
    if (known !== undefined) return known;
    this.has_too_many_chains ||= this.chains.size >= chains_max;
    if (this.has_too_many_chains) return undefined;
    const found = { at: this.chains.size, agent, chain, keys: new Map(), is_signed: false };
    this.chains.set(id, found);
    return found;
  }

  #addSigner({ keys }: FoundChain, key: KeyEntry): void {
    const id = JSON.stringify(key);
    if (keys.has(id)) return;
    this.has_too_many_keys ||= this.#signers >= keys_kept_max;
    if (this.has_too_many_keys) return;
    this.#signers += 1;
    keys.set(id, key);
  }

  /** Most of a list was in the one before: what is new is kept. */
  #addKeys(agent: string, keys: Keys): void {
    const [root, ...certificates] = keys;
    const fresh = certificates.filter((each) => this.#isNew(JSON.stringify([agent, root, each])));
    if (fresh.length > 0) this.keys.push({ agent, keys: [root, ...fresh] });
  }

  #isNew(text: string): boolean {
    const id = bodyHash(text);
    if (this.#known_keys.has(id)) return false;
    this.has_too_many_keys ||= this.#known_keys.size >= keys_kept_max;
    if (this.has_too_many_keys) return false;
    this.#known_keys.add(id);
    return true;
  }
}

function faultOf(
  body: string,
  { key }: Pick<Seal, "key">,
  signature: string | undefined,
): FaultNumber {
  if (signature === undefined) return 1;
  const line = parseSignatureLine(signature);
  if (line === undefined) return 2;
  const named = namedKey(keyEntry.parse(key));
  if (line.name !== named.name) return 3;
  return isSigned(sealText(body), line.signature, named) ? no_fault : 4;
}
