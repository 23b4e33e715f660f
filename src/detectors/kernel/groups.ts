/**
 * The eight tables of the scan: for each half of a byte, in which of eight groups it can be the half of a fingerprint's first,
 * second, third or fourth byte. The closer the fingerprints of a group are to one another, and the rarer what looks like them is
 * in audit events, the fewer places pass that are none.
 */
import { fingerprint_bytes, fold } from "../scan/fingerprints.ts";

const group_count = 8;
const table_bytes = 16;
/** How many fingerprints with the same first three bytes are one here. No name has as many separators. */
const followers_min = 10;
/** How often each fingerprint may go to another group. */
const rounds = 2;

/** For each byte of a fingerprint, which low halves it can have, as bits, and above them which high halves. */
type Halves = readonly [number, number, number, number];

interface Group {
  halves: Halves;
  readonly members: Set<Halves>;
  /** The share of places that pass for it. */
  share: number;
}

const none: Halves = [0, 0, 0, 0];

/** The tables one behind the other, as the module's memory begins: low halves and high halves for each byte. */
export function groupTables(keys: readonly number[]): Uint8Array {
  const tables = new Uint8Array(2 * fingerprint_bytes * table_bytes);
  for (const [number, { halves }] of grouped(keys).entries()) {
    for (const [byte, bits] of halves.entries()) {
      for (let half = 0; half < 2 * table_bytes; half += 1) {
        tables[2 * byte * table_bytes + half]! |= ((bits >>> half) & 1) << number;
      }
    }
  }
  return tables;
}

/** The fingerprints go one by one to the group that they make the least worse, those that pass most often first. */
function grouped(keys: readonly number[]): Group[] {
  const fingerprints = alike(keys).map(halvesOf);
  const shares = new Map(fingerprints.map((each) => [each, shareOf(each, none)]));
  fingerprints.sort((a, b) => shares.get(b)! - shares.get(a)!);
  const groups = Array.from({ length: group_count }, (): Group => {
    return { halves: none, members: new Set(), share: 0 };
  });
  for (const each of fingerprints) join(groups, each);
  for (let round = 0; round < rounds; round += 1) {
    for (const each of fingerprints) {
      leave(
        groups.find(({ members }) => members.has(each))!,
        each,
      );
      join(groups, each);
    }
  }
  return groups;
}

/** Fingerprints that many others differ from in their last byte alone go together: what can follow a literal of three bytes. */
function alike(keys: readonly number[]): (readonly number[])[] {
  const by_start = Map.groupBy(keys, (key) => key & 0xffffff);
  return [...by_start.values()].flatMap((all) =>
    all.length > followers_min ? [all] : all.map((key) => [key]),
  );
}

function halvesOf(keys: readonly number[]): Halves {
  const halves: [number, number, number, number] = [0, 0, 0, 0];
  for (const key of keys) {
    for (let byte = 0; byte < fingerprint_bytes; byte += 1) {
      const folded = (key >>> (8 * byte)) & 0xff;
      // Both bytes that fold to it.
      for (const each of [folded, folded & ~fold]) {
        halves[byte]! |= (1 << (each & 15)) | (0x10000 << (each >>> 4));
      }
    }
  }
  return halves;
}

/** Puts the fingerprint into the group whose share it makes least larger. */
function join(groups: readonly Group[], fingerprint: Halves): void {
  let best = groups[0]!;
  let best_share = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const share = shareOf(group.halves, fingerprint);
    if (share - group.share >= best_share - best.share) continue;
    best = group;
    best_share = share;
  }
  best.members.add(fingerprint);
  best.halves = joined(best.halves, fingerprint);
  best.share = best_share;
}

function leave(group: Group, fingerprint: Halves): void {
  group.members.delete(fingerprint);
  group.halves = none;
  for (const each of group.members) group.halves = joined(group.halves, each);
  group.share = group.members.size === 0 ? 0 : shareOf(group.halves, none);
}

function joined(a: Halves, b: Halves): Halves {
  return [a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]];
}

/** The share of places in audit events at which both together pass, if their bytes followed each other at random. */
function shareOf(a: Halves, b: Halves): number {
  return sumOf(a[0] | b[0]) * sumOf(a[1] | b[1]) * sumOf(a[2] | b[2]) * sumOf(a[3] | b[3]);
}

/** The frequency of all bytes that have these halves. */
function sumOf(halves: number): number {
  let sum = 0;
  for (let high = halves >>> 16, at = 0; high !== 0; high >>>= 1, at += 512) {
    if ((high & 1) !== 0)
      sum += sums[at + (halves & 255)]! + sums[at + 256 + ((halves >>> 8) & 255)]!;
  }
  return sum;
}

/** How often each byte stands in audit events in JSON, about: names, identifiers in hexadecimal, times, and what JSON is made of. */
const frequencies = byteFrequencies([
  ["ghlmpuwyv", 1.5],
  ["jqxzk", 0.5],
  ["bcdf", 2.5],
  ["aeinorst", 4],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0.5],
  ["0123456789", 2],
  ['"', 9],
  [":,", 3],
  ["-", 2],
  ["./", 1.2],
  [" _", 0.6],
  ["{}=;()[]+", 0.2],
  ["\\", 0.1],
]);

function byteFrequencies(rows: readonly (readonly [string, number])[]): Float64Array {
  const table = new Float64Array(256).fill(0.02);
  for (const [characters, share] of rows) {
    for (const byte of Buffer.from(characters)) table[byte] = share;
  }
  const sum = table.reduce((total, share) => total + share, 0);
  return table.map((share) => share / sum);
}

/**
 * For each high half, the frequency of all bytes with that and one of a set of low halves: for each set of the lower eight, and
 * for each set of the upper eight.
 */
const sums = new Float64Array(table_bytes * 512);
for (let set = 1; set < sums.length; set += 1) {
  const bits = set & 255;
  if (bits === 0) continue;
  const lowest = 31 - Math.clz32(bits & -bits);
  const byte = (set >>> 9) * table_bytes + ((set >>> 8) & 1) * 8 + lowest;
  sums[set] = sums[set - (bits & -bits)]! + frequencies[byte]!;
}
