/**
 * The scan's WebAssembly module, put together from its instructions: no compiler is needed for one function, and nothing but
 * this text is shipped.
 *
 *     next(from, end, factor) -> place of the next fingerprint, or -1
 *
 * It looks at 64 bytes at once, 16 by 16. Of each byte the low and the high half choose from tables of 16 sets of groups: in which
 * groups it can be a first, a second, a third and a fourth byte. A place is worth a look where some group is in the sets of four
 * bytes in a row (Teddy, of Intel's Hyperscan). There the four bytes are looked up in the table of fingerprints.
 */
import { bucket_shift } from "../scan/key-table.ts";
import { fingerprint_bytes, folds } from "../scan/fingerprints.ts";

/** Where things are in its memory. The eight tables come first. */
export const keys_address = 4096;
export const window_address = 65_536;
/** The longest piece that is scanned at once, and the bytes behind it that are read and do not count. */
export const window_bytes = 65_536;
const pages = 3;

const vector_bytes = 16;
const vectors_at_once = 4;

/** Bytes of a module, nested as its parts are. */
type Code = readonly (number | Code)[];

const i32 = 0x7f;
const i64 = 0x7e;
const v128 = 0x7b;
const nothing = 0x40;

/** Variables of the function: its parameters, then its own, which are 0 at first. */
const [from, end, factor, place, key, bucket, candidates] = [0, 1, 2, 3, 4, 5, 6];
const [low, high, first_table] = [7, 8, 9];
/** The sets of the vector before, and of this one, for each byte but the last. */
const first_before = first_table + 2 * fingerprint_bytes;
const first_now = first_before + fingerprint_bytes - 1;
const vectors = first_now + fingerprint_bytes - 1 - low;

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const byte = value & 127;
  const rest = value >> 7;
  const is_last = (rest === 0 && (byte & 64) === 0) || (rest === -1 && (byte & 64) !== 0);
  return is_last ? [byte] : [byte | 128, ...signed(rest)];
}

const get = (variable: number): Code => [0x20, variable];
const set = (variable: number, ...value: Code): Code => [value, 0x21, variable];
const number = (value: number): Code => [0x41, signed(value)];
const long = (value: number): Code => [0x42, signed(value)];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const isEqual = (a: Code, b: Code): Code => [a, b, 0x46];
const loadWord = (address: Code, offset: number): Code => [address, 0x28, 0, unsigned(offset)];
const block = (...body: Code[]): Code => [0x02, nothing, body, 0x0b];
const loop = (...body: Code[]): Code => [0x03, nothing, body, 0x0b];
const leave = (depth: number): Code => [0x0c, depth];
const leaveIf = (condition: Code, depth: number): Code => [condition, 0x0d, depth];
const returnIf = (condition: Code, value: Code): Code => [
  condition,
  0x04,
  nothing,
  value,
  0x0f,
  0x0b,
];

const vector = (opcode: number): Code => [0xfd, unsigned(opcode)];
const loadVector = (address: Code, offset: number): Code => [
  address,
  vector(0x00),
  0,
  unsigned(offset),
];
const splat = (value: number): Code => [number(value), vector(0x0f)];
/** The relaxed one, since halves of bytes are below 16, where both do the same. */
const swizzle = (table: Code, halves: Code): Code => [table, halves, vector(0x100)];
const both = (a: Code, b: Code): Code => [a, b, vector(0x4e)];
/** The last bytes of one vector, and behind them the first of the next. */
const across = (before: Code, now: Code, count: number): Code => [
  before,
  now,
  vector(0x0d),
  Array.from({ length: vector_bytes }, (_, lane) => vector_bytes - count + lane),
];

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

function section(id: number, ...content: Code[]): Code {
  const bytes = flat(content);
  return [id, unsigned(bytes.length), bytes];
}

function flat(code: Code): number[] {
  return code.flatMap((each) => (typeof each === "number" ? [each] : flat(each)));
}

function named(name: string): Code {
  return [name.length, Array.from(name, (each) => each.charCodeAt(0))];
}

/** The module: one memory, which it gives out, and one function. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  const variables = [3, 3, i32, 1, i64, vectors, v128];
  const code = flat([variables, body, 0x0b]);
  return Uint8Array.from(
    flat([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [1, 0x60, 3, i32, i32, i32, 1, i32]),
      section(3, [1, 0]),
      section(5, [1, 0x00, pages]),
      section(7, [2, named("memory"), 0x02, 0, named("next"), 0x00, 0]),
      section(10, [1, unsigned(code.length), code]),
    ]),
  );
}
