/**
 * The seals of an export, as they are collected: each with its hash and whether the key that it names has signed it. Whether
 * that key is to be trusted is known when all are there.
 */
import { isSigned, parseSignatureLine } from "../../format/notes.ts";
import { keyEntry, namedKey, type Keys } from "../../format/certificates.ts";
import { bodyHash, parseSeal, sealText, type Seal } from "../../format/seal.ts";

/** One seal of a chain. */
export interface FoundSeal {
  readonly seal: Omit<Seal, "keys">;
  readonly hash: string;
  /** What is wrong with it by itself; undefined for nothing. */
  readonly fault: string | undefined;
  /** How often it was there. */
  copies: number;
}

/** The seals of one agent's one chain, by number: more than one where they contradict. */
export interface FoundChain {
  readonly agent: string;
  readonly chain: string;
  readonly seals: Map<number, FoundSeal[]>;
}

const faults_kept_max = 1000;
const keys_kept_max = 20_000;
/** Seals with other contents under one number; more of them say no more. */
const rivals_max = 8;

export class FoundSeals {
  readonly chains = new Map<string, FoundChain>();
  /** The lists of keys that seals had, each once. */
  readonly keys: { readonly agent: string; readonly keys: Keys }[] = [];
  /** Of events that look like seals and are none: what is wrong with each. */
  readonly broken: string[] = [];
  #broken_count = 0;
  readonly #known_keys = new Set<string>();

  get brokenCount(): number {
    return this.#broken_count;
  }

  add(body: string, signature: string | undefined): void {
    const parsed = parseSeal(body);
    if ("fault" in parsed) {
      this.#broken_count += 1;
      if (this.broken.length < faults_kept_max) this.broken.push(parsed.fault);
      return;
    }
    const { keys, ...seal } = parsed;
    const { agent, chain, seal: number } = seal;
    const id = JSON.stringify([agent, chain]);
    const found = this.chains.get(id) ?? { agent, chain, seals: new Map<number, FoundSeal[]>() };
    this.chains.set(id, found);
    const hash = bodyHash(body);
    const rivals = found.seals.get(number) ?? [];
    const fault = faultOf(body, seal, signature);
    const same = rivals.find((each) => each.hash === hash && each.fault === fault);
    if (same !== undefined) {
      same.copies += 1;
      return;
    }
    if (rivals.length >= rivals_max) return;
    rivals.push({ seal, hash, fault, copies: 1 });
    found.seals.set(number, rivals);
    if (keys !== undefined && fault === undefined) this.#addKeys(agent, keys);
  }

  /** Most of a list was in the one before: what is new is kept. */
  #addKeys(agent: string, keys: Keys): void {
    const [root, ...certificates] = keys;
    const fresh = certificates.filter((each) => this.#isNew(JSON.stringify([agent, root, each])));
    if (fresh.length > 0 && this.keys.length < keys_kept_max) {
      this.keys.push({ agent, keys: [root, ...fresh] });
    }
  }

  #isNew(id: string): boolean {
    if (this.#known_keys.has(id)) return false;
    this.#known_keys.add(id);
    return true;
  }
}

function faultOf(
  body: string,
  { key }: Pick<Seal, "key">,
  signature: string | undefined,
): string | undefined {
  if (signature === undefined) return "it has no signature";
  const line = parseSignatureLine(signature);
  if (line === undefined) return "its signature is none";
  const named = namedKey(keyEntry.parse(key));
  if (line.name !== named.name) return "its signature is of another key than it names";
  const is_signed = isSigned(sealText(body), line.signature, named);
  return is_signed ? undefined : "its signature does not hold: it was altered after it was signed";
}
