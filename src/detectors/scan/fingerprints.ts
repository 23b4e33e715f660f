/**
 * Four bytes of each anchor, by which a scan finds it: the rarest four. All letters count as lower case, since a scan folds
 * them; whether the whole anchor stands there is looked at afterwards.
 */
import type { Anchor } from "../contract/detector.ts";

/** How many bytes a fingerprint has. */
export const fingerprint_bytes = 4;

/** Four folded bytes, and where they stand in the anchor. */
export interface Fingerprint {
  /** The four bytes, the first one lowest. */
  readonly key: number;
  readonly offset: number;
}

/** Sets the bit by which capital letters differ from small ones; of other bytes it makes the same as of their neighbours. */
export const fold = 0x20;
/** The same for four bytes at once. */
export const folds = 0x20202020;

/** The fingerprints of an anchor: one, or one for each byte that can follow a literal of three. */
export function fingerprintsOf({ literal, before }: Anchor): Fingerprint[] {
  if (literal.length >= fingerprint_bytes) {
    const offset = rarestPart(literal);
    return [{ key: keyOf(literal.slice(offset, offset + fingerprint_bytes)), offset }];
  }
  if (before === undefined) throw new Error(`the anchor ${literal} is too short`);
  const following = [...before.keys()].filter((byte) => before[byte] === 1);
  const keys = new Set(following.map((byte) => keyOf(literal + String.fromCharCode(byte))));
  return [...keys].map((key) => ({ key, offset: 0 }));
}

function keyOf(four: string): number {
  const [a, b, c, d] = Array.from(four, (each) => each.charCodeAt(0) | fold);
  return (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0;
}

/** Letters by how often they stand in text, the most frequent first. */
const frequent = "etaoinsrhldcumfpgwybvkxjqz";

function rarestPart(literal: string): number {
  let best = 0;
  let best_score = -1;
  for (let offset = 0; offset + fingerprint_bytes <= literal.length; offset += 1) {
    const part = literal.slice(offset, offset + fingerprint_bytes);
    const of_end = part.endsWith(structure) ? end_rarity : 0;
    const score = Array.from(part, rarity).reduce((sum, each) => sum + each, of_end);
    if (score <= best_score) continue;
    best = offset;
    best_score = score;
  }
  return best;
}

/** What stands between two strings of a list. Both are everywhere in JSON, behind a certain letter less often. */
const structure = '",';
const end_rarity = 19;

/** Names of secrets are in many clean events; what assigns to them is not, so that a sign of that is worth more than any letters. */
function rarity(character: string): number {
  if (structure.includes(character)) return 4;
  if (character === "-") return 6;
  if (character === " ") return 30;
  if (character >= "0" && character <= "9") return 10;
  const rank = frequent.indexOf(character.toLowerCase());
  return rank < 0 ? 40 : rank;
}
