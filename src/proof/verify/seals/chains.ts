/**
 * Judges the chains of seals: which of them hold, which are missing, and which were altered.
 */
import type { Findings } from "../findings/finding.ts";
import type { FoundChain, FoundSeal, FoundSeals } from "./sealed.ts";
import { Trust } from "./trust.ts";

/** A chain as far as it holds. */
export interface Chain {
  readonly agent: string;
  readonly chain: string;
  /** In their order. */
  readonly seals: readonly FoundSeal["seal"][];
  /** The fingerprint of its root. */
  readonly root: string;
  /** Whether seals between its first and its last are missing or do not hold. */
  readonly has_gaps: boolean;
}

export interface Judged {
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
}

/** The chains that hold, and what speaks against them into `findings`. */
export function judgeSeals(found: FoundSeals, asked: SealsAsked, findings: Findings): Judged {
  const trust = new Trust(found, asked.roots);
  const judged = [...found.chains.values()].map((each) => new ChainJudge(each, trust, asked));
  const known = judged.filter((each) => each.is_known);
  for (const each of known) each.judge(findings);
  for (const fault of found.broken) {
    findings.add({
      class: "SEAL ALTERED",
      detail: `An event that should be a seal is none: ${fault}.`,
    });
  }
  const strangers = new Set(judged.filter((each) => !each.is_known).map((each) => each.agent));
  return {
    chains: known.flatMap((each) => each.chain ?? []),
    strangers: [...strangers].map((agent) => ({
      agent,
      roots: [...(trust.roots.get(agent) ?? [])],
    })),
    repeats: known.reduce((sum, each) => sum + each.repeats, 0),
  };
}

class ChainJudge {
  readonly #found: FoundChain;
  readonly #trust: Trust;
  readonly #asked: SealsAsked;
  readonly #held: FoundSeal[] = [];
  #has_gaps = false;

  constructor(found: FoundChain, trust: Trust, asked: SealsAsked) {
    this.#found = found;
    this.#trust = trust;
    this.#asked = asked;
  }

  get agent(): string {
    return this.#found.agent;
  }

  get repeats(): number {
    const all = [...this.#found.seals.values()].flat();
    return all.reduce((sum, { copies }) => sum + copies - 1, 0);
  }

  /** Whether any of its seals comes from a root that was given, or none is a seal of anybody's. */
  get is_known(): boolean {
    const rivals = [...this.#found.seals.values()].flat();
    return this.#root !== undefined || rivals.every(({ fault }) => fault !== undefined);
  }

  get chain(): Chain | undefined {
    const { agent, chain } = this.#found;
    if (this.#held.length === 0) return undefined;
    const seals = this.#held.map(({ seal }) => seal);
    return { agent, chain, seals, root: this.#root!, has_gaps: this.#has_gaps };
  }

  get #root(): string | undefined {
    for (const rivals of this.#found.seals.values()) {
      for (const { seal } of rivals) {
        const root = this.#trust.rootOf(this.agent, seal.key);
        if (root !== undefined) return root;
      }
    }
    return undefined;
  }

  judge(findings: Findings): void {
    const numbers = [...this.#found.seals.keys()].sort((one, other) => one - other);
    let next = 0;
    // That seals are missing is known only from one behind them that holds.
    let gaps: [first: number, end: number][] = [];
    for (const number of numbers) {
      if (number > next) gaps.push([next, number]);
      next = number + 1;
      const held = this.#hold(this.#found.seals.get(number)!, findings);
      if (held === undefined) {
        this.#has_gaps = true;
        continue;
      }
      const before = this.#held.at(-1);
      for (const gap of gaps) this.#addMissing(gap, before, held, findings);
      gaps = [];
      this.#follow(before, held, findings);
      this.#held.push(held);
    }
    this.#judgeEnd(findings);
  }

  /** The one of a number that holds; the others were altered. */
  #hold(rivals: readonly FoundSeal[], findings: Findings): FoundSeal | undefined {
    const faults = rivals.map((each) => this.#faultOf(each));
    const good = rivals.filter((_, at) => faults[at] === undefined);
    for (const [at, { seal }] of rivals.entries()) {
      if (faults[at] !== undefined) this.#addAltered(seal, faults[at], findings);
    }
    if (good.length > 1) {
      const detail = `there are ${good.length} different seals with this number, each signed`;
      this.#addAltered(good[0]!.seal, detail, findings);
    }
    const after = this.#found.seals.get(rivals[0]!.seal.seal + 1) ?? [];
    return good.find(({ hash }) => after.some(({ seal }) => seal.prev === hash)) ?? good[0];
  }

  #faultOf({ seal, fault }: FoundSeal): string | undefined {
    if (fault !== undefined) return fault;
    if (Date.parse(seal.to) < Date.parse(seal.from)) return "it ends before it begins";
    return this.#trust.faultOf(this.agent, seal.key, seal.to);
  }

  /** Only where the seal before holds does it say anything that another does not follow it. */
  #follow(before: FoundSeal | undefined, { seal }: FoundSeal, findings: Findings): void {
    if (seal.seal === 0) {
      if (seal.prev !== "")
        this.#addAltered(seal, "it is the first, and names one before", findings);
      return;
    }
    if (before?.seal.seal !== seal.seal - 1) return;
    if (seal.prev !== before.hash) {
      this.#addAltered(
        seal,
        "it does not follow the seal before it: one of both was replaced",
        findings,
      );
    } else if (Date.parse(seal.to) < Date.parse(before.seal.to)) {
      this.#addAltered(seal, "its time is before that of the seal before it", findings);
    }
  }

  #addMissing(
    [first, end]: [first: number, end: number],
    before: FoundSeal | undefined,
    after: FoundSeal,
    findings: Findings,
  ): void {
    const { retained_from } = this.#asked;
    const from = before?.seal.to;
    const to = after.seal.from;
    const count = end - first;
    const shared = { agent: this.agent, first, count, from, to };
    if (first === 0 && retained_from !== undefined && Date.parse(to) <= retained_from) {
      const detail = `${sealsOf(count)} from before the time from which events were retained.`;
      return findings.add({ ...shared, class: "EXPIRED", detail });
    }
    this.#has_gaps = true;
    const detail = `${sealsOf(count)} of agent ${this.agent} ${count === 1 ? "is" : "are"} not in the export.`;
    findings.add({ ...shared, class: "SEAL MISSING", detail });
  }

  #judgeEnd(findings: Findings): void {
    const { until } = this.#asked;
    const last = this.#held.at(-1);
    if (until === undefined || last === undefined || Date.parse(last.seal.to) >= until) return;
    const { to, seal } = last.seal;
    findings.add({
      class: "SEAL MISSING",
      agent: this.agent,
      first: seal + 1,
      from: to,
      to: new Date(until).toISOString(),
      detail: `The last seal of agent ${this.agent} is older than the time to which the export should reach.`,
    });
  }

  #addAltered(seal: FoundSeal["seal"], fault: string, findings: Findings): void {
    const { agent, seal: first, from, to } = seal;
    const detail = `Seal ${first} of agent ${agent}: ${fault}.`;
    findings.add({ class: "SEAL ALTERED", agent, first, from, to, detail });
  }
}

function sealsOf(count: number): string {
  return count === 1 ? "One seal" : `${count} seals`;
}
