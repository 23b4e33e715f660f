/** All anchors of the detectors in use, by their fingerprints. */
import type { Anchor, Way } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";
import { fingerprintsOf, folds } from "./fingerprints.ts";

/** An anchor, whose it is, and where its fingerprint stands in it. */
export interface AnchorEntry {
  readonly anchor: Anchor;
  readonly detector: string;
  readonly way: Way;
  readonly offset: number;
}

export class AnchorIndex {
  readonly #entries = new Map<number, AnchorEntry[]>();

  add(detector: string, way: Way): void {
    for (const anchor of way.anchors) {
      for (const { key, offset } of fingerprintsOf(anchor)) {
        const entry = { anchor, detector, way, offset };
        const entries = this.#entries.get(key);
        if (entries === undefined) this.#entries.set(key, [entry]);
        else entries.push(entry);
      }
    }
  }

  /** The fingerprints to scan for. */
  get keys(): number[] {
    return [...this.#entries.keys()];
  }

  /** Whose fingerprint stands there; nobody's where the scan took something else for one. */
  at(bytes: Buffer, place: number): readonly AnchorEntry[] {
    const low = bytes[place]! | (bytes[place + 1]! << 8);
    const high = bytes[place + 2]! | (bytes[place + 3]! << 8);
    return this.#entries.get((low | (high << 16) | folds) >>> 0) ?? nobody;
  }
}

const nobody: readonly AnchorEntry[] = [];

/** Whether the whole anchor stands there. */
export function standsAt(
  { anchor: { literal, exact } }: AnchorEntry,
  text: Text,
  at: number,
): boolean {
  return exact ? text.isExactly(at, literal) : text.isWord(at, literal);
}
