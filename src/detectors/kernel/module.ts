/**
 * The scan's WebAssembly module, put together from its instructions.
 *
 *     next(from, end, factor) -> place of the next fingerprint, or -1
 *
 * It looks at 64 bytes at once, 16 by 16. Of each byte the low and the high half choose from tables of 16 sets of groups: in which
 * groups it can be a first, a second, a third and a fourth byte. A place is worth a look where some group is in the sets of four
 * bytes in a row (Teddy, of Intel's Hyperscan). There the four bytes are looked up in the table of fingerprints.
 */
import { bucket_shift } from "../scan/key-table.ts";
import { fingerprint_bytes, folds } from "../scan/fingerprints.ts";
import {
  across,
  add,
  assemble,
  block,
  both,
  type Code,
  get,
  i32,
  i64,
  isEqual,
  leave,
  leaveIf,
  loadVector,
  loadWord,
  long,
  loop,
  number,
  returnIf,
  set,
  splat,
  swizzle,
  v128,
  vector,
} from "../../platform/webassembly/assembler.ts";

/** Where things are in its memory. The eight tables come first. */
export const keys_address = 4096;
export const window_address = 65_536;
/** The longest piece that is scanned at once, and the bytes behind it that are read and do not count. */
export const window_bytes = 65_536;
const pages = 3;

const vector_bytes = 16;
const vectors_at_once = 4;

/** Variables of the function: its parameters, then its own, which are 0 at first. */
const [from, end, factor, place, key, bucket, candidates] = [0, 1, 2, 3, 4, 5, 6];
const [low, high, first_table] = [7, 8, 9];
/** The sets of the vector before, and of this one, for each byte but the last. */
const first_before = first_table + 2 * fingerprint_bytes;
const first_now = first_before + fingerprint_bytes - 1;
const vectors = first_now + fingerprint_bytes - 1 - low;

/** The groups that each byte leaves possible if it is the one with this number in a fingerprint. */
function groupsOf(byte: number): Code {
  const table = first_table + 2 * byte;
  return both(swizzle(get(table), get(low)), swizzle(get(table + 1), get(high)));
}

const loadTables: Code = Array.from({ length: 2 * fingerprint_bytes }, (_, table) =>
  set(first_table + table, loadVector(number(0), vector_bytes * table)),
);

const last = fingerprint_bytes - 1;

/** Adds the candidates of one of the vectors: a bit for each byte that may be the last of a fingerprint. */
function lookAtVector(index: number): Code {
  const bytes = loadVector(get(from), vector_bytes * index);
  const others = Array.from({ length: last }, (_, byte) => byte);
  const sets = others.reduce(
    (code, byte) =>
      both(code, across(get(first_before + byte), get(first_now + byte), last - byte)),
    groupsOf(last),
  );
  const empty = [sets, splat(0), vector(0x23), vector(0x64)];
  const found = [empty, number(0xffff), 0x73, 0xad];
  return [
    set(high, bytes, number(4), vector(0x6d)),
    set(low, both(bytes, splat(15))),
    others.map((byte) => set(first_now + byte, groupsOf(byte))),
    set(candidates, get(candidates), found, long(vector_bytes * index), 0x86, 0x84),
    others.map((byte) => set(first_before + byte, get(first_now + byte))),
  ];
}

const lookAtCandidates = block(
  loop(
    leaveIf([get(candidates), 0x50], 1),
    set(place, add(get(from), [get(candidates), 0x7a, 0xa7]), number(last), 0x6b),
    leaveIf([add(get(place), number(fingerprint_bytes)), get(end), 0x4a], 1),
    set(key, [loadWord(get(place), 0), number(folds), 0x72]),
    set(bucket, [get(key), get(factor), 0x6c, number(bucket_shift), 0x76, number(3), 0x74]),
    returnIf(isEqual(loadWord(get(bucket), keys_address), get(key)), get(place)),
    returnIf(isEqual(loadWord(get(bucket), keys_address + 4), get(key)), get(place)),
    set(candidates, get(candidates), [get(candidates), long(1), 0x7d], 0x83),
    leave(0),
  ),
);

const body: Code = [
  loadTables,
  block(
    loop(
      leaveIf([get(from), get(end), 0x4e], 1),
      set(candidates, long(0)),
      Array.from({ length: vectors_at_once }, (_, index) => lookAtVector(index)),
      lookAtCandidates,
      set(from, add(get(from), number(vector_bytes * vectors_at_once))),
      leave(0),
    ),
  ),
  number(-1),
];

/** The module: one memory, which it gives out, and one function. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  const variables = [
    [3, i32],
    [1, i64],
    [vectors, v128],
  ] as const;
  return assemble(pages, [{ name: "next", parameters: 3, variables, body }]);
}
