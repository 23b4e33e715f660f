/**
 * Events that stand in a place that is not theirs. Leaves that fail are tried with two of their events exchanged, with an event of
 * another leaf that fails, and a missing event is looked for among those that nobody expects. All of it within a bound: what
 * is not found by then is called altered or missing, which is true as well.
 */
import { eventLocator } from "../../format/pieces.ts";
import type { Span } from "../findings/finding.ts";
import type { Stray } from "../places/first-look.ts";
import type { LeafDigest } from "../places/leaf-digest.ts";
import type { LaneState } from "../places/sealed-lanes.ts";
import { HashingEffort, matchingTexts, type SuspectEvent, type SuspectLeaf } from "./cell-judge.ts";

/** How many bytes are hashed in all. */
const hashed_bytes_max = 2 ** 31;

/** An event that belongs to one place and stands in another. */
export interface Move {
  readonly lane: LaneState;
  readonly number: number;
  /** Where it stands. */
  readonly at: { readonly lane: string; readonly number: number };
  /** Whether what belongs there stands here. */
  readonly is_exchanged: boolean;
  readonly span: Span;
}

export interface Misfits {
  readonly leaves: readonly SuspectLeaf[];
  readonly events: readonly SuspectEvent[];
  readonly strays: readonly Stray[];
}

/** What the moves explain, and what is left. */
export interface Moves {
  readonly moves: Move[];
  readonly leaves: SuspectLeaf[];
  readonly events: SuspectEvent[];
  /** The strays that found their place. */
  readonly found: Set<Stray>;
}

export function findMoves(misfits: Misfits, digest: LeafDigest): Moves {
  return new MoveSearch(misfits, digest).search();
}

class MoveSearch {
  readonly #misfits: Misfits;
  readonly #digest: LeafDigest;
  readonly #moves: Move[] = [];
  readonly #explained = new Set<SuspectLeaf | SuspectEvent>();
  readonly #found = new Set<Stray>();
  readonly #effort = new HashingEffort(hashed_bytes_max);

  constructor(misfits: Misfits, digest: LeafDigest) {
    this.#misfits = misfits;
    this.#digest = digest;
  }

  search(): Moves {
    this.#searchEvents();
    const whole = this.#misfits.leaves.filter(({ texts }) =>
      texts.every((each) => each.length > 0),
    );
    const vacant = this.#misfits.leaves.filter((each) => !whole.includes(each));
    for (const leaf of vacant) this.#fill(leaf);
    const simple = whole.filter(({ texts }) => texts.every((each) => each.length === 1));
    for (const leaf of simple) this.#exchangeWithin(leaf);
    for (const [at, one] of simple.entries()) {
      for (const other of simple.slice(at + 1)) this.#exchange(one, other);
    }
    return {
      moves: this.#moves,
      leaves: this.#misfits.leaves.filter((each) => !this.#explained.has(each)),
      events: this.#misfits.events.filter((each) => !this.#explained.has(each)),
      found: this.#found,
    };
  }

  /** By their locators, where the seals have them. */
  #searchEvents(): void {
    const stands = new Map<string, { lane: string; number: number; from: SuspectEvent | Stray }>();
    for (const stray of this.#misfits.strays) {
      stands.set(locatorOf(stray.text), { ...stray, from: stray });
    }
    for (const event of this.#misfits.events) {
      for (const text of event.texts) {
        stands.set(locatorOf(text), { lane: event.lane.lane, number: event.number, from: event });
      }
    }
    for (const event of this.#misfits.events) {
      const { lane, piece, number } = event;
      const place = stands.get(piece.eventAt(number)!);
      if (place === undefined || place.from === event) continue;
      this.#explained.add(event);
      if ("text" in place.from) this.#found.add(place.from);
      const at = { lane: place.lane, number: place.number };
      this.#moves.push({ lane, number, at, is_exchanged: false, span: piece.span });
    }
  }

  /** Tries each stray in the one place that is empty. */
  #fill(leaf: SuspectLeaf): void {
    const { lane, piece, from, texts } = leaf;
    const empty = texts.findIndex((each) => each.length === 0);
    for (const stray of this.#misfits.strays) {
      if (this.#found.has(stray)) continue;
      if (!this.#effort.take(sizeOf(leaf) + stray.text.length)) return;
      const tried = texts.with(empty, [stray.text]);
      const found = matchingTexts(tried, { piece, from, digest: this.#digest }, this.#effort);
      if (found === undefined) continue;
      const { lane: at_lane, number } = stray;
      this.#found.add(stray);
      this.#findRivals(leaf, found.texts);
      this.#explained.add(leaf);
      this.#moves.push({
        lane,
        number: from + empty,
        at: { lane: at_lane, number },
        is_exchanged: false,
        span: piece.span,
      });
      return;
    }
  }

  /** Of the leaf's places with several texts it is known now which is the right one. */
  #findRivals({ lane, from, to }: SuspectLeaf, texts: readonly Buffer[]): void {
    for (const each of this.#misfits.strays) {
      const is_here = each.lane === lane.lane && each.number >= from && each.number < to;
      if (is_here && texts[each.number - from] === each.text) this.#found.add(each);
    }
  }

  #exchangeWithin(leaf: SuspectLeaf): void {
    const texts = leaf.texts.map(([text]) => text!);
    for (const [one, text] of texts.entries()) {
      for (let other = one + 1; other < texts.length; other += 1) {
        if (!this.#effort.take(sizeOf(leaf))) return;
        const tried = texts.with(one, texts[other]!).with(other, text);
        if (!this.#holds(leaf, tried)) continue;
        this.#addExchange(leaf, one, leaf, other);
        return;
      }
    }
  }

  #exchange(one: SuspectLeaf, other: SuspectLeaf): void {
    if (this.#explained.has(one) || this.#explained.has(other)) return;
    const texts = one.texts.map(([text]) => text!);
    const others = other.texts.map(([text]) => text!);
    for (const [at, text] of texts.entries()) {
      for (const [other_at, other_text] of others.entries()) {
        if (!this.#effort.take(sizeOf(one))) return;
        if (!this.#holds(one, texts.with(at, other_text))) continue;
        if (!this.#holds(other, others.with(other_at, text))) continue;
        this.#addExchange(one, at, other, other_at);
        return;
      }
    }
  }

  #addExchange(one: SuspectLeaf, at: number, other: SuspectLeaf, other_at: number): void {
    this.#explained.add(one).add(other);
    const { lane, from, piece } = one;
    const place = { lane: other.lane.lane, number: other.from + other_at };
    const { span } = piece;
    this.#moves.push({ lane, number: from + at, at: place, is_exchanged: true, span });
  }

  #holds({ piece, from }: SuspectLeaf, texts: readonly Buffer[]): boolean {
    return this.#digest.matching(texts, piece, piece.leafAt(from)) !== undefined;
  }
}

function sizeOf({ texts }: SuspectLeaf): number {
  return texts.reduce(
    (sum, each) => sum + each.reduce((length, text) => length + text.length, 0),
    0,
  );
}

function locatorOf(text: Buffer): string {
  return eventLocator(text).toString("hex");
}
