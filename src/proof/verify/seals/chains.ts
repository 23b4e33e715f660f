/**
 * Judges the chains of seals: which of them hold, which are missing, and which were altered.
 */
import type { Seal } from "../../format/seal.ts";
import type { Findings } from "../findings/finding.ts";
import type { FoundChain, FoundSeal, FoundSeals, SealsOfNumber } from "./sealed.ts";
import { Trust } from "./trust.ts";

/** A chain as far as it holds. */
export interface Chain {
  readonly agent: string;
  readonly chain: string;
  /** The fingerprint of its root. */
  readonly root: string;
  /** How many of its seals hold. */
  seals: number;
  /** The first of them, and the last. */
  first: SealSpan | undefined;
  last: SealSpan | undefined;
  /** What the last that says it has of the agent's own counts. */
  books: Seal["books"];
  /** Whether seals between its first and its last are missing or do not hold. */
  has_gaps: boolean;
}

export type SealSpan = Pick<Seal, "seal" | "from" | "to">;

export interface Judged {
  /** Those of which at least one seal holds. */
  readonly chains: readonly Chain[];
  /** Agents whose seals come from a root that was not given, with its fingerprints. */
  readonly strangers: readonly { readonly agent: string; readonly roots: readonly string[] }[];
  /** Copies of seals beyond the first of each. */
  readonly repeats: number;
}

export interface SealsAsked {
  readonly roots: readonly string[];
  /** In milliseconds: what is older may be gone. */
  readonly retained_from?: number | undefined;
  /** In milliseconds: the last seal must not be older. */
  readonly until?: number | undefined;
  /** Takes each seal that holds, in the order of its chain. */
  readonly take: (seal: Seal, chain: Chain) => void;
}

/** The chains that hold, and what speaks against them into `findings`. */
export function judgeSeals(found: FoundSeals, asked: SealsAsked, findings: Findings): Judged {
  const trust = new Trust(found, asked.roots);
  const roots = new Map([...found.chains.values()].map((each) => [each, rootOf(each, trust)]));
  // Also one of which nothing holds, and that is nobody else's.
  const isKnown = (chain: FoundChain): boolean =>
    roots.get(chain) !== undefined || !chain.is_signed;
  const judges: ChainJudge[] = [];
  const isTrusted = ({ agent, key, to }: Seal): boolean =>
    trust.faultOf(agent, key, to) === undefined;
  for (const group of found.inOrder(isKnown, isTrusted)) {
    let judge = judges.at(-1);
    if (judge?.chain.agent !== group.chain.agent || judge.chain.chain !== group.chain.chain) {
      judge?.end();
      const { agent, chain } = group.chain;
      judge = new ChainJudge(
        { agent, chain, root: roots.get(group.chain) ?? "" },
        { trust, asked, findings },
      );
      judges.push(judge);
    }
    judge.add(group);
  }
  judges.at(-1)?.end();
  for (let at = 0; at < found.broken_count; at += 1) {
    // Those that are not kept are beyond what findings show, too.
    const fault = found.broken[at] ?? "";
    const detail = `An event that should be a seal is none: ${fault}.`;
    findings.add({ class: "SEAL ALTERED", detail });
  }
  const strange = [...found.chains.values()].filter((each) => !isKnown(each));
  return {
    chains: judges.map(({ chain }) => chain).filter(({ seals }) => seals > 0),
    strangers: [...new Set(strange.map(({ agent }) => agent))].map((agent) => ({
      agent,
      roots: [...(trust.roots.get(agent) ?? [])],
    })),
    repeats: judges.reduce((sum, { repeats }) => sum + repeats, 0),
  };
}

function rootOf({ agent, keys }: FoundChain, trust: Trust): string | undefined {
  for (const key of keys.values()) {
    const root = trust.rootOf(agent, key);
    if (root !== undefined) return root;
  }
  return undefined;
}

interface Judging {
  readonly trust: Trust;
  readonly asked: SealsAsked;
  readonly findings: Findings;
}

/** Gaps before a seal that holds: of more than these the last takes all, with what does not hold between them. */
const gaps_max = 10_000;

/** Judges one chain, as its seals come in their order. */
class ChainJudge {
  readonly chain: Chain;
  repeats = 0;
  readonly #trust: Trust;
  readonly #asked: SealsAsked;
  readonly #findings: Findings;
  /** It is judged when the next number is known. */
  #open: SealsOfNumber | undefined;
  /** The last that holds. */
  #before: FoundSeal | undefined;
  #next = 0;
  /** That seals are missing is known only from one behind them that holds. */
  #gaps: [first: number, end: number][] = [];

  constructor(chain: Pick<Chain, "agent" | "chain" | "root">, { trust, asked, findings }: Judging) {
    const none = { first: undefined, last: undefined, books: undefined };
    this.chain = { ...chain, ...none, seals: 0, has_gaps: false };
    this.#trust = trust;
    this.#asked = asked;
    this.#findings = findings;
  }

  add(group: SealsOfNumber): void {
    this.#judge(group);
    this.#open = group;
  }

  end(): void {
    this.#judge(undefined);
    this.#judgeEnd();
  }

  /** Judges the seals of the number before those of `after`. */
  #judge(after: SealsOfNumber | undefined): void {
    if (this.#open === undefined) return;
    const { number, rivals } = this.#open;
    this.repeats += rivals.reduce((sum, { copies }) => sum + copies - 1, 0);
    if (number > this.#next) {
      const last = this.#gaps.length >= gaps_max ? this.#gaps.at(-1) : undefined;
      if (last === undefined) this.#gaps.push([this.#next, number]);
      else last[1] = number;
    }
    this.#next = number + 1;
    const is_followed = after?.number === number + 1;
    const held = this.#hold(rivals, is_followed ? after.rivals : []);
    const { chain } = this;
    if (held === undefined) {
      chain.has_gaps = true;
      return;
    }
    for (const gap of this.#gaps) this.#addMissing(gap, held);
    this.#gaps = [];
    this.#follow(held);
    this.#before = held;
    const { seal, from, to, books } = held.seal;
    chain.seals += 1;
    chain.first ??= { seal, from, to };
    chain.last = { seal, from, to };
    chain.books = books ?? chain.books;
    this.#asked.take(held.seal, chain);
  }

  /** The one of a number that holds; the others were altered. */
  #hold(rivals: readonly FoundSeal[], after: readonly FoundSeal[]): FoundSeal | undefined {
    const faults = rivals.map((each) => this.#faultOf(each));
    const good = rivals.filter((_, at) => faults[at] === undefined);
    for (const [at, { seal }] of rivals.entries()) {
      if (faults[at] !== undefined) this.#addAltered(seal, faults[at]);
    }
    if (good.length > 1) {
      const detail = `there are ${good.length} different seals with this number, each signed`;
      this.#addAltered(good[0]!.seal, detail);
    }
    return good.find(({ hash }) => after.some(({ seal }) => seal.prev === hash)) ?? good[0];
  }

  #faultOf({ seal, fault }: FoundSeal): string | undefined {
    if (fault !== undefined) return fault;
    if (Date.parse(seal.to) < Date.parse(seal.from)) return "it ends before it begins";
    return this.#trust.faultOf(seal.agent, seal.key, seal.to);
  }

  /** Only where the seal before holds does it say anything that another does not follow it. */
  #follow({ seal }: FoundSeal): void {
    const before = this.#before;
    if (seal.seal === 0) {
      if (seal.prev !== "") this.#addAltered(seal, "it is the first, and names one before");
      return;
    }
    if (before?.seal.seal !== seal.seal - 1) return;
    if (seal.prev !== before.hash) {
      this.#addAltered(seal, "it does not follow the seal before it: one of both was replaced");
    } else if (Date.parse(seal.to) < Date.parse(before.seal.to)) {
      this.#addAltered(seal, "its time is before that of the seal before it");
    }
  }

  #addMissing([first, end]: [first: number, end: number], after: FoundSeal): void {
    const { retained_from } = this.#asked;
    const { agent } = this.chain;
    const from = this.#before?.seal.to;
    const to = after.seal.from;
    const count = end - first;
    const shared = { agent, first, count, from, to };
    if (first === 0 && retained_from !== undefined && Date.parse(to) <= retained_from) {
      const detail = `${sealsOf(count)} from before the time from which events were retained.`;
      return this.#findings.add({ ...shared, class: "EXPIRED", detail });
    }
    this.chain.has_gaps = true;
    const detail = `${sealsOf(count)} of agent ${agent} ${count === 1 ? "is" : "are"} not in the export.`;
    this.#findings.add({ ...shared, class: "SEAL MISSING", detail });
  }

  #judgeEnd(): void {
    const { until } = this.#asked;
    const { agent, last } = this.chain;
    if (until === undefined || last === undefined || Date.parse(last.to) >= until) return;
    this.#findings.add({
      class: "SEAL MISSING",
      agent,
      first: last.seal + 1,
      from: last.to,
      to: new Date(until).toISOString(),
      detail: `The last seal of agent ${agent} is older than the time to which the export should reach.`,
    });
  }

  #addAltered({ agent, seal: first, from, to }: Seal, fault: string): void {
    const detail = `Seal ${first} of agent ${agent}: ${fault}.`;
    this.#findings.add({ class: "SEAL ALTERED", agent, first, from, to, detail });
  }
}

function sealsOf(count: number): string {
  return count === 1 ? "One seal" : `${count} seals`;
}
